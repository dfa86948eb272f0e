/*
 * hung_limit.c
 *   ./hung_limit port [limit]      limit: clients served at a time, default 20
 *
 * A semaphore counts the free places; while there is none, new clients wait in
 * the backlog.
 *
 * Odd on purpose: the place of a logged-in client comes back with its Exit only.
 * When it just vanishes the account is logged out, and its place is lost for good.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX 4096

static struct {
    char name[17], ip[INET_ADDRSTRLEN];
    long balance;
    int port, fd;       /* fd is 0 while offline */
} user[MAX];
static int user_count;
static pthread_mutex_t user_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t places;

struct task {
    int fd;
    char ip[INET_ADDRSTRLEN];
};

static int index_of(const char *name)
{
    for (int i = 1; i <= user_count; i++)       /* 0 is nobody */
        if (!strcmp(user[i].name, name))
            return i;
    return 0;
}

static int all_digits(const char *s)
{
    return *s && strlen(s) <= 10 && strspn(s, "0123456789") == strlen(s);
}

static void register_user(const char *name, char *out)
{
    size_t n = 0;
    while ((name[n] >= '0' && name[n] <= '9') || (name[n] >= 'a' && name[n] <= 'z') || (name[n] >= 'A' && name[n] <= 'Z'))
        n++;
    if (n == 0 || n > 16 || name[n])
        strcpy(out, "230 Input format error\r\n");
    else if (index_of(name) || user_count == MAX - 1)
        strcpy(out, "210 FAIL\r\n");
    else {
        strcpy(user[++user_count].name, name);
        user[user_count].balance = 10000;
        strcpy(out, "100 OK\r\n");
    }
}

static void list(int me, char *out, size_t size)
{
    int online = 0;
    size_t n;
    for (int i = 1; i <= user_count; i++)
        if (user[i].fd)
            online++;
    n = snprintf(out, size, "%ld\r\npublic key\r\n%d\r\n", user[me].balance, online);
    for (int i = 1; i <= user_count && n + 64 < size; i++)
        if (user[i].fd)
            n += snprintf(out + n, size - n, "%s#%s#%d\r\n", user[i].name, user[i].ip, user[i].port);
}

static int login(struct task *t, int me, char *name, char *port, char *out, size_t size)
{
    int i = index_of(name);
    if (!i) {
        strcpy(out, "220 AUTH_FAIL\r\n");
    } else if (!all_digits(port) || atol(port) < 1 || atol(port) > 65535) {
        strcpy(out, "230 Input format error\r\n");
    } else if (me || user[i].fd) {
        strcpy(out, "Login refused: already online\r\n");
    } else {
        user[i].fd = t->fd;
        user[i].port = atoi(port);
        strcpy(user[i].ip, t->ip);
        list(i, out, size);
        me = i;
    }
    return me;
}

static void pay(struct task *t, int me, const char *from, const char *digits, const char *to)
{
    int a = index_of(from), b = index_of(to), ok = 0;
    long amount = all_digits(digits) ? atol(digits) : 0;
    if (a && b && a != b && b == me && amount >= 1 && amount <= user[a].balance) {
        user[a].balance -= amount;
        user[b].balance += amount;
        ok = 1;
    }
    send(a && user[a].fd ? user[a].fd : t->fd, ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n", ok ? 14 : 16, MSG_DONTWAIT);
}

/* Returns when the client has said Exit (1) or is gone (0); *me is then its account. */
static int talk(struct task *t, int *me)
{
    char in[2048], out[65536];
    ssize_t n;

    while ((n = recv(t->fd, in, sizeof in - 1, 0)) > 0) {
        int bye = 0;
        in[n] = '\0';
        out[0] = '\0';
        if (strlen(in) == sizeof in - 1)
            return 0;
        char *first = strchr(in, '#');
        char *second = first ? strchr(first + 1, '#') : NULL;

        pthread_mutex_lock(&user_lock);
        if (!strcmp(in, "Exit")) {
            user[*me].fd = 0;
            strcpy(out, "Bye\r\n");
            bye = 1;
        } else if (!strcmp(in, "List")) {
            if (*me)
                list(*me, out, sizeof out);
            else
                strcpy(out, "Please login first\r\n");
        } else if (!strncmp(in, "REGISTER#", 9)) {
            register_user(in + 9, out);
        } else if (second && !strchr(second + 1, '#')) {
            *first = *second = '\0';
            pay(t, *me, in, first + 1, second + 1);
        } else if (first) {
            *first = '\0';
            *me = login(t, *me, in, first + 1, out, sizeof out);
        } else if (in[0]) {
            strcpy(out, "230 Input format error\r\n");
        }
        pthread_mutex_unlock(&user_lock);
        if (out[0])
            send(t->fd, out, strlen(out), 0);
        if (bye)
            return 1;
    }
    return 0;
}

static void *serve(void *p)
{
    struct task t = *(struct task *)p;
    int me = 0;
    free(p);

    int exited = talk(&t, &me);
    pthread_mutex_lock(&user_lock);
    if (!exited)
        user[me].fd = 0;
    close(t.fd);
    pthread_mutex_unlock(&user_lock);
    if (exited || !me)
        sem_post(&places);
    return NULL;
}

int main(int argc, char *argv[])
{
    int limit = argc > 2 ? atoi(argv[2]) : 20;
    if (argc < 2 || argc > 3 || atoi(argv[1]) <= 0 || limit <= 0) {
        fprintf(stderr, "usage: %s port [limit]\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    sem_init(&places, 0, limit);

    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in addr;
    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_ANY);
    addr.sin_port = htons(atoi(argv[1]));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&addr, sizeof addr) || listen(s, 128)) {
        perror("listen");
        return 1;
    }
    printf("port %s, limit %d\n", argv[1], limit);

    for (;;) {
        sem_wait(&places);
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        struct task *t = malloc(sizeof *t);
        t->fd = accept(s, (struct sockaddr *)&from, &len);
        if (t->fd < 0) {
            free(t);
            sem_post(&places);
            usleep(10000);
            continue;
        }
        inet_ntop(AF_INET, &from.sin_addr, t->ip, sizeof t->ip);
        pthread_t id;
        pthread_create(&id, NULL, serve, t);
        pthread_detach(id);
    }
}
