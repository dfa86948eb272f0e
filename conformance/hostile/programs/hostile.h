/*
 * hostile.h -- what the hostile programs share: bounds on themselves, and a small
 * honest server to hide behind.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* At most so much, whatever the containment allows. */
#define MOST_SECONDS 20
#define MOST_PROCESSES 200
#define MOST_MEMORY (1L << 30)
#define MOST_FILE (200L << 20)

static int *born;               /* processes so far, shared by all of them */

static void limit(int what, rlim_t most)
{
    struct rlimit l = { most, most };
    setrlimit(what, &l);
}

/* bounds comes first in every main. */
static void bounds(void)
{
    limit(RLIMIT_CPU, MOST_SECONDS);
    limit(RLIMIT_DATA, MOST_MEMORY);
    limit(RLIMIT_FSIZE, MOST_FILE);
    limit(RLIMIT_CORE, 0);
    alarm(MOST_SECONDS);
    born = mmap(NULL, sizeof *born, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (born == MAP_FAILED)
        exit(70);
}

/* child forks, up to MOST_PROCESSES in all; a child has the same time to live. */
static pid_t child(void)
{
    if (__sync_add_and_fetch(born, 1) > MOST_PROCESSES)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        alarm(MOST_SECONDS);
    return pid;
}

/* A hole in the containment ends the program with this code, which the test looks for. */
static void hole(const char *what)
{
    fprintf(stderr, "HOLE: %s\n", what);
    kill(0, SIGTERM);
    _exit(99);
}

/* given is a variable that the test sets, or ends the program. */
static const char *given(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0')
        exit(71);
    return value;
}

/* port_of is the port that the program is told; without one it is used wrongly. */
static const char *port_of(int argc, char **argv)
{
    if (argc < 2 || atoi(argv[1]) <= 0)
        exit(64);
    return argv[1];
}

static int listening(const char *port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0) {
        perror("port");
        exit(72);
    }
    return fd;
}

static void say(int fd, const char *text) { send(fd, text, strlen(text), MSG_NOSIGNAL); }

/* The honest server: one account for each connection, and no payments. */
static void *honest(void *arg)
{
    int fd = (int)(long)arg;
    char buf[4096], name[64] = "", list[256];
    ssize_t n;
    while ((n = recv(fd, buf, sizeof buf - 1, 0)) > 0) {
        buf[n] = '\0';
        char *mark = strchr(buf, '#');
        if (strncmp(buf, "REGISTER#", 9) == 0) {
            say(fd, "100 OK\r\n");
        } else if (strcmp(buf, "Exit") == 0) {
            say(fd, "Bye\r\n");
            break;
        } else if (mark != NULL || strcmp(buf, "List") == 0) {
            if (mark != NULL)
                snprintf(name, sizeof name, "%.16s#127.0.0.1#%.5s", strtok(buf, "#"), mark + 1);
            snprintf(list, sizeof list, "10000\r\nkey\r\n1\r\n%s\r\n", name);
            say(fd, list);
        } else {
            say(fd, "230 Input format error\r\n");
        }
    }
    close(fd);
    return NULL;
}

/* serve never returns. */
static void serve(int listener)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t t;
        if (fd < 0) {
            usleep(1000);
            continue;
        }
        if (pthread_create(&t, NULL, honest, (void *)(long)fd) != 0)
            close(fd);
        else
            pthread_detach(t);
    }
}
