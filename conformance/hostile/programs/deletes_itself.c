/* Deletes its own file and all that lies beside it. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    unlink(argv[0]);
    rename(argv[0], "gone");
    rmdir(".");
    serve(listener);
}
