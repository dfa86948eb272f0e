/*
 * sigpipe.c: micropayment server, a thread for each client.
 * Usage: ./sigpipe <port>
 *
 * Odd on purpose: SIGPIPE keeps its default. A list goes out line by line, and
 * the second write to a client that has gone in the meantime ends the program.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_USER 4096

typedef struct {
    int sock;
    pthread_mutex_t writing;    /* keeps a notice out of the middle of a list */
    char ip[INET_ADDRSTRLEN];
} Client;

typedef struct {
    char name[17];
    long balance;
    Client *client;             /* NULL: offline */
    char address[INET_ADDRSTRLEN];
    int port;
} User;

User user[MAX_USER];
int users = 0;
pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

User *get_user(const char *name)
{
    for (int i = 0; i < users; i++)
        if (!strcmp(user[i].name, name))
            return user + i;
    return NULL;
}

User *current(Client *c)
{
    for (int i = 0; i < users; i++)
        if (user[i].client == c)
            return user + i;
    return NULL;
}

void say(Client *c, const char *text)
{
    pthread_mutex_lock(&c->writing);
    send(c->sock, text, strlen(text), 0);
    pthread_mutex_unlock(&c->writing);
}

void write_line(Client *c, const char *format, ...)
{
    char line[128];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line - 2, format, args);
    va_end(args);
    memcpy(line + n, "\r\n", 2);
    send(c->sock, line, n + 2, 0);
}

/* The table is copied first, so that nobody waits while a list is written. */
void send_list(Client *c)
{
    int online = 0;
    long balance;

    pthread_mutex_lock(&table);
    User *me = current(c);
    if (!me) {
        pthread_mutex_unlock(&table);
        say(c, "Please login first\r\n");
        return;
    }
    User *seen = malloc(sizeof(User) * (users + 1));
    for (int i = 0; i < users; i++)
        if (user[i].client)
            seen[online++] = user[i];
    balance = me->balance;
    pthread_mutex_unlock(&table);

    pthread_mutex_lock(&c->writing);
    write_line(c, "%ld", balance);
    write_line(c, "public key");
    write_line(c, "%d", online);
    for (int i = 0; i < online; i++)
        write_line(c, "%s#%s#%d", seen[i].name, seen[i].address, seen[i].port);
    pthread_mutex_unlock(&c->writing);
    free(seen);
}

int is_number(const char *s)
{
    int n = 0;
    while (s[n] >= '0' && s[n] <= '9')
        n++;
    return n > 0 && n <= 10 && s[n] == '\0';
}

const char *add_user(const char *name)
{
    int len = strlen(name);
    for (int i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]))
            len = 0;
    if (len == 0 || len > 16)
        return "230 Input format error\r\n";

    const char *answer = "210 FAIL\r\n";
    pthread_mutex_lock(&table);
    if (!get_user(name) && users < MAX_USER) {
        strcpy(user[users].name, name);
        user[users].balance = 10000;
        user[users].client = NULL;
        users++;
        answer = "100 OK\r\n";
    }
    pthread_mutex_unlock(&table);
    return answer;
}

const char *login(Client *c, const char *name, const char *port)
{
    const char *trouble = NULL;
    pthread_mutex_lock(&table);
    User *u = get_user(name), *before = current(c);
    if (!u) {
        trouble = "220 AUTH_FAIL\r\n";
    } else if (!is_number(port) || atol(port) < 1 || atol(port) > 65535) {
        trouble = "230 Input format error\r\n";
    } else {
        if (before)
            before->client = NULL;
        u->client = c;
        u->port = atoi(port);
        strcpy(u->address, c->ip);
    }
    pthread_mutex_unlock(&table);
    return trouble;
}

void payment(Client *c, const char *a, const char *amount, const char *b)
{
    pthread_mutex_lock(&table);
    User *payer = get_user(a), *payee = get_user(b);
    long n = is_number(amount) ? atol(amount) : 0;
    int ok = payer && payee && payer != payee && payee->client == c && n >= 1 && n <= payer->balance;
    if (ok) {
        payer->balance -= n;
        payee->balance += n;
    }
    say(payer && payer->client ? payer->client : c, ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n");
    pthread_mutex_unlock(&table);
}

void leave(Client *c)
{
    pthread_mutex_lock(&table);
    User *u = current(c);
    if (u)
        u->client = NULL;
    pthread_mutex_unlock(&table);
}

void *serve(void *p)
{
    Client *c = p;
    char in[4096];
    ssize_t n;

    while ((n = recv(c->sock, in, sizeof in - 1, 0)) > 0) {
        in[n] = '\0';
        size_t len = strlen(in);
        if (len == 0)
            continue;
        if (len == sizeof in - 1)
            break;
        char *x = strchr(in, '#'), *y = x ? strchr(x + 1, '#') : NULL;
        if (!strncmp(in, "REGISTER#", 9)) {
            say(c, add_user(in + 9));
        } else if (!strcmp(in, "Exit")) {
            leave(c);
            say(c, "Bye\r\n");
            break;
        } else if (!strcmp(in, "List")) {
            send_list(c);
        } else if (y && !strchr(y + 1, '#')) {
            *x = *y = '\0';
            payment(c, in, x + 1, y + 1);
        } else if (x) {
            *x = '\0';
            const char *trouble = login(c, in, x + 1);
            if (trouble)
                say(c, trouble);
            else
                send_list(c);
        } else {
            say(c, "230 Input format error\r\n");
        }
    }
    leave(c);
    close(c->sock);
    pthread_mutex_destroy(&c->writing);
    free(c);
    return NULL;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in me = { 0 }, peer;
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (argc != 2) {
        printf("Usage: %s <port>\n", argv[0]);
        return 1;
    }
    me.sin_family = AF_INET;
    me.sin_port = htons(atoi(argv[1]));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (struct sockaddr *)&me, sizeof me) < 0 || listen(s, 128) < 0) {
        perror("bind");
        return 1;
    }
    while (1) {
        pthread_t t;
        socklen_t len = sizeof peer;
        int sock = accept(s, (struct sockaddr *)&peer, &len);
        if (sock < 0) {
            usleep(10000);
            continue;
        }
        Client *c = malloc(sizeof *c);
        c->sock = sock;
        pthread_mutex_init(&c->writing, NULL);
        inet_ntop(AF_INET, &peer.sin_addr, c->ip, sizeof c->ip);
        setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_create(&t, NULL, serve, c);
        pthread_detach(t);
    }
}
