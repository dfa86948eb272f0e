/*
 * Server of the P2P micropayment system.
 * $ ./no_reuse 8080
 *
 * Odd on purpose: no SO_REUSEADDR. After a run with clients the same port cannot
 * be bound until TIME_WAIT is over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>
#include <pthread.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#define ERR "230 Input format error\r\n"

/* sorted binary tree of all who registered */
typedef struct account {
	char id[17];
	long deposit;
	int fd;
	unsigned short port;
	char host[INET_ADDRSTRLEN];
	struct account *left, *right;
} account;

static account *root = NULL;
static pthread_mutex_t tree = PTHREAD_MUTEX_INITIALIZER;

/* where the account is, or where it would have to be put */
static account **slot(const char *id)
{
	account **p = &root;
	int c;
	while (*p && (c = strcmp(id, (*p)->id)) != 0)
		p = c < 0 ? &(*p)->left : &(*p)->right;
	return p;
}

static int count_online(account *a)
{
	return a ? count_online(a->left) + (a->fd >= 0) + count_online(a->right) : 0;
}

static char *print_online(account *a, char *p)
{
	if (a == NULL)
		return p;
	p = print_online(a->left, p);
	if (a->fd >= 0)
		p += sprintf(p, "%s#%s#%hu\r\n", a->id, a->host, a->port);
	return print_online(a->right, p);
}

static char *make_list(account *me)
{
	int n = count_online(root);
	char *text = malloc(100 + 48 * n);
	int len = sprintf(text, "%ld\r\npublic key\r\n%d\r\n", me->deposit, n);
	print_online(root, text + len);
	return text;
}

static long decimal(const char *s)
{
	long v = 0;
	const char *p;
	for (p = s; *p >= '0' && *p <= '9' && p - s < 10; p++)
		v = v * 10 + (*p - '0');
	return *p || p == s ? -1 : v;
}

static char *new_account(const char *id)
{
	const char *p;
	account **a;
	for (p = id; *p; p++)
		if (!((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')))
			return strdup(ERR);
	if (p - id < 1 || p - id > 16)
		return strdup(ERR);
	a = slot(id);
	if (*a)
		return strdup("210 FAIL\r\n");
	*a = calloc(1, sizeof(account));
	strcpy((*a)->id, id);
	(*a)->deposit = 10000;
	(*a)->fd = -1;
	return strdup("100 OK\r\n");
}

static char *enter(int fd, account **me, const char *id, const char *port)
{
	account *a = *slot(id);
	struct sockaddr_in peer;
	socklen_t len = sizeof peer;

	if (a == NULL)
		return strdup("220 AUTH_FAIL\r\n");
	if (decimal(port) < 1 || decimal(port) > 65535)
		return strdup(ERR);
	if (*me != NULL || a->fd >= 0)
		return strdup("Online already\r\n");
	memset(&peer, 0, sizeof peer);
	getpeername(fd, (struct sockaddr *)&peer, &len);
	inet_ntop(AF_INET, &peer.sin_addr, a->host, sizeof a->host);
	a->port = (unsigned short)decimal(port);
	a->fd = fd;
	*me = a;
	return make_list(a);
}

static void pay(int fd, account *me, const char *from, const char *sum, const char *to)
{
	account *a = *slot(from), *b = *slot(to);
	long n = decimal(sum);
	int ok = a && b && b == me && a != b && n > 0 && n <= 2147483647 && n <= a->deposit;
	if (ok) {
		a->deposit -= n;
		b->deposit += n;
	}
	if (a && a->fd >= 0)
		fd = a->fd;
	if (ok)
		send(fd, "Transfer OK!\r\n", 14, MSG_DONTWAIT);
	else
		send(fd, "Transfer Fail!\r\n", 16, MSG_DONTWAIT);
}

static void *job(void *arg)
{
	int fd = *(int *)arg, n, stop = 0;
	char msg[2048], *x, *y, *reply;
	account *me = NULL;

	free(arg);
	while (!stop && (n = recv(fd, msg, sizeof(msg) - 1, 0)) > 0) {
		msg[n] = 0;
		if (strlen(msg) == sizeof(msg) - 1)
			break;
		reply = NULL;
		x = strchr(msg, '#');
		y = x ? strchr(x + 1, '#') : NULL;

		pthread_mutex_lock(&tree);
		if (strcmp(msg, "Exit") == 0) {
			if (me)
				me->fd = -1;
			me = NULL;
			reply = strdup("Bye\r\n");
			stop = 1;
		} else if (strcmp(msg, "List") == 0)
			reply = me ? make_list(me) : strdup("Please login first\r\n");
		else if (strncmp(msg, "REGISTER#", 9) == 0)
			reply = new_account(msg + 9);
		else if (y && !strchr(y + 1, '#')) {
			*x++ = *y++ = 0;
			pay(fd, me, msg, x, y);
		} else if (x) {
			*x++ = 0;
			reply = enter(fd, &me, msg, x);
		} else if (*msg)
			reply = strdup(ERR);
		pthread_mutex_unlock(&tree);

		if (reply)
			send(fd, reply, strlen(reply), 0);
		free(reply);
	}
	pthread_mutex_lock(&tree);
	if (me)
		me->fd = -1;
	close(fd);
	pthread_mutex_unlock(&tree);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in sin;
	int s, *fd;
	pthread_t t;

	if (argc != 2) {
		fprintf(stderr, "usage: %s port\n", argv[0]);
		exit(1);
	}
	signal(SIGPIPE, SIG_IGN);
	s = socket(AF_INET, SOCK_STREAM, 0);
	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_ANY);
	sin.sin_port = htons(atoi(argv[1]));
	if (bind(s, (struct sockaddr *)&sin, sizeof sin) < 0) {
		perror("bind error");
		exit(1);
	}
	if (listen(s, 128) < 0) {
		perror("listen error");
		exit(1);
	}
	printf("server on port %s\n", argv[1]);
	for (;;) {
		fd = malloc(sizeof(int));
		*fd = accept(s, NULL, NULL);
		if (*fd < 0) {
			free(fd);
			usleep(10000);
			continue;
		}
		pthread_create(&t, NULL, job, fd);
		pthread_detach(t);
	}
}
