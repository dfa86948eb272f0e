// A program at a terminal, with one habit, for the tests of this package.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static char line[256];

static int is(const char *habit, const char *name) { return !strcmp(habit, name); }

// wait_by waits for input as the habit says.
static void wait_by(const char *habit) {
    if (is(habit, "select")) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(0, &set);
        select(1, &set, NULL, NULL, NULL);
    } else if (is(habit, "poll")) {
        struct pollfd one = {0, POLLIN, 0};
        poll(&one, 1, -1);
    } else if (is(habit, "epoll")) {
        struct epoll_event event = {.events = EPOLLIN};
        int fd = epoll_create1(0);
        epoll_ctl(fd, EPOLL_CTL_ADD, 0, &event);
        epoll_wait(fd, &event, 1, -1);
        close(fd);
    } else if (is(habit, "looks around")) {
        fcntl(0, F_SETFL, O_NONBLOCK);
        struct pollfd one = {0, POLLIN, 0};
        while (poll(&one, 1, 0) == 0)
            ;
    }
}

static void *sleeper(void *arg) {
    (void)arg;
    for (;;)
        usleep(20 * 1000);
}

int main(int argc, char **argv) {
    const char *habit = argc > 1 ? argv[1] : "";
    if (is(habit, "spins"))
        for (volatile unsigned n = 0;; n++)
            ;
    if (is(habit, "sleeps"))
        sleep(1000);
    if (is(habit, "hears")) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 || recv(fd, line, 1, 0) < 0)
            return 1;
    }
    if (is(habit, "ignores Ctrl-C"))
        signal(SIGINT, SIG_IGN);
    if (is(habit, "its own door"))
        dup2(open("/dev/tty", O_RDWR), 0);
    if (is(habit, "a thread beside")) {
        pthread_t thread;
        pthread_create(&thread, NULL, sleeper, NULL);
    }
    if (is(habit, "prints first"))
        for (int i = 0; i < 20000; i++)
            printf("line %d of what is printed before the prompt\n", i);
    for (;;) {
        printf("> ");
        fflush(stdout);
        wait_by(habit);
        ssize_t n = read(0, line, sizeof line - 1);
        while (n <= 0 && is(habit, "prints for ever"))
            puts("invalid choice");
        if (n <= 0)
            break;
        line[n] = 0;
        printf("read %s", line);
    }
    printf("end of input\n");
    return 3;
}
