/* Makes files and directories without end. */
#include "hostile.h"

int main(int argc, char **argv)
{
    char name[32];
    bounds();
    int listener = listening(port_of(argc, argv));
    for (int i = 0; i < 30000; i++) {
        snprintf(name, sizeof name, "d%d", i);
        mkdir(name, 0700);
    }
    serve(listener);
}
