/*
 * deposit_2020.c - the server of the year 2020:  ./deposit_2020 PORT
 *
 * That year REGISTER carries a deposit, each request ends in CRLF, and the list
 * has no key line.
 *
 * Odd on purpose: it strips the CRLF (or LF), yet takes one recv() for one
 * request, so a request in two segments, or two in one, is not understood.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_AMOUNT 2147483647L

struct user {
  char name[17];
  long balance;
  int fd;             /* -1 when not logged in */
  char place[32];     /* address#port */
  struct user *next;
};

static struct user *users;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct user *find(const char *name) {
  struct user *u = users;
  while (u && strcmp(u->name, name)) u = u->next;
  return u;
}

static struct user *logged_in(int fd) {
  struct user *u = users;
  while (u && u->fd != fd) u = u->next;
  return u;
}

static long number(const char *s, long max) {
  size_t n = strlen(s);
  if (n < 1 || n > 10 || strspn(s, "0123456789") != n || atol(s) > max) return -1;
  return atol(s);
}

static void say(int fd, const char *text) { send(fd, text, strlen(text), 0); }

static void send_list(int fd) {
  struct user *u, *me;
  char *text = NULL;
  size_t size = 0;
  int n = 0;
  FILE *f = open_memstream(&text, &size);

  pthread_mutex_lock(&mutex);
  me = logged_in(fd);
  if (!me) {
    fputs("Please login first\r\n", f);
  } else {
    for (u = users; u; u = u->next) n += u->fd >= 0;
    fprintf(f, "%ld\r\n%d\r\n", me->balance, n);
    for (u = users; u; u = u->next)
      if (u->fd >= 0) fprintf(f, "%s#%s\r\n", u->name, u->place);
  }
  pthread_mutex_unlock(&mutex);
  fclose(f);
  say(fd, text);
  free(text);
}

static void do_register(int fd, char *name) {
  const char *reply = "210 FAIL\r\n";
  char *deposit = strchr(name, '#');
  size_t n;
  long money;

  if (!deposit) {
    say(fd, "230 Input format error\r\n");
    return;
  }
  *deposit++ = '\0';
  money = number(deposit, MAX_AMOUNT);
  n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  if (money < 0 || n < 1 || n > 16 || name[n]) {
    say(fd, "230 Input format error\r\n");
    return;
  }
  pthread_mutex_lock(&mutex);
  if (!find(name)) {
    struct user *u = malloc(sizeof *u);
    strcpy(u->name, name);
    u->balance = money;
    u->fd = -1;
    u->next = users;
    users = u;
    reply = "100 OK\r\n";
  }
  pthread_mutex_unlock(&mutex);
  say(fd, reply);
}

static void do_login(int fd, const char *ip, const char *name, const char *port) {
  const char *refused = NULL;
  struct user *u, *old;

  pthread_mutex_lock(&mutex);
  u = find(name);
  old = logged_in(fd);
  if (!u) {
    refused = "220 AUTH_FAIL\r\n";
  } else if (number(port, 65535) < 1) {
    refused = "230 Input format error\r\n";
  } else {
    if (old) old->fd = -1;
    u->fd = fd;       /* whoever logs in last has the account */
    snprintf(u->place, sizeof u->place, "%s#%ld", ip, number(port, 65535));
  }
  pthread_mutex_unlock(&mutex);
  if (refused) say(fd, refused);
  else send_list(fd);
}

static void do_pay(int fd, const char *from, const char *amount, const char *to) {
  struct user *payer, *payee;
  const char *text = "Transfer Fail!\r\n";
  long n = number(amount, MAX_AMOUNT);

  pthread_mutex_lock(&mutex);
  payer = find(from);
  payee = find(to);
  if (payer && payee && payer != payee && payee->fd == fd && n > 0 && n <= payer->balance) {
    payer->balance -= n;
    payee->balance += n;
    text = "Transfer OK!\r\n";
  }
  send(payer && payer->fd >= 0 ? payer->fd : fd, text, strlen(text), MSG_DONTWAIT);
  pthread_mutex_unlock(&mutex);
}

static void do_exit(int fd) {
  struct user *u;
  pthread_mutex_lock(&mutex);
  u = logged_in(fd);
  if (u) u->fd = -1;
  pthread_mutex_unlock(&mutex);
}

static void *serve(void *arg) {
  int fd = *(int *)arg;
  char buf[2048], ip[INET_ADDRSTRLEN] = "", *a, *b;
  struct sockaddr_in peer;
  socklen_t len = sizeof peer;
  ssize_t n;

  free(arg);
  memset(&peer, 0, sizeof peer);
  getpeername(fd, (struct sockaddr *)&peer, &len);
  inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);

  while ((n = recv(fd, buf, sizeof buf - 1, 0)) > 0) {
    buf[n] = '\0';
    size_t end = strlen(buf);
    if (end == sizeof buf - 1) break;
    if (end > 0 && buf[end - 1] == '\n') buf[--end] = '\0';
    if (end > 0 && buf[end - 1] == '\r') buf[--end] = '\0';
    if (end == 0) continue;

    a = strchr(buf, '#');
    b = a ? strchr(a + 1, '#') : NULL;
    if (!strcmp(buf, "Exit")) {
      do_exit(fd);
      say(fd, "Bye\r\n");
      break;
    } else if (!strcmp(buf, "List")) {
      send_list(fd);
    } else if (!a) {
      say(fd, "230 Input format error\r\n");
    } else if (!strncmp(buf, "REGISTER#", 9)) {
      do_register(fd, buf + 9);
    } else if (b && !strchr(b + 1, '#')) {
      *a++ = *b++ = '\0';
      do_pay(fd, buf, a, b);
    } else {
      *a++ = '\0';
      do_login(fd, ip, buf, a);
    }
  }
  do_exit(fd);
  close(fd);
  return NULL;
}

int main(int argc, char *argv[]) {
  struct sockaddr_in addr;
  int listener, on = 1;

  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 1;
  }
  signal(SIGPIPE, SIG_IGN);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  memset(&addr, 0, sizeof addr);
  addr.sin_family = AF_INET;
  addr.sin_addr.s_addr = htonl(INADDR_ANY);
  addr.sin_port = htons(atoi(argv[1]));
  if (bind(listener, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(listener, 128) < 0) {
    perror("deposit_2020");
    return 1;
  }
  for (;;) {
    pthread_t t;
    int *fd = malloc(sizeof *fd);
    *fd = accept(listener, NULL, NULL);
    if (*fd < 0) {
      free(fd);
      usleep(10000);
      continue;
    }
    pthread_create(&t, NULL, serve, fd);
    pthread_detach(t);
  }
}
