/* select_loop.c - one thread, one select(), all clients.
 *
 * usage: ./select_loop port
 *
 * Odd on purpose: nothing on the wire. There is no second thread, so it breaks
 * only the rule that clients are served by threads. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_ACCOUNTS 4096

struct account {
  char name[17];
  long balance;
  int fd;   /* -1 when offline */
  int port;
};

static struct account accounts[MAX_ACCOUNTS];
static int n_accounts;
static struct in_addr address[FD_SETSIZE];      /* where each client comes from */
static struct account *logged[FD_SETSIZE];      /* who is logged in on it */
static fd_set all;

static struct account *lookup(const char *name) {
  int i;
  for (i = 0; i < n_accounts; i++)
    if (strcmp(accounts[i].name, name) == 0) return &accounts[i];
  return NULL;
}

static void drop(int fd) {
  if (logged[fd]) logged[fd]->fd = -1;
  logged[fd] = NULL;
  FD_CLR(fd, &all);
  close(fd);
}

/* Never blocks: one client that does not read must not stop the loop. */
static void say(int fd, const char *text) {
  send(fd, text, strlen(text), MSG_DONTWAIT);
}

static void send_list(int fd) {
  static char text[MAX_ACCOUNTS * 48 + 128];
  int i, count = 0, n = 0;
  for (i = 0; i < n_accounts; i++)
    if (accounts[i].fd >= 0) count++;
  n += sprintf(text, "%ld\r\nSERVER_PUBLIC_KEY\r\n%d\r\n", logged[fd]->balance, count);
  for (i = 0; i < n_accounts; i++) {
    struct account *a = &accounts[i];
    if (a->fd >= 0) n += sprintf(text + n, "%s#%s#%d\r\n", a->name, inet_ntoa(address[a->fd]), a->port);
  }
  say(fd, text);
}

static void do_register(int fd, const char *name) {
  size_t good = strspn(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  if (name[good] || good == 0 || good > 16) {
    say(fd, "230 Input format error\r\n");
  } else if (lookup(name) || n_accounts == MAX_ACCOUNTS) {
    say(fd, "210 FAIL\r\n");
  } else {
    struct account *a = &accounts[n_accounts++];
    strcpy(a->name, name);
    a->balance = 10000;
    a->fd = -1;
    say(fd, "100 OK\r\n");
  }
}

static void do_login(int fd, const char *name, const char *port) {
  struct account *a = lookup(name);
  size_t len = strlen(port);
  if (!a) {
    say(fd, "220 AUTH_FAIL\r\n");
  } else if (len < 1 || len > 5 || strspn(port, "0123456789") != len || atoi(port) < 1 || atoi(port) > 65535) {
    say(fd, "230 Input format error\r\n");
  } else {
    if (logged[fd]) logged[fd]->fd = -1;
    if (a->fd >= 0) logged[a->fd] = NULL;     /* the newest login counts */
    a->fd = fd;
    a->port = atoi(port);
    logged[fd] = a;
    send_list(fd);
  }
}

static void do_payment(int fd, const char *from, const char *digits, const char *to) {
  struct account *payer = lookup(from), *payee = lookup(to);
  size_t len = strlen(digits);
  long amount = 0;
  int ok = 0;
  if (len > 0 && len <= 10 && strspn(digits, "0123456789") == len) amount = atol(digits);
  if (payer && payee && payer != payee && payee == logged[fd] && amount > 0 && amount <= payer->balance) {
    payer->balance -= amount;
    payee->balance += amount;
    ok = 1;
  }
  say(payer && payer->fd >= 0 ? payer->fd : fd, ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n");
}

static void one_request(int fd) {
  char msg[4096], *first, *second;
  ssize_t n = recv(fd, msg, sizeof msg - 1, 0);
  if (n <= 0) {
    drop(fd);
    return;
  }
  msg[n] = '\0';
  if (strlen(msg) == sizeof msg - 1) {
    say(fd, "230 Input format error\r\n");
    drop(fd);
    return;
  }
  if (msg[0] == '\0') return;

  if (strncmp(msg, "REGISTER#", 9) == 0) {
    do_register(fd, msg + 9);
  } else if (strcmp(msg, "List") == 0) {
    if (logged[fd]) send_list(fd);
    else say(fd, "Please login first\r\n");
  } else if (strcmp(msg, "Exit") == 0) {
    if (logged[fd]) logged[fd]->fd = -1;
    logged[fd] = NULL;
    say(fd, "Bye\r\n");                        /* closing is left to the client */
  } else if ((first = strchr(msg, '#')) == NULL) {
    say(fd, "230 Input format error\r\n");
  } else {
    *first++ = '\0';
    second = strchr(first, '#');
    if (!second || strchr(second + 1, '#')) {
      do_login(fd, msg, first);         /* no port has a # in it */
    } else {
      *second++ = '\0';
      do_payment(fd, msg, first, second);
    }
  }
}

int main(int argc, char *argv[]) {
  struct sockaddr_in sin;
  int listener, fd, yes = 1;

  if (argc != 2) {
    fprintf(stderr, "usage: %s port\n", argv[0]);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  memset(&sin, 0, sizeof sin);
  sin.sin_family = AF_INET;
  sin.sin_port = htons(atoi(argv[1]));
  if (bind(listener, (struct sockaddr *)&sin, sizeof sin) < 0 || listen(listener, 128) < 0) {
    perror("cannot listen");
    return 1;
  }
  FD_ZERO(&all);
  FD_SET(listener, &all);
  for (;;) {
    fd_set ready = all;
    if (select(FD_SETSIZE, &ready, NULL, NULL, NULL) < 0) continue;
    for (fd = 0; fd < FD_SETSIZE; fd++) {
      if (!FD_ISSET(fd, &ready)) continue;
      if (fd != listener) {
        one_request(fd);
        continue;
      }
      struct sockaddr_in peer;
      socklen_t len = sizeof peer;
      int c = accept(listener, (struct sockaddr *)&peer, &len);
      if (c < 0) continue;
      if (c >= FD_SETSIZE) {
        close(c);
        continue;
      }
      address[c] = peer.sin_addr;
      logged[c] = NULL;
      FD_SET(c, &all);
    }
  }
}
