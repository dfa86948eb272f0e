/* Leaves directories that nobody may enter, and links that lead out. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    mkdir("a", 0700);
    mkdir("a/b", 0700);
    if (symlink("/", "a/b/root") != 0 || symlink(given("FILE"), "a/b/file") != 0)
        exit(73);
    chmod("a/b", 0);
    chmod("a", 0);
    chmod(".", 0);
    serve(listener);
}
