/* Reads the files of the one process that it is given. */
#include "hostile.h"

int main(int argc, char **argv)
{
    static const char *files[] = { "environ", "mem", "maps", "fd/0", "fd/3", "cwd/x", "root/etc/shadow" };
    char path[128], byte;
    bounds();
    int listener = listening(port_of(argc, argv));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", atoi(given("PID")), files[i]);
        int fd = open(path, O_RDONLY);
        if (fd >= 0 && read(fd, &byte, 1) == 1)
            hole(path);
    }
    if (access(given("SECRET"), R_OK) == 0)
        hole("a file that is closed to others was read");
    serve(listener);
}
