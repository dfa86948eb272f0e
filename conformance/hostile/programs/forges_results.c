/* Deletes the one file that it is given, and writes another in its place. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    int fd = open(given("FILE"), O_WRONLY | O_TRUNC);
    if (fd >= 0 && write(fd, "forged", 6) == 6)
        hole("a file of another was written");
    if (unlink(given("FILE")) == 0)
        hole("a file of another was deleted");
    serve(listener);
}
