/* Fills its directory. */
#include "hostile.h"

int main(int argc, char **argv)
{
    static char page[1 << 20];
    char name[32];
    bounds();
    int listener = listening(port_of(argc, argv));
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "file%d", i);
        int fd = open(name, O_CREAT | O_WRONLY, 0600);
        if (write(fd, page, sizeof page) < 0)
            break;
        close(fd);
    }
    serve(listener);
}
