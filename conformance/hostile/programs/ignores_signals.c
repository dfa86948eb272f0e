/* Ignores every signal that it can. */
#include "hostile.h"

int main(int argc, char **argv)
{
    bounds();
    for (int i = 1; i < 32; i++)
        if (i != SIGALRM && i != SIGXCPU && i != SIGSEGV)
            signal(i, SIG_IGN);
    serve(listening(port_of(argc, argv)));
}
