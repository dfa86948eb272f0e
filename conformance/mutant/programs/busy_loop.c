/*
 * busy_loop.c
 * The server of a Person2Person payment system. Start it with: ./busy_loop PORT
 *
 * Odd on purpose: when a client has closed its connection, recv() gives 0 and
 * the loop just goes on. The account is logged out as it should be, but the
 * thread spins for ever and keeps its descriptor.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTH 2048
#define USERS 4096

enum { OFFLINE, ONLINE };

struct entry {
	char name[17];
	int state, fd, port, money;
	struct in_addr ip;
};

struct entry db[USERS];
int db_size;
pthread_mutex_t db_lock = PTHREAD_MUTEX_INITIALIZER;

/* -1 if there is none of that name */
int db_find(const char *name)
{
	int i = db_size - 1;
	while (i >= 0 && strcmp(db[i].name, name))
		i--;
	return i;
}

int name_ok(const char *name)
{
	int i;
	for (i = 0; name[i]; i++) {
		int letter = (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z');
		int digit = name[i] >= '0' && name[i] <= '9';
		if (i == 16 || (!letter && !digit))
			return 0;
	}
	return i > 0;
}

/* a whole decimal number, or 0 */
int number(const char *s)
{
	long v = 0;
	int i;
	for (i = 0; s[i]; i++) {
		if (i == 10 || s[i] < '0' || s[i] > '9')
			return 0;
		v = v * 10 + s[i] - '0';
	}
	return v <= 2147483647 ? (int)v : 0;
}

void reg(const char *name, char *reply)
{
	if (!name_ok(name)) {
		strcpy(reply, "230 Input format error\r\n");
		return;
	}
	if (db_find(name) >= 0 || db_size == USERS) {
		strcpy(reply, "210 FAIL\r\n");
		return;
	}
	memset(&db[db_size], 0, sizeof db[0]);
	strcpy(db[db_size].name, name);
	db[db_size].money = 10000;
	db_size++;
	strcpy(reply, "100 OK\r\n");
}

void list(int me, char *reply)
{
	char *p = reply;
	int i, count = 0;
	for (i = 0; i < db_size; i++)
		count += db[i].state == ONLINE;
	p += sprintf(p, "%d\r\npublic key\r\n%d\r\n", db[me].money, count);
	for (i = 0; i < db_size; i++) {
		if (db[i].state == ONLINE) {
			char ip[INET_ADDRSTRLEN];
			inet_ntop(AF_INET, &db[i].ip, ip, sizeof ip);
			p += sprintf(p, "%s#%s#%d\r\n", db[i].name, ip, db[i].port);
		}
	}
}

void transfer(int fd, int me, const char *from, const char *money, const char *to)
{
	int payer = db_find(from), payee = db_find(to), n = number(money), target = fd;
	const char *text = "Transfer Fail!\r\n";

	if (payer >= 0 && payee >= 0 && payee == me && payer != me && n > 0 && db[payer].money >= n
	    && db[payee].money <= 2147483647 - n) {
		db[payer].money -= n;
		db[payee].money += n;
		text = "Transfer OK!\r\n";
	}
	if (payer >= 0 && db[payer].state == ONLINE)
		target = db[payer].fd;
	send(target, text, strlen(text), MSG_DONTWAIT);
}

int login(int fd, struct in_addr ip, int me, const char *name, const char *port, char *reply)
{
	int who = db_find(name), p = number(port);
	if (who < 0) {
		strcpy(reply, "220 AUTH_FAIL\r\n");
	} else if (p < 1 || p > 65535) {
		strcpy(reply, "230 Input format error\r\n");
	} else if (me >= 0 || db[who].state == ONLINE) {
		strcpy(reply, "This account is online already\r\n");
	} else {
		db[who].state = ONLINE;
		db[who].fd = fd;
		db[who].ip = ip;
		db[who].port = p;
		list(who, reply);
		return who;
	}
	return me;
}

void *thread_main(void *arg)
{
	int fd = (int)(long)arg, me = -1, done = 0;
	struct sockaddr_in peer;
	socklen_t len = sizeof peer;
	char buffer[LENGTH];
	char *reply = malloc(128 + 48 * USERS);

	memset(&peer, 0, sizeof peer);
	getpeername(fd, (struct sockaddr *)&peer, &len);
	while (!done) {
		char *x, *y;
		ssize_t n = recv(fd, buffer, LENGTH - 1, 0);
		if (n <= 0) {
			if (me >= 0) {
				pthread_mutex_lock(&db_lock);
				db[me].state = OFFLINE;
				pthread_mutex_unlock(&db_lock);
				me = -1;
			}
			continue;
		}
		buffer[n] = '\0';
		reply[0] = '\0';
		x = strchr(buffer, '#');
		y = x ? strchr(x + 1, '#') : NULL;

		pthread_mutex_lock(&db_lock);
		if (strlen(buffer) == LENGTH - 1) {
			strcpy(reply, "230 Input format error\r\n");
			done = 1;
		} else if (!strcmp(buffer, "Exit")) {
			if (me >= 0)
				db[me].state = OFFLINE;
			me = -1;
			strcpy(reply, "Bye\r\n");
			done = 1;
		} else if (!strcmp(buffer, "List")) {
			if (me >= 0)
				list(me, reply);
			else
				strcpy(reply, "Please login first\r\n");
		} else if (!strncmp(buffer, "REGISTER#", 9)) {
			reg(buffer + 9, reply);
		} else if (y && !strchr(y + 1, '#')) {
			*x = *y = '\0';
			transfer(fd, me, buffer, x + 1, y + 1);
		} else if (x) {
			*x = '\0';
			me = login(fd, peer.sin_addr, me, buffer, x + 1, reply);
		} else if (buffer[0]) {
			strcpy(reply, "230 Input format error\r\n");
		}
		pthread_mutex_unlock(&db_lock);
		send(fd, reply, strlen(reply), 0);
	}

	pthread_mutex_lock(&db_lock);
	if (me >= 0)
		db[me].state = OFFLINE;
	close(fd);
	pthread_mutex_unlock(&db_lock);
	free(reply);
	return NULL;
}

int main(int argc, char *argv[])
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd, s, reuse = 1;
	pthread_t id;

	if (argc != 2) {
		fprintf(stderr, "Usage: %s PORT\n", argv[0]);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
	addr.sin_port = htons(atoi(argv[1]));
	if (bind(s, (struct sockaddr *)&addr, sizeof addr) != 0 || listen(s, 128) != 0) {
		perror("server");
		return 1;
	}
	while (1) {
		fd = accept(s, NULL, NULL);
		if (fd < 0)
			usleep(10000);
		else if (pthread_create(&id, NULL, thread_main, (void *)(long)fd) == 0)
			pthread_detach(id);
		else
			close(fd);
	}
}
