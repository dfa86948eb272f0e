/*
 * listed_twice.c
 * Phase 2: multi-threaded server.		./listed_twice PORT
 *
 * Who is online is a linked list of its own, apart from the accounts.
 *
 * Odd on purpose: each login puts a new node into it, also when the account is
 * in it already, so the account is listed and counted once for each login.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct account {
	char name[17];
	long balance;
	struct account *next;
} account;

typedef struct online {
	account *who;
	int fd;
	int port;
	char ip[INET_ADDRSTRLEN];
	struct online *next;
} online;

static account *accounts;
static online *onlines;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static account *find_account(const char *name)
{
	account *a;
	for (a = accounts; a; a = a->next)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

static online *find_online(account *who)
{
	online *o;
	for (o = onlines; o; o = o->next)
		if (o->who == who)
			return o;
	return NULL;
}

/* the account of this connection: of its latest login */
static account *account_of(int fd)
{
	online *o;
	for (o = onlines; o; o = o->next)
		if (o->fd == fd)
			return o->who;
	return NULL;
}

static void remove_online(int fd)
{
	online **p = &onlines;
	while (*p) {
		online *o = *p;
		if (o->fd == fd) {
			*p = o->next;
			free(o);
		} else {
			p = &o->next;
		}
	}
}

static long digits(const char *s, long max)
{
	size_t n = strspn(s, "0123456789");
	if (n < 1 || n > 10 || s[n] || atol(s) > max)
		return 0;
	return atol(s);
}

static char *make_list(account *me)
{
	online *o;
	int n = 0;
	char *text, *p;
	for (o = onlines; o; o = o->next)
		n++;
	p = text = malloc(100 + 60 * (size_t)n);
	p += sprintf(p, "%ld\r\npublic key\r\n%d\r\n", me->balance, n);
	for (o = onlines; o; o = o->next)
		p += sprintf(p, "%s#%s#%d\r\n", o->who->name, o->ip, o->port);
	return text;
}

static const char *do_register(const char *name)
{
	account *a;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	if (n < 1 || n > 16 || name[n])
		return "230 Input format error\r\n";
	if (find_account(name))
		return "210 FAIL\r\n";
	a = malloc(sizeof *a);
	strcpy(a->name, name);
	a->balance = 10000;
	a->next = accounts;
	accounts = a;
	return "100 OK\r\n";
}

static const char *do_login(int fd, const char *ip, const char *name, const char *port)
{
	account *a = find_account(name);
	online *o;
	if (!a)
		return "220 AUTH_FAIL\r\n";
	if (!digits(port, 65535))
		return "230 Input format error\r\n";
	o = malloc(sizeof *o);
	o->who = a;
	o->fd = fd;
	o->port = (int)digits(port, 65535);
	strcpy(o->ip, ip);
	o->next = onlines;
	onlines = o;
	return NULL;
}

static void do_payment(int fd, const char *from, const char *amount, const char *to)
{
	account *payer = find_account(from), *payee = find_account(to);
	online *hears = payer ? find_online(payer) : NULL;
	long n = digits(amount, 2147483647);
	const char *text = "Transfer Fail!\r\n";
	if (payer && payee && payer != payee && account_of(fd) == payee && n > 0 && payer->balance >= n) {
		payer->balance -= n;
		payee->balance += n;
		text = "Transfer OK!\r\n";
	}
	send(hears ? hears->fd : fd, text, strlen(text), MSG_DONTWAIT);
}

static void *client(void *arg)
{
	int fd = (int)(long)arg, n, exited = 0;
	char msg[2048], ip[INET_ADDRSTRLEN] = "", *p, *q;
	struct sockaddr_in peer;
	socklen_t len = sizeof peer;

	memset(&peer, 0, sizeof peer);
	getpeername(fd, (struct sockaddr *)&peer, &len);
	inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);

	while (!exited && (n = recv(fd, msg, sizeof msg - 1, 0)) > 0) {
		const char *line = NULL;
		char *list = NULL;

		msg[n] = '\0';
		if (strlen(msg) == sizeof msg - 1)
			break;
		p = strchr(msg, '#');
		q = p ? strchr(p + 1, '#') : NULL;
		pthread_mutex_lock(&m);
		if (!strncmp(msg, "REGISTER#", 9)) {
			line = do_register(p + 1);
		} else if (!strcmp(msg, "List")) {
			if (account_of(fd))
				list = make_list(account_of(fd));
			else
				line = "Please login first\r\n";
		} else if (!strcmp(msg, "Exit")) {
			remove_online(fd);
			line = "Bye\r\n";
			exited = 1;
		} else if (q && !strchr(q + 1, '#')) {
			*p++ = *q++ = '\0';
			do_payment(fd, msg, p, q);
		} else if (p) {
			*p++ = '\0';
			line = do_login(fd, ip, msg, p);
			if (!line)
				list = make_list(account_of(fd));
		} else if (msg[0]) {
			line = "230 Input format error\r\n";
		}
		pthread_mutex_unlock(&m);
		if (list)
			line = list;
		if (line)
			send(fd, line, strlen(line), 0);
		free(list);
	}
	pthread_mutex_lock(&m);
	remove_online(fd);
	close(fd);
	pthread_mutex_unlock(&m);
	return NULL;
}

int main(int argc, char *argv[])
{
	struct sockaddr_in me;
	int s, fd, on = 1;
	pthread_t t;

	if (argc != 2) {
		printf("Usage: ./listed_twice PORT\n");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	memset(&me, 0, sizeof me);
	me.sin_family = AF_INET;
	me.sin_port = htons(atoi(argv[1]));
	if (bind(s, (struct sockaddr *)&me, sizeof me) < 0 || listen(s, 128) < 0) {
		perror("server");
		return 1;
	}
	while (1) {
		fd = accept(s, NULL, NULL);
		if (fd < 0)
			usleep(10000);
		else if (!pthread_create(&t, NULL, client, (void *)(long)fd))
			pthread_detach(t);
		else
			close(fd);
	}
}
