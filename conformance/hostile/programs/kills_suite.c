/* Signals the one process that it is given. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    if (kill(atoi(given("PID")), SIGTERM) == 0)
        hole("a signal reached another process");
    serve(listener);
}
