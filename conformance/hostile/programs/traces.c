/* Traces the one process that it is given, and the one that started it. */
#include "hostile.h"
#include <sys/ptrace.h>

int main(int argc, char **argv)
{
    bounds();
    int listener = listening(port_of(argc, argv));
    if (ptrace(PTRACE_SEIZE, atoi(given("PID")), NULL, NULL) == 0)
        hole("another process was traced");
    if (getppid() > 0 && ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0)
        hole("whoever started it was traced");
    serve(listener);
}
