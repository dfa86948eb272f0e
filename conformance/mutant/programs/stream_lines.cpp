// stream_lines PORT
//
// A payment server that takes TCP for what it is: a request is a line, however
// it is cut into segments, and several lines may come in one.
//
// Odd on purpose: it needs the line end (LF or CRLF). A request without one is
// not answered before it comes.

#include <arpa/inet.h>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

const std::size_t kMaxLine = 4096;
const char kFormatError[] = "230 Input format error\r\n";

struct Account {
  long balance = 10000;
  int fd = -1;
  std::string address, port;
};

std::mutex mutex;
std::map<std::string, Account> accounts;

// Like std::getline, on a socket.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}

  bool getline(std::string &line) {
    std::size_t end;
    while ((end = pending_.find('\n')) == std::string::npos) {
      char buf[1024];
      if (pending_.size() > kMaxLine) return false;
      ssize_t n = recv(fd_, buf, sizeof buf, 0);
      if (n <= 0) return false;
      pending_.append(buf, n);
    }
    line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
  }

 private:
  int fd_;
  std::string pending_;
};

long parseNumber(const std::string &s, long max) {
  if (s.empty() || s.size() > 10 || s.find_first_not_of("0123456789") != std::string::npos) return 0;
  long v = std::stol(s);
  return v <= max ? v : 0;
}

class Session {
 public:
  Session(int fd, const std::string &address) : fd_(fd), address_(address), in_(fd) {}

  void run() {
    std::string line;
    while (in_.getline(line)) {
      std::string out;
      {
        std::lock_guard<std::mutex> lock(mutex);
        out = handle(line);
      }
      if (!out.empty()) send(fd_, out.data(), out.size(), 0);
    }
    std::lock_guard<std::mutex> lock(mutex);
    logout();
    close(fd_);
  }

 private:
  std::string handle(const std::string &line) {
    if (line.empty()) return "";
    if (line == "List") return self() ? list() : "Please login first\r\n";
    if (line == "Exit") {
      logout();
      return "Bye\r\n";
    }
    auto a = line.find('#');
    if (a == std::string::npos) return kFormatError;
    std::string head = line.substr(0, a), rest = line.substr(a + 1);
    if (head == "REGISTER") return registerName(rest);
    auto b = rest.find('#');
    if (b == std::string::npos || b != rest.rfind('#')) return login(head, rest);
    pay(head, rest.substr(0, b), rest.substr(b + 1));
    return "";
  }

  std::string registerName(const std::string &name) {
    if (name.empty() || name.size() > 16) return kFormatError;
    for (unsigned char c : name)
      if (!std::isalnum(c)) return kFormatError;
    return accounts.emplace(name, Account()).second ? "100 OK\r\n" : "210 FAIL\r\n";
  }

  std::string login(const std::string &name, const std::string &port) {
    auto it = accounts.find(name);
    if (it == accounts.end()) return "220 AUTH_FAIL\r\n";
    if (!parseNumber(port, 65535)) return kFormatError;
    logout();
    it->second.fd = fd_;  // a newer login takes the account over
    it->second.address = address_;
    it->second.port = port;
    name_ = name;
    return list();
  }

  void pay(const std::string &from, const std::string &text, const std::string &to) {
    auto payer = accounts.find(from), payee = accounts.find(to);
    long amount = parseNumber(text, 2147483647L);
    bool ok = payer != accounts.end() && payee != accounts.end() && payer != payee &&
              self() == &payee->second && amount > 0 && amount <= payer->second.balance;
    if (ok) {
      payer->second.balance -= amount;
      payee->second.balance += amount;
    }
    int fd = payer != accounts.end() && payer->second.fd >= 0 ? payer->second.fd : fd_;
    std::string notice = ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
    send(fd, notice.data(), notice.size(), MSG_DONTWAIT);
  }

  std::string list() {
    int online = 0;
    std::string entries;
    for (const auto &e : accounts) {
      if (e.second.fd < 0) continue;
      ++online;
      entries += e.first + '#' + e.second.address + '#' + e.second.port + "\r\n";
    }
    return std::to_string(self()->balance) + "\r\npublic key\r\n" + std::to_string(online) + "\r\n" + entries;
  }

  // The account of this session, or null before login and after it was taken over.
  Account *self() {
    auto it = accounts.find(name_);
    return it != accounts.end() && it->second.fd == fd_ ? &it->second : nullptr;
  }

  void logout() {
    if (Account *a = self()) a->fd = -1;
    name_.clear();
  }

  int fd_;
  std::string address_, name_;
  LineReader in_;
};

}  // namespace

int main(int argc, char *argv[]) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in addr{};
  addr.sin_family = AF_INET;
  addr.sin_port = htons(std::atoi(argv[1]));
  if (bind(listener, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0 || listen(listener, 128) < 0) {
    std::perror("listen");
    return 1;
  }
  for (;;) {
    sockaddr_in peer{};
    socklen_t len = sizeof peer;
    int fd = accept(listener, reinterpret_cast<sockaddr *>(&peer), &len);
    if (fd < 0) {
      usleep(10000);
      continue;
    }
    char ip[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
    std::thread([](int s, std::string from) { Session(s, from).run(); }, fd, std::string(ip)).detach();
  }
}
