/*
 * A thread for each connection, in the manner of the course's own server.
 *
 *   ./course_manner <port> -d|-s|-a
 *      -d  register, login, exit     -s  the lists as well     -a  every message
 *
 * Odd on purpose: lines end in LF; Exit is not answered, only closed; the money
 * of the payer is never looked at; what recv() returned is never looked at, so a
 * client that is gone is answered until SIGPIPE ends the program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_USERS 4096
#define NAME_LEN 16

struct user {
    char name[NAME_LEN + 1];
    long balance;
    int  fd;                    /* connection that is logged in, -1 = offline */
    int  port;
    char ip[INET_ADDRSTRLEN];
};

struct client {
    int  fd;
    char ip[INET_ADDRSTRLEN];
};

static struct user users[MAX_USERS];
static int userCount = 0;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char mode;

static struct user *findUser(const char *name)
{
    for (int i = 0; i < userCount; i++)
        if (strcmp(users[i].name, name) == 0)
            return &users[i];
    return NULL;
}

static struct user *whoIs(int fd)
{
    for (int i = 0; i < userCount; i++)
        if (users[i].fd == fd)
            return &users[i];
    return NULL;
}

static int goodName(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return n >= 1 && n <= NAME_LEN && s[n] == '\0';
}

static void makeList(struct user *me, char *out, size_t room)
{
    int online = 0, at;
    for (int i = 0; i < userCount; i++)
        online += users[i].fd >= 0;
    at = snprintf(out, room, "%ld\npublic key\n%d\n", me->balance, online);
    for (int i = 0; i < userCount && at < (int)room - 64; i++)
        if (users[i].fd >= 0)
            at += snprintf(out + at, room - at, "%s#%s#%d\n", users[i].name, users[i].ip, users[i].port);
    if (mode != 'd')
        printf("%s", out);
}

static void doRegister(const char *name, char *out)
{
    if (!goodName(name)) {
        strcpy(out, "230 Input format error\n");
    } else if (findUser(name) != NULL || userCount == MAX_USERS) {
        strcpy(out, "210 FAIL\n");
    } else {
        struct user *u = &users[userCount++];
        strcpy(u->name, name);
        u->balance = 10000;
        u->fd = -1;
        strcpy(out, "100 OK\n");
        printf("%s registers\n", name);
    }
}

static void doLogin(struct client *c, const char *name, const char *port, char *out, size_t room)
{
    struct user *u = findUser(name), *before = whoIs(c->fd);
    char *end;
    long p = strtol(port, &end, 10);

    if (u == NULL) {
        strcpy(out, "220 AUTH_FAIL\n");
    } else if (port[0] < '0' || port[0] > '9' || *end != '\0' || p < 1 || p > 65535) {
        strcpy(out, "230 Input format error\n");
    } else {
        if (before != NULL)
            before->fd = -1;
        u->fd = c->fd;          /* a second login takes over */
        u->port = (int)p;
        strcpy(u->ip, c->ip);
        printf("%s logs in from %s, port %ld\n", name, c->ip, p);
        makeList(u, out, room);
    }
}

static void doPay(int fd, const char *from, const char *amount, const char *to)
{
    struct user *payer = findUser(from), *payee = findUser(to);
    const char *text = "Transfer Fail!\n";
    int tell = payer != NULL && payer->fd >= 0 ? payer->fd : fd;
    char *end;
    long n;

    errno = 0;
    n = strtol(amount, &end, 10);
    if (payer && payee && payee->fd == fd && strchr("-0123456789", *amount) && end != amount && *end == '\0' && errno == 0 && n >= INT_MIN && n <= INT_MAX) {
        payer->balance -= n;
        payee->balance += n;
        text = "Transfer OK!\n";
    }
    send(tell, text, strlen(text), MSG_DONTWAIT);
}

static void *serve(void *arg)
{
    struct client c = *(struct client *)arg;
    char in[2048], copy[2048], out[65536];
    struct user *me;

    free(arg);
    for (;;) {
        memset(in, 0, sizeof in);
        recv(c.fd, in, sizeof in - 1, 0);
        if (mode == 'a')
            printf("from %s: %s\n", c.ip, in);
        strcpy(copy, in);
        out[0] = '\0';

        char *a = strchr(copy, '#'), *b = a ? strchr(a + 1, '#') : NULL;
        if (a) *a++ = '\0';

        pthread_mutex_lock(&lock);
        me = whoIs(c.fd);
        if (strcmp(in, "List") == 0) {
            if (me == NULL)
                strcpy(out, "Please login first\n");
            else
                makeList(me, out, sizeof out);
        } else if (strcmp(in, "Exit") == 0) {
            if (me != NULL) {
                me->fd = -1;
                printf("%s exits\n", me->name);
            }
            pthread_mutex_unlock(&lock);
            break;
        } else if (a && strcmp(copy, "REGISTER") == 0) {
            doRegister(a, out);
        } else if (b && strchr(b + 1, '#') == NULL) {
            *b++ = '\0';
            doPay(c.fd, copy, a, b);
        } else if (a && !b) {
            doLogin(&c, copy, a, out, sizeof out);
        } else {
            strcpy(out, "230 Input format error\n");
        }
        pthread_mutex_unlock(&lock);

        send(c.fd, out, strlen(out), 0);
        fflush(stdout);
    }
    close(c.fd);
    fflush(stdout);
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc != 3 || argv[2][0] != '-' || argv[2][1] == '\0' || !strchr("dsa", argv[2][1])) {
        fprintf(stderr, "usage: %s <port> -d|-s|-a\n", argv[0]);
        return 1;
    }
    mode = argv[2][1];

    int s = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(s, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(s, 128) < 0) {
        perror("server");
        return 1;
    }
    printf("server listens on port %s\n", argv[1]);
    fflush(stdout);

    for (;;) {
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        pthread_t t;
        struct client *c = malloc(sizeof *c);
        c->fd = accept(s, (struct sockaddr *)&from, &len);
        if (c->fd < 0) {
            free(c);
            usleep(10000);
            continue;
        }
        inet_ntop(AF_INET, &from.sin_addr, c->ip, sizeof c->ip);
        if (pthread_create(&t, NULL, serve, c) != 0) {
            close(c->fd);
            free(c);
        } else {
            pthread_detach(t);
        }
    }
}
