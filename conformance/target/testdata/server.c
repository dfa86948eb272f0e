// server PORT HABIT: a small server that answers every read with one line, and has
// one habit of real servers. Everything that a wait has to see through is here.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *habit;
static int is(const char *name) { return strcmp(habit, name) == 0; }
static int begins(const char *name) { return strncmp(habit, name, strlen(name)) == 0; }
static int number(void) { return atoi(strrchr(habit, '-') + 1); } // milliseconds

static void rest(int ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL); }

static void compute(int ms) // of processor time
{
	struct timespec t;
	long end;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	end = t.tv_sec * 1000 + t.tv_nsec / 1000000 + ms;
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < end);
}

static int answer(int fd) { return send(fd, "answer\n", 7, MSG_NOSIGNAL); }

// before is what a server does between a request and its answer.
static void before(int fd)
{
	struct timeval tv;
	fd_set set;
	char buf[64];
	if (begins("sleep-"))
		rest(number());
	else if (begins("compute-"))
		compute(number());
	else if (begins("select-")) { // waits for the rest of a request
		FD_ZERO(&set);
		FD_SET(fd, &set);
		tv = (struct timeval){0, number() * 1000};
		while (select(fd + 1, &set, NULL, NULL, &tv) > 0 && recv(fd, buf, sizeof buf, 0) > 0)
			;
	} else if (begins("poll-"))
		poll(&(struct pollfd){fd, POLLIN, 0}, 1, number());
	else if (begins("epoll-")) {
		struct epoll_event e = {EPOLLIN, {0}};
		int set = epoll_create1(0);
		epoll_ctl(set, EPOLL_CTL_ADD, fd, &e);
		epoll_wait(set, &e, 1, number());
		close(set);
	} else if (is("fsync")) {
		int file = open("file", O_CREAT | O_WRONLY | O_APPEND, 0600);
		if (write(file, "x", 1) == 1)
			fsync(file);
		close(file);
	} else if (is("print")) {
		for (int i = 0; i < 4000; i++)
			printf("%0100d\n", i); // 400 KB, more than any pipe holds
		fflush(stdout);
	} else if (is("abort"))
		abort();
	else if (is("exit"))
		exit(3);
}

static void *serve(void *arg)
{
	int fd = (int)(long)arg;
	char buf[4096];
	if (is("deaf"))
		for (;;)
			pause();
	while (recv(fd, buf, sizeof buf, 0) > 0) {
		before(fd);
		if (is("silent"))
			continue;
		if (is("twice")) {
			answer(fd);
			rest(20);
		}
		while (answer(fd) > 0 && is("flood"))
			;
	}
	close(fd);
	return NULL;
}

static void *spin(void *arg)
{
	for (volatile long i = 0;; i++)
		;
	return arg;
}

static void *beat(void *arg)
{
	for (;;)
		rest((int)(long)arg);
	return NULL;
}

// A pool: the connections wait in a pipe's worth of memory, under a lock.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int queue[1024], first, last;

static void *work(void *arg)
{
	struct timespec until;
	for (;;) {
		pthread_mutex_lock(&lock);
		while (first == last) {
			if (is("timed pool")) { // looks around now and then
				clock_gettime(CLOCK_REALTIME, &until);
				if ((until.tv_nsec += 50000000) >= 1000000000)
					until.tv_sec++, until.tv_nsec -= 1000000000;
				pthread_cond_timedwait(&filled, &lock, &until);
			} else
				pthread_cond_wait(&filled, &lock);
		}
		int fd = queue[first++ % 1024];
		pthread_mutex_unlock(&lock);
		serve((void *)(long)fd);
	}
	return arg;
}

static void start(void *(*body)(void *), long arg)
{
	pthread_t t;
	if (pthread_create(&t, NULL, body, (void *)arg) != 0)
		exit(4);
	pthread_detach(t);
}

// loop serves all connections in one thread that never blocks in a read.
static void loop(int listener)
{
	int fds[64], n = 0;
	char buf[4096];
	fcntl(listener, F_SETFL, O_NONBLOCK);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (fd >= 0 && n < 64)
			fds[n++] = fd;
		for (int i = 0; i < n; i++)
			if (recv(fds[i], buf, sizeof buf, 0) > 0)
				answer(fds[i]);
		if (begins("naps-"))
			rest(number());
	}
}

// tick serves all connections by select(), and looks around now and then.
static void tick(int listener)
{
	fd_set all, set;
	char buf[4096];
	FD_ZERO(&all);
	FD_SET(listener, &all);
	for (;;) {
		struct timeval tv = {0, number() * 1000};
		set = all;
		if (select(FD_SETSIZE, &set, NULL, NULL, &tv) <= 0)
			continue;
		for (int fd = 0; fd < FD_SETSIZE; fd++) {
			if (!FD_ISSET(fd, &set))
				continue;
			if (fd == listener) {
				int client = accept(listener, NULL, NULL);
				FD_SET(client, &all);
			} else if (recv(fd, buf, sizeof buf, 0) > 0)
				answer(fd);
			else
				FD_CLR(fd, &all), close(fd);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	habit = argv[2];
	signal(SIGCHLD, SIG_IGN);

	// Those that never come so far as to serve.
	if (is("never listens"))
		pause();
	if (is("spins before"))
		spin(NULL);
	if (is("ends at once"))
		return fprintf(stderr, "no database\n"), 3;
	if (is("dies at once"))
		abort();
	if (is("sleeps before"))
		rest(150);

	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]) + (is("wrong port") ? 1 : 0))};
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, 64) != 0)
		return perror("bind"), 5;

	if (is("aborts after"))
		abort();
	if (is("never accepts"))
		for (;;)
			pause();
	if (is("spins"))
		start(spin, 0);
	if (begins("beats-") || is("fork and beat"))
		start(beat, begins("beats-") ? number() : 10);
	if (is("loop") || begins("naps-"))
		loop(listener);
	if (begins("ticks-"))
		tick(listener);
	if (is("pool") || is("timed pool"))
		for (int i = 0; i < 4; i++)
			start(work, 0);
	if (is("family")) // a child that would outlive its parent
		if (fork() == 0)
			for (;;)
				pause();
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		if (begins("fork")) {
			if (fork() == 0) {
				close(listener);
				rest(20);
				serve((void *)(long)fd);
				_exit(0);
			}
			close(fd);
		} else if (is("pool") || is("timed pool")) {
			pthread_mutex_lock(&lock);
			queue[last++ % 1024] = fd;
			pthread_cond_signal(&filled);
			pthread_mutex_unlock(&lock);
		} else
			start(serve, fd);
	}
}
