/*
 * P2P payment server with a pool of worker threads.
 *
 *   ./pool_fixed3 <port>
 *
 * The main thread accepts and queues, three workers serve. Who comes as fourth
 * waits in the queue until a worker is free.
 *
 * Odd on purpose: the pool has a fixed size (3); a worker never clears its
 * buffer, so a request has to bring its own '\0' or keeps the tail of a longer
 * one before it; lines end in LF.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WORKERS 3
#define QUEUE 1024
#define MAXACC 4096

typedef struct { int sock; char ip[INET_ADDRSTRLEN]; } Conn;
typedef struct { char name[20]; long long money; int sock; char ip[INET_ADDRSTRLEN]; char port[11]; } Account;

static Conn queue[QUEUE];
static int qhead, qlen;
static pthread_mutex_t qmutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  qnotempty = PTHREAD_COND_INITIALIZER;

static Account acc[MAXACC];
static int nacc;
static pthread_mutex_t accmutex = PTHREAD_MUTEX_INITIALIZER;

static int find(const char *name)
{
	int i;
	for (i = 0; i < nacc; i++)
		if (!strcmp(acc[i].name, name))
			return i;
	return -1;
}

/* index of the account that is logged in on this socket */
static int logged_in(int sock)
{
	int i;
	for (i = 0; i < nacc; i++)
		if (acc[i].sock == sock)
			return i;
	return -1;
}

/* 1..max as decimal digits only, else -1 */
static long long number(const char *s, long long max)
{
	long long v = strlen(s) <= 10 && strspn(s, "0123456789") == strlen(s) ? atoll(s) : -1;
	return v >= 1 && v <= max ? v : -1;
}

static void reply(int sock, const char *text)
{
	send(sock, text, strlen(text), 0);
}

/* balance, key, number online, then one line each; the caller holds accmutex */
static char *online_list(int me)
{
	int i, count = 0, len;
	char *text = malloc(128 + 64 * (size_t)nacc);
	for (i = 0; i < nacc; i++)
		if (acc[i].sock != -1)
			count++;
	len = sprintf(text, "%lld\npublic key\n%d\n", acc[me].money, count);
	for (i = 0; i < nacc; i++)
		if (acc[i].sock != -1)
			len += sprintf(text + len, "%s#%s#%s\n", acc[i].name, acc[i].ip, acc[i].port);
	return text;
}

static const char *do_register(const char *name)
{
	size_t i;
	for (i = 0; isalnum((unsigned char)name[i]); i++)
		;
	if (name[i] || i < 1 || i > 16)
		return "230 Input format error\n";
	if (find(name) >= 0 || nacc == MAXACC)
		return "210 FAIL\n";
	strcpy(acc[nacc].name, name);
	acc[nacc].money = 10000;
	acc[nacc].sock = -1;
	nacc++;
	return "100 OK\n";
}

static void transfer(int sock, char *payer, char *amount, char *payee)
{
	int a = find(payer), b = find(payee);
	long long n = number(amount, 2147483647);
	int ok = a >= 0 && b >= 0 && a != b && acc[b].sock == sock && n > 0 && acc[a].money >= n;

	if (ok) {
		acc[a].money -= n;
		acc[b].money += n;
	}
	if (a >= 0 && acc[a].sock != -1)
		sock = acc[a].sock;
	send(sock, ok ? "Transfer OK!\n" : "Transfer Fail!\n", ok ? 13 : 15, MSG_DONTWAIT);
}

/* answers one request; returns 0 when the client is done */
static int answer(Conn *c, const char *request)
{
	char field[2048], *p[4], *list = NULL;
	const char *text = NULL;
	int n = 1, me, goes_on = 1;

	strcpy(field, request);
	p[0] = field;
	for (char *s = field; *s; s++)
		if (*s == '#') {
			*s = 0;
			if (n < 4)
				p[n] = s + 1;
			n++;
		}

	pthread_mutex_lock(&accmutex);
	me = logged_in(c->sock);
	if (n > 1 && !strcmp(p[0], "REGISTER")) {
		text = n == 2 ? do_register(p[1]) : "230 Input format error\n";
	} else if (n == 2) {
		int who = find(p[0]);
		if (who < 0)
			text = "220 AUTH_FAIL\n";
		else if (number(p[1], 65535) < 0)
			text = "230 Input format error\n";
		else if (me >= 0 || acc[who].sock != -1)
			text = "Already logged in\n";
		else {
			acc[who].sock = c->sock;
			strcpy(acc[who].ip, c->ip);
			strcpy(acc[who].port, p[1]);
			list = online_list(who);
		}
	} else if (n == 3) {
		transfer(c->sock, p[0], p[1], p[2]);
	} else if (!strcmp(request, "List")) {
		if (me < 0)
			text = "Please login first\n";
		else
			list = online_list(me);
	} else if (!strcmp(request, "Exit")) {
		if (me >= 0)
			acc[me].sock = -1;
		text = "Bye\n";
		goes_on = 0;
	} else if (*request) {
		text = "230 Input format error\n";
	}
	pthread_mutex_unlock(&accmutex);

	if (list)
		text = list;
	if (text)
		reply(c->sock, text);
	free(list);
	return goes_on;
}

static void *worker(void *unused)
{
	char buf[2048];
	(void)unused;
	memset(buf, 0, sizeof buf);             /* once for all clients */
	for (;;) {
		pthread_mutex_lock(&qmutex);
		while (qlen == 0)
			pthread_cond_wait(&qnotempty, &qmutex);
		Conn c = queue[qhead];
		qhead = (qhead + 1) % QUEUE;
		qlen--;
		pthread_mutex_unlock(&qmutex);

		ssize_t n;
		while ((n = recv(c.sock, buf, sizeof buf - 1, 0)) > 0)
			if (n == sizeof buf - 1 || !answer(&c, buf))
				break;
		pthread_mutex_lock(&accmutex);
		int me = logged_in(c.sock);
		if (me >= 0)
			acc[me].sock = -1;
		close(c.sock);
		pthread_mutex_unlock(&accmutex);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in me, peer;
	pthread_t tid;
	int i, on = 1, s;

	if (argc != 2 || atoi(argv[1]) < 1 || atoi(argv[1]) > 65535) {
		fprintf(stderr, "Usage: %s <port>\n", argv[0]);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	s = socket(PF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	memset(&me, 0, sizeof me);
	me.sin_family = AF_INET;
	me.sin_addr.s_addr = htonl(INADDR_ANY);
	me.sin_port = htons(atoi(argv[1]));
	if (bind(s, (struct sockaddr *)&me, sizeof me) || listen(s, 100)) {
		perror("bind");
		return 1;
	}
	for (i = 0; i < WORKERS; i++)
		pthread_create(&tid, NULL, worker, NULL);
	printf("%d workers on port %s\n", WORKERS, argv[1]);

	for (;;) {
		socklen_t len = sizeof peer;
		int sock = accept(s, (struct sockaddr *)&peer, &len);
		if (sock < 0) {
			usleep(10000);
			continue;
		}
		pthread_mutex_lock(&qmutex);
		if (qlen == QUEUE) {
			close(sock);
		} else {
			Conn *c = &queue[(qhead + qlen++) % QUEUE];
			c->sock = sock;
			inet_ntop(AF_INET, &peer.sin_addr, c->ip, sizeof c->ip);
			pthread_cond_signal(&qnotempty);
		}
		pthread_mutex_unlock(&qmutex);
	}
}
