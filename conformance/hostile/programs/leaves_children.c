/* Serves, and leaves a child in a session of its own for each second that it lives. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    for (int i = 0; i < 5; i++)
        if (child() == 0) {
            setsid();
            signal(SIGTERM, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
            for (;;)
                pause();
        }
    serve(listener);
}
