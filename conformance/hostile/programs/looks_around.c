/* Looks for what whoever started it has left open, in its environment and among its files. */
#include "hostile.h"

extern char **environ;

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    for (char **e = environ; *e != NULL; e++)
        if (strstr(*e, "of-the-suite") != NULL)
            hole("the environment of the suite was handed on");
    for (int fd = 3; fd < 1024; fd++)
        if (fd != listener && fcntl(fd, F_GETFD) >= 0)
            hole("an open file of the suite was handed on");
    serve(listener);
}
