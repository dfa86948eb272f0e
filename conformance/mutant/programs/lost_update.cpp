// lost_update PORT
//
// Phase 2 server. Connections are handled by std::thread, the account table is
// guarded by a mutex.
//
// Odd on purpose: the money is not. A payment reads both balances, works on
// copies and writes them back a moment later, so two at once lose one of them.

#include <arpa/inet.h>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

struct Account {
  volatile long balance = 10000;
  int owner = -1;  // connection it is logged in on
  std::string address;
  int port = 0;
};

class Bank {
 public:
  std::string enroll(const std::string& name) {
    if (name.empty() || name.size() > 16) return "230 Input format error";
    for (unsigned char c : name)
      if (!std::isalnum(c)) return "230 Input format error";
    std::lock_guard<std::mutex> l(mutex_);
    if (table_.count(name)) return "210 FAIL";
    table_[name] = std::make_shared<Account>();
    return "100 OK";
  }

  // Gives "" and sets user when the login is good, otherwise the reply.
  std::string login(int fd, const std::string& ip, const std::string& name, const std::string& port, std::string& user) {
    std::lock_guard<std::mutex> l(mutex_);
    auto it = table_.find(name);
    if (it == table_.end()) return "220 AUTH_FAIL";
    long p = positive(port);
    if (p < 1 || p > 65535) return "230 Input format error";
    if (!user.empty() || it->second->owner != -1) return "Already logged in";
    it->second->owner = fd;
    it->second->address = ip;
    it->second->port = static_cast<int>(p);
    user = name;
    return "";
  }

  void logout(std::string& user) {
    std::lock_guard<std::mutex> l(mutex_);
    if (!user.empty()) table_[user]->owner = -1;
    user.clear();
  }

  std::string list(const std::string& user) {
    std::lock_guard<std::mutex> l(mutex_);
    std::string body;
    int n = 0;
    for (auto& e : table_) {
      if (e.second->owner == -1) continue;
      n++;
      body += e.first + "#" + e.second->address + "#" + std::to_string(e.second->port) + "\r\n";
    }
    return std::to_string(table_[user]->balance) + "\r\npublic key\r\n" + std::to_string(n) + "\r\n" + body;
  }

  void pay(int fd, const std::string& user, const std::string& from, const std::string& amount, const std::string& to) {
    std::shared_ptr<Account> payer = get(from), payee = get(to);
    long n = positive(amount);
    bool ok = false;
    if (payer && payee && payer != payee && to == user && n > 0) {
      long a = payer->balance;
      long b = payee->balance;
      if (a >= n) {
        usleep(2000);  // here another payment may come between
        payer->balance = a - n;
        payee->balance = b + n;
        ok = true;
      }
    }
    const char* text = ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
    std::lock_guard<std::mutex> l(mutex_);
    send(payer && payer->owner != -1 ? payer->owner : fd, text, std::strlen(text), MSG_DONTWAIT);
  }

 private:
  std::shared_ptr<Account> get(const std::string& name) {
    std::lock_guard<std::mutex> l(mutex_);
    auto it = table_.find(name);
    return it == table_.end() ? nullptr : it->second;
  }

  static long positive(const std::string& s) {
    if (s.empty() || s.find_first_not_of("0123456789") != std::string::npos) return 0;
    errno = 0;
    long v = std::strtol(s.c_str(), nullptr, 10);
    return errno || v > 2147483647L ? 0 : v;
  }

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Account>> table_;
};

static Bank bank;

static void reply(int fd, const std::string& line) {
  std::string out = line + "\r\n";
  send(fd, out.data(), out.size(), 0);
}

static void sendList(int fd, const std::string& user) {
  std::string out = bank.list(user);
  send(fd, out.data(), out.size(), 0);
}

static void handleClient(int fd, std::string ip) {
  std::string user;
  char buf[4096];
  for (;;) {
    std::memset(buf, 0, sizeof buf);
    if (recv(fd, buf, sizeof buf - 1, 0) <= 0) break;
    std::string msg = buf;
    if (msg.empty()) continue;
    if (msg.size() == sizeof buf - 1) {
      reply(fd, "230 Input format error");
      break;
    }
    std::size_t i = msg.find('#'), j = i == std::string::npos ? i : msg.find('#', i + 1);
    if (msg == "List") {
      if (user.empty())
        reply(fd, "Please login first");
      else
        sendList(fd, user);
    } else if (msg == "Exit") {
      bank.logout(user);
      reply(fd, "Bye");
      break;
    } else if (i == std::string::npos) {
      reply(fd, "230 Input format error");
    } else if (msg.compare(0, 9, "REGISTER#") == 0) {
      reply(fd, bank.enroll(msg.substr(9)));
    } else if (j != std::string::npos && msg.rfind('#') == j) {
      bank.pay(fd, user, msg.substr(0, i), msg.substr(i + 1, j - i - 1), msg.substr(j + 1));
    } else {
      std::string refusal = bank.login(fd, ip, msg.substr(0, i), msg.substr(i + 1), user);
      if (refusal.empty())
        sendList(fd, user);
      else
        reply(fd, refusal);
    }
  }
  bank.logout(user);
  close(fd);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: lost_update PORT\n";
    return 1;
  }
  std::signal(SIGPIPE, SIG_IGN);
  int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in me{};
  me.sin_family = AF_INET;
  me.sin_port = htons(std::atoi(argv[1]));
  if (bind(s, reinterpret_cast<sockaddr*>(&me), sizeof me) || listen(s, 128)) {
    std::cerr << "cannot listen on " << argv[1] << ": " << std::strerror(errno) << "\n";
    return 1;
  }
  for (;;) {
    sockaddr_in from{};
    socklen_t len = sizeof from;
    int fd = accept(s, reinterpret_cast<sockaddr*>(&from), &len);
    if (fd < 0) {
      usleep(10000);
      continue;
    }
    char ip[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &from.sin_addr, ip, sizeof ip);
    std::thread(handleClient, fd, std::string(ip)).detach();
  }
}
