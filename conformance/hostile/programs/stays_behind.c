/* Goes into the background by a double fork, and keeps the port and its output. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    if (child() == 0) {
        setsid();
        if (child() == 0)
            serve(listener);
        _exit(0);
    }
    usleep(200000);
    return 0;
}
