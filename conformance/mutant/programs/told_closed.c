/*
 * ./told_closed PORT LIMIT
 *
 * Payment server that serves LIMIT clients at a time, each in its own thread.
 *
 * Odd on purpose: one client too many is not kept waiting. It is told so and
 * its connection is closed.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUF_SIZE 2048

struct account {
	char name[17];
	long balance;
	struct connection *on;          /* where it is logged in, or NULL */
	struct account *next;
};

struct connection {
	int fd;
	char ip[INET_ADDRSTRLEN];
	int port;                       /* given at login */
	struct account *me;
	int counted;                    /* it holds one of the places */
};

static struct account *head, *tail;
static int serving;
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;

static struct account *get(const char *name)
{
	struct account *a;
	for (a = head; a; a = a->next)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

static void say(struct connection *c, const char *text)
{
	send(c->fd, text, strlen(text), 0);
}

/* Logs out and gives the place back. The mutex is held. */
static void leave(struct connection *c)
{
	if (c->me)
		c->me->on = NULL;
	c->me = NULL;
	if (c->counted)
		serving--;
	c->counted = 0;
}

static long parse(const char *digits, long max)
{
	char *end;
	long v;
	if (digits[0] < '0' || digits[0] > '9' || strlen(digits) > 10)
		return 0;
	v = strtol(digits, &end, 10);
	return *end == '\0' && v <= max ? v : 0;
}

static char *list_text(struct account *me)
{
	struct account *a;
	int count = 0, len;
	char *text;

	for (a = head; a; a = a->next)
		if (a->on)
			count++;
	text = malloc(100 + 50 * (size_t)count);
	len = sprintf(text, "%ld\r\npublic key\r\n%d\r\n", me->balance, count);
	for (a = head; a; a = a->next)
		if (a->on)
			len += sprintf(text + len, "%s#%s#%d\r\n", a->name, a->on->ip, a->on->port);
	return text;
}

static const char *try_register(const char *name)
{
	struct account *a;
	const char *p;
	for (p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *p))
			return "230 Input format error\r\n";
	if (p == name || p - name > 16)
		return "230 Input format error\r\n";
	if (get(name))
		return "210 FAIL\r\n";
	a = calloc(1, sizeof *a);
	strcpy(a->name, name);
	a->balance = 10000;
	if (tail)
		tail->next = a;
	else
		head = a;
	tail = a;
	return "100 OK\r\n";
}

static const char *try_login(struct connection *c, const char *name, const char *port)
{
	struct account *a = get(name);
	if (!a)
		return "220 AUTH_FAIL\r\n";
	if (parse(port, 65535) == 0)
		return "230 Input format error\r\n";
	if (c->me || a->on)
		return "Already online\r\n";
	a->on = c;
	c->me = a;
	c->port = (int)parse(port, 65535);
	return NULL;
}

static void try_pay(struct connection *c, const char *payer, const char *amount, const char *payee)
{
	struct account *from = get(payer), *to = get(payee);
	long n = parse(amount, 2147483647);
	int good = from && to && from != to && to == c->me && n > 0 && from->balance >= n;
	const char *text = good ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
	if (good) {
		from->balance -= n;
		to->balance += n;
	}
	send(from && from->on ? from->on->fd : c->fd, text, strlen(text), MSG_DONTWAIT);
}

static void *work(void *arg)
{
	struct connection *c = arg;
	char buf[BUF_SIZE];
	int n, over = 0;

	while (!over && (n = recv(c->fd, buf, BUF_SIZE - 1, 0)) > 0) {
		const char *line = NULL;
		char *text = NULL, *p, *q;

		buf[n] = '\0';
		if (strlen(buf) == BUF_SIZE - 1)
			break;
		p = strchr(buf, '#');
		q = p ? strchr(p + 1, '#') : NULL;
		pthread_mutex_lock(&mu);
		if (!strcmp(buf, "Exit")) {
			leave(c);
			line = "Bye\r\n";
			over = 1;
		} else if (!strcmp(buf, "List")) {
			if (c->me)
				text = list_text(c->me);
			else
				line = "Please login first\r\n";
		} else if (p && !strncmp(buf, "REGISTER#", 9)) {
			line = try_register(p + 1);
		} else if (q && !strchr(q + 1, '#')) {
			*p++ = *q++ = '\0';
			try_pay(c, buf, p, q);
		} else if (p) {
			*p++ = '\0';
			line = try_login(c, buf, p);
			if (!line)
				text = list_text(c->me);
		} else if (*buf) {
			line = "230 Input format error\r\n";
		}
		pthread_mutex_unlock(&mu);
		if (text)
			say(c, text);
		else if (line)
			say(c, line);
		free(text);
	}
	pthread_mutex_lock(&mu);
	leave(c);
	close(c->fd);
	pthread_mutex_unlock(&mu);
	free(c);
	return NULL;
}

int main(int argc, char *argv[])
{
	struct sockaddr_in a = { 0 };
	int s, limit, yes = 1;

	if (argc != 3 || (limit = atoi(argv[2])) < 1) {
		fprintf(stderr, "Usage: %s PORT LIMIT\n", argv[0]);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	a.sin_family = AF_INET;
	a.sin_port = htons(atoi(argv[1]));
	if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 128) < 0) {
		perror(argv[0]);
		return 1;
	}
	for (;;) {
		struct sockaddr_in peer;
		socklen_t len = sizeof peer;
		pthread_t t;
		struct connection *c = calloc(1, sizeof *c);

		c->fd = accept(s, (struct sockaddr *)&peer, &len);
		if (c->fd < 0) {
			free(c);
			usleep(10000);
			continue;
		}
		inet_ntop(AF_INET, &peer.sin_addr, c->ip, sizeof c->ip);
		pthread_mutex_lock(&mu);
		if (serving < limit) {
			serving++;
			c->counted = 1;
		}
		pthread_mutex_unlock(&mu);
		if (!c->counted) {
			say(c, "Sorry, the server is full\r\n");
			close(c->fd);
			free(c);
		} else if (pthread_create(&t, NULL, work, c) == 0) {
			pthread_detach(t);
		}
	}
}
