/*
 * glued_notice.c
 * usage: ./glued_notice <port>
 *
 * A thread for each client; all accounts in one array under one lock.
 *
 * Odd on purpose: the payer is not told of a payment when it happens. The text
 * is kept, and stands at the end of the payer's next list, in the same write,
 * without a line end.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PEOPLE 4096

struct Person {
    char name[17];
    int money;
    int online;
    char ip[INET_ADDRSTRLEN];
    int port;
    char notice[64];            /* goes out with the next list */
};

static struct Person people[MAX_PEOPLE];
static int howMany = 0;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int whoIs(const char *name)
{
    for (int i = 0; i < howMany; i++)
        if (strcmp(people[i].name, name) == 0)
            return i;
    return -1;
}

static int number(const char *s)
{
    size_t n = strlen(s);
    if (n == 0 || n > 10 || strspn(s, "0123456789") != n)
        return 0;
    return atoll(s) <= 2147483647 ? (int)atoll(s) : 0;
}

static int onlyLettersAndDigits(const char *s)
{
    while ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9'))
        s++;
    return *s == '\0';
}

static char *list(int me)
{
    int n = 0;
    char *text = malloc(256 + 64 * (size_t)howMany), *end = text;
    for (int i = 0; i < howMany; i++)
        n += people[i].online;
    end += sprintf(end, "%d\r\npublic key\r\n%d\r\n", people[me].money, n);
    for (int i = 0; i < howMany; i++)
        if (people[i].online)
            end += sprintf(end, "%s#%s#%d\r\n", people[i].name, people[i].ip, people[i].port);
    strcpy(end, people[me].notice);
    people[me].notice[0] = '\0';
    return text;
}

static const char *registration(const char *name)
{
    if (!onlyLettersAndDigits(name) || strlen(name) < 1 || strlen(name) > 16)
        return "230 Input format error\r\n";
    if (whoIs(name) >= 0 || howMany == MAX_PEOPLE)
        return "210 FAIL\r\n";
    struct Person *p = &people[howMany++];
    memset(p, 0, sizeof *p);
    strcpy(p->name, name);
    p->money = 10000;
    return "100 OK\r\n";
}

static const char *payment(int me, const char *a, const char *sum, const char *b)
{
    int payer = whoIs(a), payee = whoIs(b), n = number(sum);
    int ok = 0;
    if (payer >= 0 && payee >= 0 && payer != payee && payee == me && n > 0 && n <= people[payer].money
        && people[payee].money <= 2147483647 - n) {
        people[payer].money -= n;
        people[payee].money += n;
        ok = 1;
    }
    if (payer < 0 || !people[payer].online)     /* nobody to keep it for: the sender hears */
        return ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
    const char *text = ok ? "Transfer OK!" : "Transfer Fail!";
    if (strlen(people[payer].notice) + strlen(text) < sizeof people[payer].notice)
        strcat(people[payer].notice, text);
    return NULL;
}

static const char *login(int *me, const char *ip, const char *name, const char *port)
{
    int who = whoIs(name), p = number(port);
    if (who < 0)
        return "220 AUTH_FAIL\r\n";
    if (p < 1 || p > 65535)
        return "230 Input format error\r\n";
    if (*me >= 0 || people[who].online)
        return "You cannot log in twice\r\n";
    people[who].online = 1;
    people[who].port = p;
    strcpy(people[who].ip, ip);
    *me = who;
    return NULL;
}

struct Start {
    int socket;
    char ip[INET_ADDRSTRLEN];
};

static void *serve(void *arg)
{
    struct Start s = *(struct Start *)arg;
    int me = -1, bye = 0;
    char in[2048];
    ssize_t n;
    free(arg);

    while (!bye && (n = recv(s.socket, in, sizeof in - 1, 0)) > 0) {
        const char *line = NULL;
        char *long_text = NULL;
        in[n] = '\0';
        if (strlen(in) == sizeof in - 1)
            break;
        char *x = strchr(in, '#'), *y = x ? strchr(x + 1, '#') : NULL;

        pthread_mutex_lock(&lock);
        if (!strcmp(in, "List")) {
            if (me >= 0)
                long_text = list(me);
            else
                line = "Please login first\r\n";
        } else if (!strcmp(in, "Exit")) {
            if (me >= 0)
                people[me].online = 0;
            me = -1;
            bye = 1;
            line = "Bye\r\n";
        } else if (!strncmp(in, "REGISTER#", 9)) {
            line = registration(in + 9);
        } else if (y && !strchr(y + 1, '#')) {
            *x = *y = '\0';
            line = payment(me, in, x + 1, y + 1);
        } else if (x) {
            *x = '\0';
            line = login(&me, s.ip, in, x + 1);
            if (line == NULL)
                long_text = list(me);
        } else if (in[0]) {
            line = "230 Input format error\r\n";
        }
        pthread_mutex_unlock(&lock);

        if (long_text)
            send(s.socket, long_text, strlen(long_text), 0);
        else if (line)
            send(s.socket, line, strlen(line), 0);
        free(long_text);
    }
    pthread_mutex_lock(&lock);
    if (me >= 0)
        people[me].online = 0;
    close(s.socket);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s <port>\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])) };
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, 128) < 0) {
        perror("server");
        return 1;
    }
    while (1) {
        struct sockaddr_in peer;
        socklen_t len = sizeof peer;
        struct Start *s = malloc(sizeof *s);
        s->socket = accept(fd, (struct sockaddr *)&peer, &len);
        if (s->socket < 0) {
            free(s);
            usleep(10000);
            continue;
        }
        inet_ntop(AF_INET, &peer.sin_addr, s->ip, sizeof s->ip);
        pthread_t t;
        pthread_create(&t, NULL, serve, s);
        pthread_detach(t);
    }
}
