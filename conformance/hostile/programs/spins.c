/* Twenty threads that compute without end. */
#include "hostile.h"

static void *spins(void *arg)
{
    for (volatile long n = 0;; n++)
        ;
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t t;
    bounds();
    int listener = listening(port_of(argc, argv));
    for (int i = 0; i < 20; i++)
        pthread_create(&t, NULL, spins, NULL);
    serve(listener);
}
