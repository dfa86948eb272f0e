/* Sends without end, lines that look like a list. */
#include "hostile.h"

static void *pours(void *arg)
{
    for (long n = 0; n < MOST_FILE; n += 22)
        if (send((int)(long)arg, "x#127.0.0.1#5001\r\n1\r\n\r\n", 22, MSG_NOSIGNAL) < 0)
            break;
    close((int)(long)arg);
    return NULL;
}

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    for (;;) {
        pthread_t t;
        int fd = accept(listener, NULL, NULL);
        pthread_create(&t, NULL, pours, (void *)(long)fd);
    }
}
