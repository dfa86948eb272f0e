/*
 * locked_out.c -- run with: ./locked_out <port>
 *
 * Odd on purpose: a second login is refused, which is fine, but a client that
 * goes away without Exit leaves its account online. Nobody can log in to that
 * account ever again.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_ACCOUNT 4096
#define MSG_SIZE 2048

enum status { REGISTERED, ONLINE };

typedef struct {
    char username[17];
    char ip[INET_ADDRSTRLEN];
    int port;
    int balance;
    int sockfd;                 /* -1 once its client is gone */
    enum status status;
} Account;

Account account[MAX_ACCOUNT];
int accountNum;
pthread_mutex_t accountMutex;

int getAccount(const char *username)
{
    int i;
    for (i = 0; i < accountNum; i++) {
        if (strcmp(account[i].username, username) == 0) {
            return i;
        }
    }
    return -1;
}

/* The value of a string of digits from 1 to max, or -1. */
long getNumber(const char *s, long max)
{
    char *end;
    long value;
    if (s[0] < '0' || s[0] > '9' || strlen(s) > 10) {
        return -1;
    }
    value = strtol(s, &end, 10);
    if (*end != '\0' || value < 1 || value > max) {
        return -1;
    }
    return value;
}

void sendMessage(int sockfd, const char *message)
{
    send(sockfd, message, strlen(message), 0);
}

int buildList(char *buffer, int me)
{
    int i, onlineNum = 0, length;
    for (i = 0; i < accountNum; i++) {
        if (account[i].status == ONLINE) {
            onlineNum++;
        }
    }
    length = sprintf(buffer, "%d\r\nserver public key\r\n%d\r\n", account[me].balance, onlineNum);
    for (i = 0; i < accountNum; i++) {
        if (account[i].status == ONLINE) {
            length += sprintf(buffer + length, "%s#%s#%d\r\n", account[i].username, account[i].ip, account[i].port);
        }
    }
    return length;
}

void registerAccount(const char *username, char *reply)
{
    int i, valid = 1;
    for (i = 0; username[i] != '\0'; i++) {
        char c = username[i];
        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')) {
            valid = 0;
        }
    }
    if (!valid || i < 1 || i > 16) {
        strcpy(reply, "230 Input format error\r\n");
    } else if (getAccount(username) != -1 || accountNum == MAX_ACCOUNT) {
        strcpy(reply, "210 FAIL\r\n");
    } else {
        strcpy(account[accountNum].username, username);
        account[accountNum].balance = 10000;
        account[accountNum].sockfd = -1;
        account[accountNum].status = REGISTERED;
        accountNum++;
        strcpy(reply, "100 OK\r\n");
    }
}

int loginAccount(int sockfd, const char *ip, int me, const char *username, const char *port, char *reply)
{
    int who = getAccount(username);
    long portNum = getNumber(port, 65535);
    if (who == -1) {
        strcpy(reply, "220 AUTH_FAIL\r\n");
    } else if (portNum == -1) {
        strcpy(reply, "230 Input format error\r\n");
    } else if (me != -1 || account[who].status == ONLINE) {
        strcpy(reply, "This account has already logged in\r\n");
    } else {
        account[who].status = ONLINE;
        account[who].sockfd = sockfd;
        account[who].port = (int)portNum;
        strcpy(account[who].ip, ip);
        buildList(reply, who);
        return who;
    }
    return me;
}

void transferMoney(int sockfd, int me, const char *payerName, const char *amountText, const char *payeeName)
{
    int payer = getAccount(payerName);
    int payee = getAccount(payeeName);
    long amount = getNumber(amountText, 2147483647);
    const char *result = "Transfer Fail!\r\n";
    if (payer != -1 && payee != -1 && payee == me && payer != me && amount != -1
        && amount <= account[payer].balance && amount <= 2147483647 - account[payee].balance) {
        account[payer].balance -= (int)amount;
        account[payee].balance += (int)amount;
        result = "Transfer OK!\r\n";
    }
    if (payer != -1 && account[payer].sockfd != -1) {
        sockfd = account[payer].sockfd;
    }
    send(sockfd, result, strlen(result), MSG_DONTWAIT);
}

typedef struct {
    int sockfd;
    char ip[INET_ADDRSTRLEN];
} ThreadArg;

void *clientThread(void *p)
{
    ThreadArg arg = *(ThreadArg *)p;
    char message[MSG_SIZE];
    char *reply = malloc(128 + MAX_ACCOUNT * 48);
    char *hash1, *hash2;
    int me = -1, leaving = 0, received;

    free(p);
    while (!leaving) {
        memset(message, 0, MSG_SIZE);
        received = recv(arg.sockfd, message, MSG_SIZE - 1, 0);
        if (received <= 0) {
            break;
        }
        reply[0] = '\0';
        hash1 = strchr(message, '#');
        hash2 = hash1 == NULL ? NULL : strchr(hash1 + 1, '#');

        pthread_mutex_lock(&accountMutex);
        if (strlen(message) == MSG_SIZE - 1) {
            strcpy(reply, "230 Input format error\r\n");
            leaving = 1;
        } else if (strcmp(message, "Exit") == 0) {
            if (me != -1) {
                account[me].status = REGISTERED;
                account[me].sockfd = -1;
                me = -1;
            }
            strcpy(reply, "Bye\r\n");
            leaving = 1;
        } else if (strcmp(message, "List") == 0) {
            if (me == -1) {
                strcpy(reply, "Please login first\r\n");
            } else {
                buildList(reply, me);
            }
        } else if (strncmp(message, "REGISTER#", 9) == 0) {
            registerAccount(message + 9, reply);
        } else if (hash2 != NULL && strchr(hash2 + 1, '#') == NULL) {
            *hash1 = '\0';
            *hash2 = '\0';
            transferMoney(arg.sockfd, me, message, hash1 + 1, hash2 + 1);
        } else if (hash1 != NULL) {
            *hash1 = '\0';
            me = loginAccount(arg.sockfd, arg.ip, me, message, hash1 + 1, reply);
        } else if (message[0] != '\0') {
            strcpy(reply, "230 Input format error\r\n");
        }
        pthread_mutex_unlock(&accountMutex);
        if (reply[0] != '\0') {
            sendMessage(arg.sockfd, reply);
        }
    }
    pthread_mutex_lock(&accountMutex);
    if (me != -1) {
        account[me].sockfd = -1;        /* its status is left as it is */
    }
    close(arg.sockfd);
    pthread_mutex_unlock(&accountMutex);
    free(reply);
    return NULL;
}

int main(int argc, char *argv[])
{
    int listenfd, on = 1;
    struct sockaddr_in server, peer;
    socklen_t length;
    pthread_t thread;

    if (argc != 2) {
        fprintf(stderr, "usage: %s <port>\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    pthread_mutex_init(&accountMutex, NULL);
    listenfd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    memset(&server, 0, sizeof(server));
    server.sin_family = AF_INET;
    server.sin_port = htons(atoi(argv[1]));
    if (bind(listenfd, (struct sockaddr *)&server, sizeof(server)) == -1 || listen(listenfd, 128) == -1) {
        perror("locked_out");
        return 1;
    }
    while (1) {
        ThreadArg *arg = malloc(sizeof(ThreadArg));
        length = sizeof(peer);
        arg->sockfd = accept(listenfd, (struct sockaddr *)&peer, &length);
        if (arg->sockfd == -1) {
            free(arg);
            usleep(10000);
            continue;
        }
        inet_ntop(AF_INET, &peer.sin_addr, arg->ip, sizeof(arg->ip));
        pthread_create(&thread, NULL, clientThread, arg);
        pthread_detach(thread);
    }
}
