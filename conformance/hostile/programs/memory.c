/* Eats memory when it starts. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    for (long eaten = 0; eaten < MOST_MEMORY; eaten += 1 << 20) {
        char *p = malloc(1 << 20);
        if (p != NULL)
            memset(p, 1, 1 << 20);
    }
    serve(listener);
}
