/*
 * ghosts.cpp - accounts in a map, one thread a client.  ./ghosts PORT
 *
 * Odd on purpose: only Exit takes an account off the list. Who just goes away
 * stays in it for ever, until the account logs in anew (that takes over).
 */
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct Account {
  long long balance = 10000;
  bool online = false;
  long session = 0;   // the session that is logged in
  int fd = -1;        // -1: its client is gone
  std::string ip, port;
};

struct Session {
  long id;
  int fd;
  std::string ip;
  std::string user;   // "" before login
};

static std::map<std::string, Account> accounts;
static pthread_mutex_t mtx = PTHREAD_MUTEX_INITIALIZER;

static bool isNumber(const std::string &s, long long max) {
  if (s.empty() || s.size() > 10) return false;
  for (char c : s)
    if (!std::isdigit(static_cast<unsigned char>(c))) return false;
  long long v = std::atoll(s.c_str());
  return v >= 1 && v <= max;
}

static bool isName(const std::string &s) {
  for (char c : s)
    if (!std::isalnum(static_cast<unsigned char>(c))) return false;
  return s.size() >= 1 && s.size() <= 16;
}

// The account of this session, unless another login has taken it over.
static Account *mine(const Session &s) {
  auto it = accounts.find(s.user);
  if (s.user.empty() || it == accounts.end()) return nullptr;
  return it->second.online && it->second.session == s.id ? &it->second : nullptr;
}

static std::string listFor(const Account &me) {
  std::string lines;
  int online = 0;
  for (const auto &kv : accounts) {
    const Account &a = kv.second;
    if (!a.online) continue;
    ++online;
    lines += kv.first + "#" + a.ip + "#" + a.port + "\r\n";
  }
  return std::to_string(me.balance) + "\r\nserverPublicKey\r\n" + std::to_string(online) + "\r\n" + lines;
}

static std::string doRegister(const std::string &name) {
  if (!isName(name)) return "230 Input format error\r\n";
  if (accounts.count(name)) return "210 FAIL\r\n";
  accounts[name];
  return "100 OK\r\n";
}

static std::string doLogin(Session &s, const std::string &name, const std::string &port) {
  auto it = accounts.find(name);
  if (it == accounts.end()) return "220 AUTH_FAIL\r\n";
  if (!isNumber(port, 65535)) return "230 Input format error\r\n";
  if (Account *old = mine(s)) old->online = false;
  Account &a = it->second;
  a.online = true;
  a.session = s.id;
  a.fd = s.fd;
  a.ip = s.ip;
  a.port = port;
  s.user = name;
  return listFor(a);
}

static void doPay(const Session &s, const std::string &from, const std::string &amount, const std::string &to) {
  auto payer = accounts.find(from), payee = accounts.find(to);
  bool ok = payer != accounts.end() && payee != accounts.end() && payer != payee &&
            mine(s) == &payee->second && isNumber(amount, 2147483647) &&
            std::atoll(amount.c_str()) <= payer->second.balance;
  if (ok) {
    payer->second.balance -= std::atoll(amount.c_str());
    payee->second.balance += std::atoll(amount.c_str());
  }
  int fd = s.fd;
  if (payer != accounts.end() && payer->second.online && payer->second.fd != -1) fd = payer->second.fd;
  const char *text = ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
  send(fd, text, std::strlen(text), MSG_DONTWAIT);
}

static std::string answer(Session &s, const std::string &req) {
  size_t a = req.find('#');
  size_t b = a == std::string::npos ? a : req.find('#', a + 1);
  if (req == "List") {
    Account *me = mine(s);
    return me ? listFor(*me) : "Please login first\r\n";
  }
  if (req == "Exit") {
    if (Account *me = mine(s)) me->online = false;
    s.user.clear();
    return "Bye\r\n";
  }
  if (a == std::string::npos) return "230 Input format error\r\n";
  std::string head = req.substr(0, a);
  if (head == "REGISTER") return doRegister(req.substr(a + 1));
  if (b == std::string::npos || req.find('#', b + 1) != std::string::npos) return doLogin(s, head, req.substr(a + 1));
  doPay(s, head, req.substr(a + 1, b - a - 1), req.substr(b + 1));
  return "";
}

static void *run(void *arg) {
  Session s = *static_cast<Session *>(arg);
  delete static_cast<Session *>(arg);
  char buf[4096];
  for (;;) {
    ssize_t n = recv(s.fd, buf, sizeof buf - 1, 0);
    if (n <= 0) break;
    buf[n] = 0;
    std::string req = buf;
    if (req.empty()) continue;
    if (req.size() == sizeof buf - 1) req = "too long";
    pthread_mutex_lock(&mtx);
    std::string out = answer(s, req);
    pthread_mutex_unlock(&mtx);
    if (!out.empty()) send(s.fd, out.data(), out.size(), 0);
    if (req == "too long") break;
  }
  pthread_mutex_lock(&mtx);
  if (Account *me = mine(s)) me->fd = -1;
  close(s.fd);
  pthread_mutex_unlock(&mtx);
  return nullptr;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 1;
  }
  std::signal(SIGPIPE, SIG_IGN);

  addrinfo hints{}, *res;
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (getaddrinfo(nullptr, argv[1], &hints, &res) != 0) {
    std::fprintf(stderr, "bad port %s\n", argv[1]);
    return 1;
  }
  int listener = socket(res->ai_family, res->ai_socktype, res->ai_protocol), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, res->ai_addr, res->ai_addrlen) < 0 || listen(listener, SOMAXCONN) < 0) {
    std::perror("server");
    return 1;
  }
  freeaddrinfo(res);

  for (long id = 1;; ++id) {
    sockaddr_storage from;
    socklen_t len = sizeof from;
    int fd = accept(listener, reinterpret_cast<sockaddr *>(&from), &len);
    if (fd < 0) {
      usleep(10000);
      continue;
    }
    char host[NI_MAXHOST] = "?";
    getnameinfo(reinterpret_cast<sockaddr *>(&from), len, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
    pthread_t t;
    pthread_create(&t, nullptr, run, new Session{id, fd, host, ""});
    pthread_detach(t);
  }
}
