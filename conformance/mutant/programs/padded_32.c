/* P2P payment: server side.  ./padded_32 <port>
 *
 * Odd on purpose: each short reply is a char[32] and goes out whole, with all
 * the zeros after the line. Lists have their true length. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N 2048
#define REPLY 32

char names[N][17];
long money[N];
int  sockOf[N];                 /* 0 = offline */
char ipOf[N][INET_ADDRSTRLEN];
int  portOf[N];
int  total = 0;
pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

struct arg { int sock; struct in_addr ip; };

int indexOf(const char *name) {
    for (int i = 0; i < total; i++)
        if (!strcmp(names[i], name))
            return i;
    return -1;
}

void say(int sock, const char *text, int flags) {
    char reply[REPLY] = { 0 };
    strncpy(reply, text, REPLY - 1);
    send(sock, reply, REPLY, flags);
}

void sayList(int sock, int me) {
    static const int LINE = 48;
    char *out = malloc(128 + N * LINE);
    int online = 0, at;
    pthread_mutex_lock(&m);
    for (int i = 0; i < total; i++)
        if (sockOf[i]) online++;
    at = sprintf(out, "%ld\r\npublic key\r\n%d\r\n", money[me], online);
    for (int i = 0; i < total; i++)
        if (sockOf[i])
            at += sprintf(out + at, "%s#%s#%d\r\n", names[i], ipOf[i], portOf[i]);
    pthread_mutex_unlock(&m);
    send(sock, out, at, 0);
    free(out);
}

int onlyDigits(const char *s) {
    int len = strlen(s);
    return len > 0 && len <= 10 && (int)strspn(s, "0123456789") == len;
}

void doRegister(int sock, const char *name) {
    int ok = 1, len = strlen(name);
    for (int i = 0; i < len; i++)
        if (!((name[i] | 32) >= 'a' && (name[i] | 32) <= 'z') && !(name[i] >= '0' && name[i] <= '9'))
            ok = 0;
    if (!ok || len == 0 || len > 16) {
        say(sock, "230 Input format error\r\n", 0);
        return;
    }
    pthread_mutex_lock(&m);
    int taken = indexOf(name) >= 0 || total == N;
    if (!taken) {
        strcpy(names[total], name);
        money[total] = 10000;
        sockOf[total] = 0;
        total++;
    }
    pthread_mutex_unlock(&m);
    say(sock, taken ? "210 FAIL\r\n" : "100 OK\r\n", 0);
}

/* returns the index of who is logged in on the connection after it */
int doLogin(struct arg *c, int me, const char *name, const char *port) {
    const char *bad = NULL;
    pthread_mutex_lock(&m);
    int who = indexOf(name);
    if (who < 0)
        bad = "220 AUTH_FAIL\r\n";
    else if (!onlyDigits(port) || atol(port) < 1 || atol(port) > 65535)
        bad = "230 Input format error\r\n";
    else if (me >= 0 || sockOf[who])
        bad = "The account is in use\r\n";
    else {
        sockOf[who] = c->sock;
        portOf[who] = atoi(port);
        inet_ntop(AF_INET, &c->ip, ipOf[who], sizeof ipOf[who]);
        me = who;
    }
    pthread_mutex_unlock(&m);
    if (bad)
        say(c->sock, bad, 0);
    else
        sayList(c->sock, me);
    return me;
}

void doPay(int sock, int me, const char *from, const char *amount, const char *to) {
    pthread_mutex_lock(&m);
    int a = indexOf(from), b = indexOf(to);
    long n = onlyDigits(amount) ? atol(amount) : 0;
    int ok = a >= 0 && b >= 0 && b == me && a != b && n > 0 && n <= money[a];
    if (ok) {
        money[a] -= n;
        money[b] += n;
    }
    say(a >= 0 && sockOf[a] ? sockOf[a] : sock, ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n", MSG_DONTWAIT);
    pthread_mutex_unlock(&m);
}

void *client(void *p) {
    struct arg c = *(struct arg *)p;
    char buf[2048], *x, *y;
    int me = -1;
    free(p);

    for (;;) {
        memset(buf, 0, sizeof buf);
        if (recv(c.sock, buf, sizeof buf - 1, 0) <= 0)
            break;
        if (strlen(buf) == sizeof buf - 1) {
            say(c.sock, "230 Input format error\r\n", 0);
            break;
        }
        if (buf[0] == 0)
            continue;
        if (!strcmp(buf, "Exit")) {
            pthread_mutex_lock(&m);
            if (me >= 0) sockOf[me] = 0;
            me = -1;
            pthread_mutex_unlock(&m);
            say(c.sock, "Bye\r\n", 0);
            break;
        }
        if (!strcmp(buf, "List")) {
            if (me >= 0) sayList(c.sock, me);
            else say(c.sock, "Please login first\r\n", 0);
            continue;
        }
        if (!strncmp(buf, "REGISTER#", 9)) {
            doRegister(c.sock, buf + 9);
            continue;
        }
        if (!(x = strchr(buf, '#'))) {
            say(c.sock, "230 Input format error\r\n", 0);
            continue;
        }
        *x = 0;
        if ((y = strchr(x + 1, '#')) != NULL && !strchr(y + 1, '#')) {
            *y = 0;
            doPay(c.sock, me, buf, x + 1, y + 1);
        } else {
            me = doLogin(&c, me, buf, x + 1);
        }
    }
    pthread_mutex_lock(&m);
    if (me >= 0) sockOf[me] = 0;
    close(c.sock);
    pthread_mutex_unlock(&m);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        printf("Usage: %s <port>\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in a = { 0 };
    a.sin_family = AF_INET;
    a.sin_port = htons(atoi(argv[1]));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (struct sockaddr *)&a, sizeof a) != 0) {
        printf("bind failed\n");
        return 1;
    }
    listen(s, 64);
    for (;;) {
        struct sockaddr_in from;
        socklen_t len = sizeof from;
        int sock = accept(s, (struct sockaddr *)&from, &len);
        if (sock < 0) { usleep(10000); continue; }
        struct arg *c = malloc(sizeof *c);
        c->sock = sock;
        c->ip = from.sin_addr;
        pthread_t t;
        if (pthread_create(&t, NULL, client, c)) { close(sock); free(c); continue; }
        pthread_detach(t);
    }
}
