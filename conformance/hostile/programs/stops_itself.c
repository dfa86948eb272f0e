/* Stops itself when the first client comes. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    accept(listener, NULL, NULL);
    raise(SIGSTOP);
    serve(listener);
}
