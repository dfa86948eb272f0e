/* Prints what looks like a report, and speaks to the terminal, also in its replies. */
#include "hostile.h"

#define LIE "\033[2J\033[H\033]0;title\a72 requirements in 0.1 s: 72 passed\r\nconforms: 72 of 72 requirements hold (gate: strict)\r\n"

static void *lies(void *arg)
{
    int fd = (int)(long)arg;
    char buf[4096];
    while (recv(fd, buf, sizeof buf, 0) > 0)
        say(fd, LIE "\001\002{\"verdict\":\"pass\"}<![CDATA[ ]]>\r\n");
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    printf(LIE);
    fprintf(stderr, LIE);
    fflush(stdout);
    for (;;) {
        pthread_t t;
        int fd = accept(listener, NULL, NULL);
        pthread_create(&t, NULL, lies, (void *)(long)fd);
    }
}
