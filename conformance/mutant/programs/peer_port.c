/* peer_port.c		./peer_port PORT
 *
 * Threads are created on accept; accounts are kept in a hash table.
 *
 * Odd on purpose: the list gives the port the client happens to connect from,
 * not the one it said at login.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUCKETS 127

struct acct {
	char name[17];
	long balance;
	int sd;                         /* -1 = offline */
	struct sockaddr_in peer;
	struct acct *link;
};

static struct acct *table[BUCKETS];
static pthread_mutex_t table_mx = PTHREAD_MUTEX_INITIALIZER;

static unsigned hash(const char *s)
{
	unsigned h = 5381;
	while (*s)
		h = h * 33 + (unsigned char)*s++;
	return h % BUCKETS;
}

static struct acct *find(const char *name)
{
	struct acct *a = table[hash(name)];
	while (a && strcmp(a->name, name))
		a = a->link;
	return a;
}

static int in_range(const char *s, long max)
{
	const char *p = s;
	while (*p >= '0' && *p <= '9')
		p++;
	return p != s && *p == '\0' && p - s <= 10 && atol(s) >= 1 && atol(s) <= max;
}

static void put(int sd, const char *s)
{
	send(sd, s, strlen(s), 0);
}

static void put_list(int sd, struct acct *me)
{
	char *body = NULL, *all = NULL;
	size_t blen = 0, alen = 0;
	struct acct *a;
	int i, n = 0;
	FILE *f = open_memstream(&body, &blen);

	pthread_mutex_lock(&table_mx);
	for (i = 0; i < BUCKETS; i++)
		for (a = table[i]; a; a = a->link)
			if (a->sd >= 0) {
				n++;
				fprintf(f, "%s#%s#%d\r\n", a->name, inet_ntoa(a->peer.sin_addr), ntohs(a->peer.sin_port));
			}
	fclose(f);
	f = open_memstream(&all, &alen);
	fprintf(f, "%ld\r\npublic key\r\n%d\r\n%s", me->balance, n, body);
	fclose(f);
	pthread_mutex_unlock(&table_mx);

	send(sd, all, alen, 0);
	free(body);
	free(all);
}

static void reg(int sd, const char *name)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	int made = 0;

	if (!*name || strlen(name) > 16 || strspn(name, allowed) != strlen(name)) {
		put(sd, "230 Input format error\r\n");
		return;
	}
	pthread_mutex_lock(&table_mx);
	if (!find(name)) {
		struct acct *a = calloc(1, sizeof *a);
		unsigned h = hash(name);
		strcpy(a->name, name);
		a->balance = 10000;
		a->sd = -1;
		a->link = table[h];
		table[h] = a;
		made = 1;
	}
	pthread_mutex_unlock(&table_mx);
	put(sd, made ? "100 OK\r\n" : "210 FAIL\r\n");
}

static struct acct *login(int sd, struct acct *me, const char *name, const char *port)
{
	const char *no = NULL;
	struct acct *a;

	pthread_mutex_lock(&table_mx);
	a = find(name);
	if (!a)
		no = "220 AUTH_FAIL\r\n";
	else if (!in_range(port, 65535))
		no = "230 Input format error\r\n";
	else if (me || a->sd >= 0)
		no = "It is in use\r\n";
	else {
		socklen_t len = sizeof a->peer;
		getpeername(sd, (struct sockaddr *)&a->peer, &len);
		a->sd = sd;
		me = a;
	}
	pthread_mutex_unlock(&table_mx);
	if (no)
		put(sd, no);
	else
		put_list(sd, me);
	return me;
}

static void pay(int sd, struct acct *me, const char *from, const char *sum, const char *to)
{
	struct acct *payer, *payee;
	int ok, target;

	pthread_mutex_lock(&table_mx);
	payer = find(from);
	payee = find(to);
	ok = payer && payee && payee == me && payer != me && in_range(sum, 2147483647) && payer->balance >= atol(sum);
	if (ok) {
		payer->balance -= atol(sum);
		payee->balance += atol(sum);
	}
	target = payer && payer->sd >= 0 ? payer->sd : sd;
	send(target, ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n", ok ? 14 : 16, MSG_DONTWAIT);
	pthread_mutex_unlock(&table_mx);
}

static void logout(struct acct *me)
{
	pthread_mutex_lock(&table_mx);
	if (me)
		me->sd = -1;
	pthread_mutex_unlock(&table_mx);
}

static void *conversation(void *arg)
{
	int sd = *(int *)arg;
	struct acct *me = NULL;
	char line[2048], *h1, *h2;
	ssize_t got;

	free(arg);
	while ((got = recv(sd, line, sizeof line - 1, 0)) > 0) {
		line[got] = '\0';
		if (strlen(line) == sizeof line - 1)
			break;
		h1 = strchr(line, '#');
		h2 = h1 ? strchr(h1 + 1, '#') : NULL;
		if (!strcmp(line, "List")) {
			if (me)
				put_list(sd, me);
			else
				put(sd, "Please login first\r\n");
		} else if (!strcmp(line, "Exit")) {
			logout(me);
			me = NULL;
			put(sd, "Bye\r\n");     /* and wait for the client to close */
		} else if (!strncmp(line, "REGISTER#", 9)) {
			reg(sd, line + 9);
		} else if (h2 && !strchr(h2 + 1, '#')) {
			*h1++ = *h2++ = '\0';
			pay(sd, me, line, h1, h2);
		} else if (h1) {
			*h1++ = '\0';
			me = login(sd, me, line, h1);
		} else if (*line) {
			put(sd, "230 Input format error\r\n");
		}
	}
	logout(me);
	close(sd);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	int s, on = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: peer_port PORT\n");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	sa.sin_port = htons(atoi(argv[1]));
	if (bind(s, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(s, 128) < 0) {
		perror("peer_port");
		return 1;
	}
	for (;;) {
		pthread_t t;
		int *sd = malloc(sizeof *sd);
		*sd = accept(s, NULL, NULL);
		if (*sd < 0) {
			free(sd);
			usleep(10000);
		} else if (pthread_create(&t, NULL, conversation, sd)) {
			close(*sd);
			free(sd);
		} else {
			pthread_detach(t);
		}
	}
}
