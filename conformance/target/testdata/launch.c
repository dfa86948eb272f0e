/*
 * A server that serves nobody. How it comes to its port, and what it asks before, is
 * in the name that it is started by.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *name, *usage = "<port>";
static char line[100];

static void demand(int is)
{
	if (is)
		return;
	fprintf(stderr, "usage: ./%s %s\n", name, usage);
	exit(1);
}

/* the number in a text, or 0 if there is more than that */
static int number(const char *text)
{
	char *end;
	long n = text ? strtol(text, &end, 10) : 0;
	return n > 0 && n < 65536 && *end == '\0' ? n : 0;
}

/* asks, and flushes or not, and ends with the input */
static const char *ask(const char *question, int shown)
{
	printf("%s", question);
	if (shown)
		fflush(stdout);
	if (!fgets(line, sizeof line, stdin))
		exit(2);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static int yes(const char *question, int shown)
{
	for (;;) {
		const char *answer = ask(question, shown);
		if (!strcasecmp(answer, "y"))
			return 1;
		if (!strcasecmp(answer, "n"))
			return 0;
	}
}

static int listener(int port)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (port == 0 || bind(s, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(s, 8) < 0) {
		fprintf(stderr, "%s: cannot listen on %d\n", name, port);
		exit(3);
	}
	return s;
}

static void *takes(void *s)
{
	for (;;)
		if (accept(*(int *)s, NULL, NULL) < 0)
			exit(4);
}

static int is(const char *mode) { return !strcmp(name, mode); }

int main(int argc, char **argv)
{
	int port = 0, s;

	name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	if (is("port")) {
		demand(argc == 2);
		port = number(argv[1]);
	} else if (is("port_and_limit")) {
		usage = "<port> <limit>";
		demand(argc == 3 && number(argv[2]));
		port = number(argv[1]);
	} else if (is("optional_limit")) {
		usage = "<port> [max clients]";
		demand(argc >= 2);
		port = number(argv[1]);
	} else if (is("reads_limit")) {
		demand(argc == 2 || (argc == 3 && number(argv[2])));
		port = number(argv[1]);
	} else if (is("surplus")) {
		demand(argc >= 2);
		port = number(argv[1]);
	} else if (is("limit_and_port")) {
		demand(argc == 3 && number(argv[1]) && number(argv[1]) < 1000);
		port = number(argv[2]);
	} else if (is("host_and_port")) {
		usage = "HOST PORT";
		demand(argc == 3 && strchr(argv[1], '.'));
		port = number(argv[2]);
	} else if (is("mode")) {
		usage = "<port> [-d|-s|-a]";
		demand(argc == 3 && argv[2][0] == '-');
		port = number(argv[1]);
	} else if (is("flags")) {
		usage = "--listen PORT --clients N";
		demand(argc == 5 && !strcmp(argv[1], "--listen") && !strcmp(argv[3], "--clients"));
		port = number(argv[2]);
	} else if (is("asks")) {
		port = number(ask("Port of the server: ", 1));
	} else if (is("asks_unseen")) {
		port = number(ask("Port of the server: ", 0));
	} else if (is("asks_limit_too")) {
		port = number(ask("Port: ", 1));
		demand(number(ask("Maximum number of clients: ", 1)) == 16);
	} else if (is("asks_host_too")) {
		demand(strchr(ask("IP address: ", 1), '.') != NULL);
		port = number(ask("Port number: ", 1));
	} else if (is("offers_default")) {
		port = yes("Use the default port? [y/n] ", 1) ? 80 : number(ask("Which then? ", 1));
	} else if (is("insists")) {
		port = PORT;
		demand(yes("Start the server (yes/no)", 1));
	} else if (is("insists_unseen")) {
		port = PORT;
		demand(yes("Start?", 0));
	} else if (is("fixed")) {
		port = PORT;
	} else if (is("fixed_and_limit")) {
		port = PORT;
		demand(argc == 2 && number(argv[1]));
	} else if (is("selects")) {
		fd_set in;
		FD_ZERO(&in);
		FD_SET(0, &in);
		select(1, &in, NULL, NULL, NULL);
		port = number(ask("", 0));
	} else if (is("variable")) {
		port = number(getenv("PORT"));
	} else if (is("until_end")) {
		while (fgets(line, sizeof line, stdin))
			port = number(strtok(line, "\n"));
	} else if (is("certificate")) {
		demand(argc == 2);
		if (access("keys/cert.pem", R_OK) < 0) {
			fprintf(stderr, "keys/cert.pem: no such file\n");
			return 5;
		}
		port = number(argv[1]);
	} else if (is("asks_late")) {
		s = listener(number(argv[1]));
		demand(number(ask("How many clients? ", 1)) == 16);
		takes(&s);
	} else if (is("console")) {
		pthread_t t;
		s = listener(number(argv[1]));
		pthread_create(&t, NULL, takes, &s);
		ask("> ", 1);
		return 6; /* it does what it was told */
	} else if (is("ends_early")) {
		listener(number(argv[1]));
		abort();
	} else if (is("idle")) {
		pause();
	} else if (is("questions")) {
		for (;;)
			ask("What is the password? ", 1);
	}
	s = listener(port);
	takes(&s);
}
