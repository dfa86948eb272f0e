/* Prints without end. */
#include "hostile.h"

static void *prints(void *arg)
{
    static char page[65536];
    memset(page, 'x', sizeof page);
    for (long n = 0; n < MOST_FILE; n += sizeof page)
        if (write(1, page, sizeof page) < 0)
            break;
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t t;
    bounds();
    int listener = listening(port_of(argc, argv));
    pthread_create(&t, NULL, prints, NULL);
    serve(listener);
}
