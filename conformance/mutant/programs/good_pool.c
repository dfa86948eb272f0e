/*
 * good_pool.c -- server of the P2P payment system
 *
 * Run: ./good_pool PORT [LIMIT]
 *
 * LIMIT worker threads (32 if it is not given) share the listening socket. Each
 * takes one client at a time and keeps it until it leaves; who comes later waits
 * in the backlog, in order of arrival.
 *
 * Odd on purpose: nothing that can be seen. It takes what one recv() returns for
 * one request and knows no line end, as nearly everybody's server does.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER 4096
#define START_MONEY 10000
#define MAX_AMOUNT 2147483647L

typedef struct Account {
    char name[17];
    long balance;
    int sock;                   /* 0: offline (0 is stdin, never a client) */
    char where[40];             /* "address#port" as it stands in the list */
    struct Account *next;
} Account;

static Account *accounts;       /* newest first */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int listener;

static Account *by_name(const char *name)
{
    Account *a = accounts;
    while (a && strcmp(a->name, name) != 0)
        a = a->next;
    return a;
}

/* Reads a decimal number from 1 to max; 0 if the text is anything else. */
static long to_number(const char *text, long max)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 10 || text[digits] != '\0')
        return 0;
    long value = atol(text);
    return value <= max ? value : 0;
}

static bool valid_name(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++)
        if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9')))
            return false;
    return n >= 1 && n <= 16;
}

static void reply(int sock, const char *line)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%s\r\n", line);
    send(sock, text, n, 0);
}

/* Called with the mutex held; the caller frees the text. */
static char *make_list(const Account *me)
{
    int online = 0;
    for (Account *a = accounts; a; a = a->next)
        online += a->sock != 0;
    char *text = malloc(128 + (size_t)online * 64);
    char *p = text + sprintf(text, "%ld\r\npublic key\r\n%d\r\n", me->balance, online);
    for (Account *a = accounts; a; a = a->next)
        if (a->sock)
            p += sprintf(p, "%s#%s\r\n", a->name, a->where);
    return text;
}

static const char *do_register(const char *name)
{
    if (!valid_name(name))
        return "230 Input format error";
    if (by_name(name))
        return "210 FAIL";
    Account *a = calloc(1, sizeof *a);
    strcpy(a->name, name);
    a->balance = START_MONEY;
    a->next = accounts;
    accounts = a;
    return "100 OK";
}

static void do_pay(int sock, Account *me, const char *from, const char *amount, const char *to)
{
    Account *payer = by_name(from);
    Account *payee = by_name(to);
    long n = to_number(amount, MAX_AMOUNT);
    bool ok = me && payer && payee == me && payer != payee && n > 0 && n <= payer->balance;
    if (ok) {
        payer->balance -= n;
        payee->balance += n;
    }
    const char *text = ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
    /* without waiting: the mutex is held */
    send(payer && payer->sock ? payer->sock : sock, text, strlen(text), MSG_DONTWAIT);
}

static void serve(int sock, const char *ip)
{
    char buf[BUFFER];
    Account *me = NULL;
    bool stay = true;

    while (stay) {
        ssize_t n = recv(sock, buf, sizeof buf - 1, 0);
        if (n <= 0)
            break;
        buf[n] = '\0';
        if (buf[0] == '\0')
            continue;

        const char *line = NULL;
        char *list = NULL;
        char *first = strchr(buf, '#');
        char *second = first ? strchr(first + 1, '#') : NULL;

        pthread_mutex_lock(&mutex);
        if (strlen(buf) == sizeof buf - 1) {
            line = "230 Input format error";
            stay = false;
        } else if (strncmp(buf, "REGISTER#", 9) == 0) {
            line = do_register(buf + 9);
        } else if (strcmp(buf, "List") == 0) {
            if (me)
                list = make_list(me);
            else
                line = "Please login first";
        } else if (strcmp(buf, "Exit") == 0) {
            if (me)
                me->sock = 0;
            me = NULL;
            line = "Bye";
            stay = false;
        } else if (second && !strchr(second + 1, '#')) {
            *first = *second = '\0';
            do_pay(sock, me, buf, first + 1, second + 1);
        } else if (first) {
            *first = '\0';
            Account *a = by_name(buf);
            long port = to_number(first + 1, 65535);
            if (!a)
                line = "220 AUTH_FAIL";
            else if (port == 0)
                line = "230 Input format error";
            else if (me || a->sock)
                line = "Already logged in";
            else {
                me = a;
                me->sock = sock;
                snprintf(me->where, sizeof me->where, "%s#%ld", ip, port);
                list = make_list(me);
            }
        } else {
            line = "230 Input format error";
        }
        pthread_mutex_unlock(&mutex);

        if (list)
            send(sock, list, strlen(list), 0);
        else if (line)
            reply(sock, line);
        free(list);
    }

    pthread_mutex_lock(&mutex);
    if (me)
        me->sock = 0;
    close(sock);
    pthread_mutex_unlock(&mutex);
}

static void *worker(void *arg)
{
    (void)arg;
    while (1) {
        struct sockaddr_in peer;
        socklen_t len = sizeof peer;
        char ip[INET_ADDRSTRLEN];
        int sock = accept(listener, (struct sockaddr *)&peer, &len);
        if (sock < 0) {
            usleep(10000);
            continue;
        }
        inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
        serve(sock, ip);
    }
    return NULL;
}

int main(int argc, char *argv[])
{
    int limit = argc == 3 ? atoi(argv[2]) : 32;
    int port = argc == 2 || argc == 3 ? atoi(argv[1]) : 0;
    if (port < 1 || port > 65535 || limit < 1 || limit > 1000) {
        fprintf(stderr, "Usage: %s PORT [LIMIT]\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    listener = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in addr = { 0 };
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = INADDR_ANY;
    addr.sin_port = htons(port);
    if (bind(listener, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(listener, 128) < 0) {
        perror("listen");
        return 1;
    }
    printf("Port %d, at most %d clients at a time\n", port, limit);
    fflush(stdout);

    pthread_t thread;
    for (int i = 0; i < limit; i++)
        if (pthread_create(&thread, NULL, worker, NULL) != 0) {
            perror("pthread_create");
            return 1;
        }
    pthread_join(thread, NULL);
    return 0;
}
