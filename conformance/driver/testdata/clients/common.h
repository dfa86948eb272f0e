// What every client here needs: a connection, a port to be paid at, an entry of a list.
// How each of them talks to its user and frames its requests is its own.
#ifndef COMMON_H
#define COMMON_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int dial(const char *ip, int port) {
    struct sockaddr_in to;
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, ip, &to.sin_addr) != 1 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("connect");
        close(fd);
        return -1;
    }
    return fd;
}

static inline int open_port(int port) {
    struct sockaddr_in at;
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_ANY);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 10) < 0) {
        perror("bind");
        close(fd);
        return -1;
    }
    return fd;
}

// find looks a name up in a list: name#ip#port at the beginning of a line.
static inline int find(const char *list, const char *name, char ip[64], int *port) {
    size_t n = strlen(name);
    for (const char *line = list; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : 0)
        if (!strncmp(line, name, n) && line[n] == '#' && sscanf(line + n, "#%63[^#]#%d", ip, port) == 2)
            return 1;
    return 0;
}

// entry gives the entry of a list at a place, counted from 0.
static inline int entry(const char *list, int place, char name[64], char ip[64], int *port) {
    for (const char *line = list; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : 0)
        if (sscanf(line, "%63[^#\r\n]#%63[^#]#%d", name, ip, port) == 3 && place-- == 0)
            return 1;
    return 0;
}

struct payee {
    int port_fd, server;
};

// be_paid sends on to the server what peers send, from a thread of its own.
static inline void *be_paid(void *arg) {
    struct payee own = *(struct payee *)arg;
    char text[256];
    for (;;) {
        int peer = accept(own.port_fd, NULL, NULL);
        if (peer < 0)
            return NULL;
        ssize_t n = recv(peer, text, sizeof text - 1, 0);
        if (n > 0) {
            send(own.server, text, n, MSG_NOSIGNAL);
            text[n] = 0;
            printf("[paid] %s\n", text);
            fflush(stdout);
        }
        close(peer);
    }
}

static inline int serve_peers(int port, int server) {
    static struct payee own;
    pthread_t thread;
    own.server = server;
    own.port_fd = open_port(port);
    if (own.port_fd < 0)
        return 0;
    pthread_create(&thread, NULL, be_paid, &own);
    pthread_detach(thread);
    return 1;
}

#endif
