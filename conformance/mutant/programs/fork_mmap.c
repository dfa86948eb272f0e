/*
 * fork_mmap.c - a process for every client, the accounts in shared memory.
 *
 *     ./fork_mmap port
 *
 * Odd on purpose: it forks. A child cannot write to the client of another child,
 * so the result of a payment goes to the payee, who sent it.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX 4096

typedef struct {
    char name[17];
    char ip[INET_ADDRSTRLEN];
    int port;
    long balance;
    pid_t child;                /* serves its client; 0 when offline */
} account_t;

typedef struct {
    pthread_mutex_t lock;
    int count;
    account_t account[MAX];
} bank_t;

static bank_t *bank;            /* shared by all processes */
static int client;              /* socket of this process */
static char client_ip[INET_ADDRSTRLEN];

static void reply(const char *text)
{
    send(client, text, strlen(text), 0);
}

static account_t *find(const char *name)
{
    for (int i = 0; i < bank->count; i++)
        if (strcmp(bank->account[i].name, name) == 0)
            return &bank->account[i];
    return NULL;
}

static account_t *mine(void)
{
    pid_t me = getpid();
    for (int i = 0; i < bank->count; i++)
        if (bank->account[i].child == me)
            return &bank->account[i];
    return NULL;
}

static char *list(account_t *me)
{
    int online = 0;
    for (int i = 0; i < bank->count; i++)
        online += bank->account[i].child != 0;
    char *text = malloc(128 + online * 64), *p = text;
    p += sprintf(p, "%ld\r\npublic key\r\n%d\r\n", me->balance, online);
    for (int i = 0; i < bank->count; i++) {
        account_t *a = &bank->account[i];
        if (a->child)
            p += sprintf(p, "%s#%s#%d\r\n", a->name, a->ip, a->port);
    }
    return text;
}

static int digits(const char *s)
{
    return s[0] && strlen(s) <= 10 && s[strspn(s, "0123456789")] == '\0';
}

static const char *do_register(const char *name)
{
    size_t len = 0;
    for (const char *p = name; *p; p++, len++)
        if ((*p < '0' || *p > '9') && (*p < 'A' || *p > 'Z') && (*p < 'a' || *p > 'z'))
            return "230 Input format error\r\n";
    if (len < 1 || len > 16)
        return "230 Input format error\r\n";
    if (find(name) || bank->count == MAX)
        return "210 FAIL\r\n";
    account_t *a = &bank->account[bank->count];
    strcpy(a->name, name);
    a->balance = 10000;
    a->child = 0;
    bank->count++;
    return "100 OK\r\n";
}

static const char *do_login(const char *name, const char *port)
{
    account_t *a = find(name), *old = mine();
    if (!a)
        return "220 AUTH_FAIL\r\n";
    if (!digits(port) || atol(port) < 1 || atol(port) > 65535)
        return "230 Input format error\r\n";
    if (old)
        old->child = 0;
    a->child = getpid();        /* takes over from whoever had it */
    a->port = atoi(port);
    strcpy(a->ip, client_ip);
    return NULL;
}

static const char *do_payment(const char *from, const char *amount, const char *to)
{
    account_t *payer = find(from), *payee = find(to);
    long n = digits(amount) ? atol(amount) : 0;
    if (!payer || !payee || payer == payee || payee->child != getpid() || n < 1 || n > payer->balance)
        return "Transfer Fail!\r\n";
    payer->balance -= n;
    payee->balance += n;
    return "Transfer OK!\r\n";
}

static void serve(void)
{
    char in[4096], *first, *second;
    ssize_t n;
    int over = 0;

    while (!over && (n = recv(client, in, sizeof in - 1, 0)) > 0) {
        const char *text = NULL;
        char *listing = NULL;
        account_t *me;
        in[n] = '\0';
        if (strlen(in) == sizeof in - 1)
            break;
        first = strchr(in, '#');
        second = first ? strchr(first + 1, '#') : NULL;

        pthread_mutex_lock(&bank->lock);
        me = mine();
        if (strncmp(in, "REGISTER#", 9) == 0) {
            text = do_register(in + 9);
        } else if (strcmp(in, "List") == 0) {
            if (me)
                listing = list(me);
            else
                text = "Please login first\r\n";
        } else if (strcmp(in, "Exit") == 0) {
            if (me)
                me->child = 0;
            text = "Bye\r\n";
            over = 1;
        } else if (second && !strchr(second + 1, '#')) {
            *first = *second = '\0';
            text = do_payment(in, first + 1, second + 1);
        } else if (first) {
            *first = '\0';
            text = do_login(in, first + 1);
            if (!text)
                listing = list(mine());
        } else if (in[0]) {
            text = "230 Input format error\r\n";
        }
        pthread_mutex_unlock(&bank->lock);

        if (listing)
            reply(listing);
        else if (text)
            reply(text);
        free(listing);
    }
    pthread_mutex_lock(&bank->lock);
    account_t *me = mine();
    if (me)
        me->child = 0;
    pthread_mutex_unlock(&bank->lock);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s port\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);   /* children are buried by the kernel */

    bank = mmap(NULL, sizeof *bank, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (bank == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    pthread_mutexattr_t shared;
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&bank->lock, &shared);

    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in addr = { 0 };
    addr.sin_family = AF_INET;
    addr.sin_port = htons(atoi(argv[1]));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(s, 128) < 0) {
        perror("listen");
        return 1;
    }
    pid_t parent = getpid();
    for (;;) {
        struct sockaddr_in peer;
        socklen_t len = sizeof peer;
        client = accept(s, (struct sockaddr *)&peer, &len);
        if (client < 0) {
            usleep(10000);
            continue;
        }
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM);   /* Ctrl-C on the parent ends all */
            close(s);
            inet_ntop(AF_INET, &peer.sin_addr, client_ip, sizeof client_ip);
            if (getppid() == parent)
                serve();
            exit(0);
        }
        close(client);
    }
}
