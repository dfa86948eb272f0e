/* Forks without end. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    if (child() == 0)
        for (;;)
            if (child() < 0)
                pause();
    serve(listener);
}
