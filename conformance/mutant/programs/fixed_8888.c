/*
 * fixed_8888 - no arguments, two questions, then it listens on port 8888.
 *
 * Odd on purpose: the port is fixed; y or n has to be answered on stdin before
 * it listens; it listens on 127.0.0.1 only.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 8888
#define MAX_USERS 2000
#define FORMAT_ERROR "230 Input format error\r\n"

struct User {
    char name[17];
    char ip[16];
    int port;
    int sock;
    long balance;
} users[MAX_USERS];
int user_num = 0;
int verbose = 0;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* asks until the answer is y or n; ends the program at the end of input */
int yes_or_no(const char *question)
{
    char line[100];
    for (;;) {
        printf("%s (y/n) ", question);
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL)
            exit(1);
        if (line[0] == 'y' || line[0] == 'Y')
            return 1;
        if (line[0] == 'n' || line[0] == 'N')
            return 0;
    }
}

struct User *find_name(const char *name)
{
    int i;
    for (i = 0; i < user_num; i++)
        if (strcmp(name, users[i].name) == 0)
            return &users[i];
    return NULL;
}

struct User *find_sock(int sock)
{
    int i;
    for (i = 0; i < user_num; i++)
        if (users[i].sock == sock)
            return &users[i];
    return NULL;
}

int is_digits(const char *s)
{
    return strlen(s) >= 1 && strlen(s) <= 10 && s[strspn(s, "0123456789")] == '\0';
}

void user_list(struct User *me, char *reply)
{
    int i, count = 0;
    char *p = reply;
    for (i = 0; i < user_num; i++)
        if (users[i].sock > 0)
            count++;
    p += sprintf(p, "%ld\r\n0123456789abcdef\r\n%d\r\n", me->balance, count);
    for (i = 0; i < user_num; i++)
        if (users[i].sock > 0)
            p += sprintf(p, "%s#%s#%d\r\n", users[i].name, users[i].ip, users[i].port);
}

void handle_register(const char *name, char *reply)
{
    size_t i, n = strlen(name);
    for (i = 0; i < n && isalnum((unsigned char)name[i]); i++)
        ;
    if (i < n || n < 1 || n > 16) {
        strcpy(reply, FORMAT_ERROR);
    } else if (find_name(name) || user_num == MAX_USERS) {
        strcpy(reply, "210 FAIL\r\n");
    } else {
        strcpy(users[user_num].name, name);
        users[user_num].balance = 10000;
        users[user_num].sock = 0;
        user_num++;
        strcpy(reply, "100 OK\r\n");
    }
}

void handle_login(int sock, const char *ip, const char *name, const char *port, char *reply)
{
    struct User *u = find_name(name), *old = find_sock(sock);
    if (u == NULL) {
        strcpy(reply, "220 AUTH_FAIL\r\n");
    } else if (!is_digits(port) || atol(port) < 1 || atol(port) > 65535) {
        strcpy(reply, FORMAT_ERROR);
    } else {
        if (old != NULL)
            old->sock = 0;
        u->sock = sock;
        u->port = atoi(port);
        strcpy(u->ip, ip);
        user_list(u, reply);
    }
}

void handle_payment(int sock, const char *payer, const char *amount, const char *payee)
{
    struct User *a = find_name(payer), *b = find_name(payee);
    long n = is_digits(amount) ? atol(amount) : 0;
    const char *text;
    if (a && b && a != b && b->sock == sock && n > 0 && n <= a->balance) {
        a->balance -= n;
        b->balance += n;
        text = "Transfer OK!\r\n";
    } else {
        text = "Transfer Fail!\r\n";
    }
    send(a && a->sock > 0 ? a->sock : sock, text, strlen(text), MSG_DONTWAIT);
}

void *handle_client(void *arg)
{
    int sock = *(int *)arg;
    int running = 1;
    char ip[16] = "", message[2048], *first, *second;
    char *reply = malloc(MAX_USERS * 48 + 100);
    struct sockaddr_in peer;
    struct User *me;
    socklen_t len = sizeof peer;

    free(arg);
    memset(&peer, 0, sizeof peer);
    getpeername(sock, (struct sockaddr *)&peer, &len);
    inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);

    while (running) {
        memset(message, 0, sizeof message);
        if (recv(sock, message, sizeof message - 1, 0) <= 0)
            break;
        if (verbose)
            printf("[%s] from %s\n", message, ip);
        reply[0] = '\0';
        first = strchr(message, '#');
        second = first ? strchr(first + 1, '#') : NULL;
        pthread_mutex_lock(&mutex);
        me = find_sock(sock);
        if (strlen(message) == sizeof message - 1) {
            strcpy(reply, FORMAT_ERROR);
            running = 0;
        } else if (strcmp(message, "List") == 0) {
            if (me)
                user_list(me, reply);
            else
                strcpy(reply, "Please login first\r\n");
        } else if (strcmp(message, "Exit") == 0) {
            if (me)
                me->sock = 0;
            strcpy(reply, "Bye\r\n");
            running = 0;
        } else if (strncmp(message, "REGISTER#", 9) == 0) {
            handle_register(message + 9, reply);
        } else if (second && !strchr(second + 1, '#')) {
            *first = *second = '\0';
            handle_payment(sock, message, first + 1, second + 1);
        } else if (first) {
            *first = '\0';
            handle_login(sock, ip, message, first + 1, reply);
        } else if (message[0]) {
            strcpy(reply, FORMAT_ERROR);
        }
        pthread_mutex_unlock(&mutex);
        if (reply[0])
            send(sock, reply, strlen(reply), 0);
    }
    pthread_mutex_lock(&mutex);
    me = find_sock(sock);
    if (me)
        me->sock = 0;
    close(sock);
    pthread_mutex_unlock(&mutex);
    free(reply);
    return NULL;
}

int main(void)
{
    int sock, one = 1, *arg;
    struct sockaddr_in addr;
    pthread_t t;

    signal(SIGPIPE, SIG_IGN);
    verbose = yes_or_no("Show every message?");
    if (!yes_or_no("Start the server now?"))
        return 0;

    sock = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    memset(&addr, 0, sizeof addr);
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = inet_addr("127.0.0.1");
    addr.sin_port = htons(PORT);
    if (bind(sock, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(sock, 100) < 0) {
        perror("server");
        return 1;
    }
    printf("Listening on port %d\n", PORT);
    fflush(stdout);
    for (;;) {
        arg = malloc(sizeof *arg);
        *arg = accept(sock, NULL, NULL);
        if (*arg < 0) {
            free(arg);
            usleep(10000);
        } else if (pthread_create(&t, NULL, handle_client, arg) == 0) {
            pthread_detach(t);
        } else {
            close(*arg);
            free(arg);
        }
    }
}
