/*
 * early_list.c : payment server (threads), usage ./early_list <port>
 *
 * Odd on purpose: List does not ask whether somebody is logged in. Before a
 * login there is no account to take the balance from, and the program crashes.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAXCLIENT 4096

typedef struct Node {
    char name[17];
    long balance;
    int fd;                     /* 0 = not online */
    char ip[INET_ADDRSTRLEN];
    int port;
} Node;

static Node *nodes[MAXCLIENT];
static int node_count;
static pthread_mutex_t node_mutex = PTHREAD_MUTEX_INITIALIZER;

static Node *node_by_name(const char *name)
{
    for (int i = 0; i < node_count; ++i)
        if (strcmp(nodes[i]->name, name) == 0)
            return nodes[i];
    return NULL;
}

static void answer(int fd, const char *s)
{
    char line[100];
    sprintf(line, "%s\r\n", s);
    send(fd, line, strlen(line), 0);
}

static void answer_list(int fd, Node *me)
{
    char *text, *p;
    int online = 0;

    pthread_mutex_lock(&node_mutex);
    text = malloc(64 * (size_t)(node_count + 2));
    p = text + sprintf(text, "%ld\r\npublic key\r\n", me->balance);
    for (int i = 0; i < node_count; ++i)
        if (nodes[i]->fd)
            ++online;
    p += sprintf(p, "%d\r\n", online);
    for (int i = 0; i < node_count; ++i)
        if (nodes[i]->fd)
            p += sprintf(p, "%s#%s#%d\r\n", nodes[i]->name, nodes[i]->ip, nodes[i]->port);
    pthread_mutex_unlock(&node_mutex);

    send(fd, text, p - text, 0);
    free(text);
}

static int is_decimal(const char *s, int max_digits)
{
    int n;
    for (n = 0; s[n]; ++n)
        if (n == max_digits || s[n] < '0' || s[n] > '9')
            return 0;
    return n > 0;
}

static void request_register(int fd, const char *name)
{
    int n, done = 0;
    for (n = 0; name[n]; ++n)
        if (n == 16 || !((name[n] >= '0' && name[n] <= '9') || (name[n] >= 'A' && name[n] <= 'Z') || (name[n] >= 'a' && name[n] <= 'z')))
            break;
    if (n == 0 || name[n]) {
        answer(fd, "230 Input format error");
        return;
    }
    pthread_mutex_lock(&node_mutex);
    if (!node_by_name(name) && node_count < MAXCLIENT) {
        Node *x = calloc(1, sizeof(Node));
        strcpy(x->name, name);
        x->balance = 10000;
        nodes[node_count++] = x;
        done = 1;
    }
    pthread_mutex_unlock(&node_mutex);
    answer(fd, done ? "100 OK" : "210 FAIL");
}

static Node *request_login(int fd, const char *ip, Node *me, const char *name, const char *port)
{
    const char *error = NULL;
    pthread_mutex_lock(&node_mutex);
    Node *x = node_by_name(name);
    if (!x)
        error = "220 AUTH_FAIL";
    else if (!is_decimal(port, 5) || atoi(port) == 0 || atoi(port) > 65535)
        error = "230 Input format error";
    else if (me || x->fd)
        error = "Login refused";
    else {
        x->fd = fd;
        x->port = atoi(port);
        strcpy(x->ip, ip);
        me = x;
    }
    pthread_mutex_unlock(&node_mutex);
    if (error)
        answer(fd, error);
    else
        answer_list(fd, me);
    return me;
}

static void request_payment(int fd, Node *me, const char *from, const char *sum, const char *to)
{
    pthread_mutex_lock(&node_mutex);
    Node *a = node_by_name(from), *b = node_by_name(to);
    long n = is_decimal(sum, 10) ? atol(sum) : 0;
    const char *text = "Transfer Fail!\r\n";
    if (a && b && a != b && b == me && n > 0 && n <= 2147483647 && a->balance >= n) {
        a->balance -= n;
        b->balance += n;
        text = "Transfer OK!\r\n";
    }
    send(a && a->fd ? a->fd : fd, text, strlen(text), MSG_DONTWAIT);
    pthread_mutex_unlock(&node_mutex);
}

static void logout(Node *me)
{
    if (!me)
        return;
    pthread_mutex_lock(&node_mutex);
    me->fd = 0;
    pthread_mutex_unlock(&node_mutex);
}

struct start { int fd; char ip[INET_ADDRSTRLEN]; };

static void *client_thread(void *arg)
{
    struct start c = *(struct start *)arg;
    char in[2048];
    Node *me = NULL;
    free(arg);

    for (;;) {
        ssize_t n = recv(c.fd, in, sizeof in - 1, 0);
        if (n <= 0)
            break;
        in[n] = '\0';
        if (strlen(in) == sizeof in - 1)
            break;
        char *a = strchr(in, '#');
        char *b = a ? strchr(a + 1, '#') : NULL;
        if (!strcmp(in, "List")) {
            answer_list(c.fd, me);
        } else if (!strcmp(in, "Exit")) {
            logout(me);
            me = NULL;
            answer(c.fd, "Bye");
            break;
        } else if (!strncmp(in, "REGISTER#", 9)) {
            request_register(c.fd, in + 9);
        } else if (b && !strchr(b + 1, '#')) {
            *a = *b = '\0';
            request_payment(c.fd, me, in, a + 1, b + 1);
        } else if (a) {
            *a = '\0';
            me = request_login(c.fd, c.ip, me, in, a + 1);
        } else if (in[0]) {
            answer(c.fd, "230 Input format error");
        }
    }
    logout(me);
    close(c.fd);
    return NULL;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in addr, from;
    socklen_t len;
    int s, on = 1;

    if (argc != 2) {
        fprintf(stderr, "Usage: %s <port>\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = INADDR_ANY;
    addr.sin_port = htons(atoi(argv[1]));
    if (bind(s, (struct sockaddr *)&addr, sizeof addr) == -1 || listen(s, 128) == -1) {
        perror("Server");
        return 1;
    }
    for (;;) {
        pthread_t t;
        struct start *c = malloc(sizeof *c);
        len = sizeof from;
        c->fd = accept(s, (struct sockaddr *)&from, &len);
        if (c->fd == -1) {
            free(c);
            usleep(10000);
            continue;
        }
        inet_ntop(AF_INET, &from.sin_addr, c->ip, sizeof c->ip);
        pthread_create(&t, NULL, client_thread, c);
        pthread_detach(t);
    }
}
