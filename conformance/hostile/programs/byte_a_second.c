/* Sends one byte a second, whatever is asked. */
#include "hostile.h"

static void *trickles(void *arg)
{
    for (int i = 0; i < MOST_SECONDS; i++, sleep(1))
        say((int)(long)arg, "1");
    return NULL;
}

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    for (;;) {
        pthread_t t;
        int fd = accept(listener, NULL, NULL);
        pthread_create(&t, NULL, trickles, (void *)(long)fd);
    }
}
