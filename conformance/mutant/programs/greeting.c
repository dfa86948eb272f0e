/*
 * greeting PORT
 *
 * Says hello to every client, then serves it in a thread of its own.
 *
 * Odd on purpose: it speaks first ("Connection accepted").
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO "Connection accepted\r\n"
#define BADFORMAT "230 Input format error\r\n"

struct person {
	char name[17], ip[16];
	unsigned port;
	long balance;
	int online, sock;
	struct person *next;
};

static struct person *first;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct person *search(const char *name)
{
	struct person *p;
	for (p = first; p != NULL; p = p->next)
		if (strcmp(p->name, name) == 0)
			break;
	return p;
}

static long positive(const char *s)
{
	if (strlen(s) > 10 || *s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return -1;
	return strtol(s, NULL, 10) > 0 ? strtol(s, NULL, 10) : -1;
}

static const char *new_person(const char *name)
{
	const char *ok = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct person *p, **last = &first;

	if (name[0] == '\0' || strlen(name) > 16 || name[strspn(name, ok)] != '\0')
		return BADFORMAT;
	if (search(name))
		return "210 FAIL\r\n";
	p = calloc(1, sizeof *p);
	strcpy(p->name, name);
	p->balance = 10000;
	while (*last)
		last = &(*last)->next;
	*last = p;
	return "100 OK\r\n";
}

static void write_list(FILE *out, struct person *me)
{
	struct person *p;
	int n = 0;
	for (p = first; p; p = p->next)
		n += p->online;
	fprintf(out, "%ld\r\npublic key\r\n%d\r\n", me->balance, n);
	for (p = first; p; p = p->next)
		if (p->online)
			fprintf(out, "%s#%s#%u\r\n", p->name, p->ip, p->port);
}

static void pay(int sock, struct person *me, char *from, char *amount, char *to)
{
	struct person *payer = search(from), *payee = search(to);
	long n = positive(amount);
	const char *notice = "Transfer Fail!\r\n";

	if (payer && payee && payee == me && payer != me && n > 0 && n <= payer->balance) {
		payer->balance -= n;
		payee->balance += n;
		notice = "Transfer OK!\r\n";
	}
	send(payer && payer->online ? payer->sock : sock, notice, strlen(notice), MSG_DONTWAIT);
}

/* One request; the answer is written into out. Returns who is logged in after it. */
static struct person *handle(int sock, const char *ip, struct person *me, char *msg, FILE *out)
{
	char *a = strchr(msg, '#'), *b;

	if (!strcmp(msg, "List")) {
		if (me)
			write_list(out, me);
		else
			fputs("Please login first\r\n", out);
	} else if (!strcmp(msg, "Exit")) {
		if (me)
			me->online = 0;
		me = NULL;
		fputs("Bye\r\n", out);
	} else if (!a) {
		fputs(BADFORMAT, out);
	} else if (!strncmp(msg, "REGISTER#", 9)) {
		fputs(new_person(msg + 9), out);
	} else if ((b = strchr(a + 1, '#')) != NULL && !strchr(b + 1, '#')) {
		*a++ = *b++ = '\0';
		pay(sock, me, msg, a, b);
	} else {
		struct person *p;
		*a++ = '\0';
		p = search(msg);
		if (!p)
			fputs("220 AUTH_FAIL\r\n", out);
		else if (positive(a) < 0 || positive(a) > 65535)
			fputs(BADFORMAT, out);
		else if (p->online || me)
			fputs("User is already online\r\n", out);
		else {
			p->online = 1;
			p->sock = sock;
			p->port = (unsigned)positive(a);
			strcpy(p->ip, ip);
			write_list(out, p);
			me = p;
		}
	}
	return me;
}

static void *client(void *arg)
{
	int sock = *(int *)arg;
	struct person *me = NULL;
	struct sockaddr_in peer;
	socklen_t len = sizeof peer;
	char msg[3000], ip[16] = "0.0.0.0";
	ssize_t n;

	free(arg);
	if (getpeername(sock, (struct sockaddr *)&peer, &len) == 0)
		inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
	send(sock, HELLO, strlen(HELLO), 0);

	while ((n = recv(sock, msg, sizeof msg - 1, 0)) > 0) {
		char *reply = NULL;
		size_t size = 0;
		FILE *out;

		msg[n] = '\0';
		if (strlen(msg) == sizeof msg - 1)
			break;          /* nobody needs so much */
		if (msg[0] == '\0')
			continue;
		out = open_memstream(&reply, &size);
		pthread_mutex_lock(&lock);
		me = handle(sock, ip, me, msg, out);
		pthread_mutex_unlock(&lock);
		fclose(out);
		if (size > 0)
			send(sock, reply, size, 0);
		free(reply);
	}
	pthread_mutex_lock(&lock);
	if (me)
		me->online = 0;
	close(sock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr;
	int s, yes = 1, *sock;
	pthread_t t;

	if (argc != 2) {
		fprintf(stderr, "usage: greeting PORT\n");
		exit(1);
	}
	signal(SIGPIPE, SIG_IGN);
	memset(&addr, 0, sizeof addr);
	addr.sin_family = AF_INET;
	addr.sin_port = htons(atoi(argv[1]));
	s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(s, (struct sockaddr *)&addr, sizeof addr) < 0) {
		perror("bind");
		exit(1);
	}
	listen(s, 128);
	printf("Waiting for clients...\n");
	for (;;) {
		sock = malloc(sizeof *sock);
		*sock = accept(s, NULL, NULL);
		if (*sock < 0) {
			free(sock);
			usleep(10000);
		} else if (pthread_create(&t, NULL, client, sock) != 0) {
			close(*sock);
			free(sock);
		} else
			pthread_detach(t);
	}
}
