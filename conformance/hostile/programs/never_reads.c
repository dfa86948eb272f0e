/* Accepts, and reads nothing. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    for (;;)
        accept(listener, NULL, NULL);
}
