/*
 * A small server of the 2021 edition, or something else: what it is depends on the
 * name that it is started by. It takes a port, and ignores what follows.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK 1024
#define MANY 4096

static const char *name;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char accounts[MANY][20];
static int online[MANY], known, clients;

static int is(const char *mode) { return !strcmp(name, mode); }

static void say(int s, const char *text)
{
	send(s, text, strlen(text), MSG_NOSIGNAL);
}

static int account(const char *who)
{
	for (int i = 0; i < known; i++)
		if (!strcmp(accounts[i], who))
			return i;
	return -1;
}

/* what other programs do with what they read */
static int foreign(int s, char *text, int n)
{
	if (is("mute") || is("ssh"))
		return 1;
	if (is("echo"))
		send(s, text, n, MSG_NOSIGNAL);
	else if (is("web"))
		say(s, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
	else if (is("encrypted")) /* a refusal in TLS, to TLS alone */
		return text[0] == 22 ? send(s, "\x15\x03\x03\x00\x02\x02\x28", 7, MSG_NOSIGNAL) : 1;
	else if (is("alerting")) /* to anything */
		return send(s, "\x15\x03\x01\x00\x02\x02\x46", 7, MSG_NOSIGNAL);
	else if (is("babbling"))
		say(s, "What?\r\n");
	else
		return 0;
	return 1;
}

static int answer(int s, char *text, int *me)
{
	char reply[BLOCK + MANY * 40], *second = strchr(text, '#');
	int n = 0;

	if (!strncmp(text, "REGISTER#", 9)) {
		if (is("refusing"))
			return say(s, "210 FAIL\r\n"), 1;
		if (account(second + 1) >= 0)
			return say(s, "210 FAIL\r\n"), 1;
		strncpy(accounts[known++], second + 1, 19);
		return say(s, is("filled") ? "100 OK\n" : "100 OK\r\n"), 1;
	}
	if (is("falls_silent"))
		return 1;
	if (!strcmp(text, "Exit"))
		return say(s, "Bye\r\n"), 0;
	if (second && !strchr(second + 1, '#')) {
		*second = '\0';
		if ((*me = account(text)) < 0)
			return say(s, "220 AUTH_FAIL\r\n"), 1;
		online[*me] = atoi(second + 1);
	} else if (second) {
		return 1;
	}
	for (int i = 0; i < known; i++)
		n += online[i] != 0;
	n = sprintf(reply, "10000\r\nkey\r\n%d\r\n", n);
	for (int i = 0; i < known; i++)
		if (online[i])
			n += sprintf(reply + n, "%s#127.0.0.1#%d\r\n", accounts[i], online[i]);
	say(s, reply);
	return 1;
}

static void *serve(void *arg)
{
	int s = (int)(long)arg, me = -1, n;
	char text[BLOCK + 1];

	if (is("ssh"))
		say(s, "SSH-2.0-OpenSSH_9.0\r\n");
	if (is("long_greeting"))
		say(s, "Welcome\r\nto this\r\nserver\r\n");
	for (;;) {
		n = recv(s, text, BLOCK, is("filled") ? MSG_WAITALL : 0);
		if (n <= 0 || (is("filled") && n < BLOCK))
			break;
		text[n] = '\0';
		if (foreign(s, text, n))
			continue;
		pthread_mutex_lock(&lock);
		n = answer(s, text, &me);
		pthread_mutex_unlock(&lock);
		if (n == 0)
			break;
	}
	pthread_mutex_lock(&lock);
	if (me >= 0)
		online[me] = 0;
	pthread_mutex_unlock(&lock);
	close(s);
	return NULL;
}

int main(int argc, char **argv)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	struct sockaddr_in addr = { .sin_family = AF_INET };
	pthread_t t;

	name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	if (argc < 2)
		return 1;
	addr.sin_port = htons(atoi(argv[1]));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(s, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(s, 128) < 0)
		return 1;
	for (;;) {
		int c = accept(s, NULL, NULL);
		if (is("dies_of_six") && ++clients == 6)
			raise(SIGSEGV);
		pthread_create(&t, NULL, serve, (void *)(long)c);
		pthread_detach(t);
	}
}
