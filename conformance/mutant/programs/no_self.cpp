/*
 * no_self <port>
 * P2P payment server in C++11: std::thread, std::list, std::mutex.
 *
 * Odd on purpose: the list shows a client only the others, and counts only them.
 */
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

struct User {
    std::string name;
    long balance;
    int fd;             // -1 while offline
    std::string ip;
    int port;
};

static std::list<User> users;
static std::mutex users_mutex;

static const std::string FORMAT_ERROR = "230 Input format error\r\n";

static User *find(const std::string &name)
{
    for (auto &u : users)
        if (u.name == name)
            return &u;
    return nullptr;
}

// Reads a plain decimal number between 1 and max, otherwise gives -1.
static long number(const std::string &s, long max)
{
    if (s.empty() || s.size() > 10)
        return -1;
    long v = 0;
    for (char c : s) {
        if (c < '0' || c > '9')
            return -1;
        v = 10 * v + (c - '0');
    }
    return v >= 1 && v <= max ? v : -1;
}

class Connection {
    int fd;
    std::string ip;
    User *me = nullptr;

    void say(const std::string &text) const { send(fd, text.data(), text.size(), 0); }

    std::string others() const
    {
        std::ostringstream entries, out;
        int n = 0;
        for (const auto &u : users)
            if (u.fd != -1 && &u != me) {
                entries << u.name << '#' << u.ip << '#' << u.port << "\r\n";
                ++n;
            }
        out << me->balance << "\r\npublic key\r\n" << n << "\r\n" << entries.str();
        return out.str();
    }

    std::string enroll(const std::string &name) const
    {
        if (name.size() < 1 || name.size() > 16)
            return FORMAT_ERROR;
        for (char c : name)
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
                return FORMAT_ERROR;
        if (find(name))
            return "210 FAIL\r\n";
        users.push_back(User{name, 10000, -1, "", 0});
        return "100 OK\r\n";
    }

    std::string login(const std::string &name, const std::string &port)
    {
        User *u = find(name);
        long p = number(port, 65535);
        if (!u)
            return "220 AUTH_FAIL\r\n";
        if (p < 0)
            return FORMAT_ERROR;
        if (me || u->fd != -1)
            return "Already logged in\r\n";
        u->fd = fd;
        u->ip = ip;
        u->port = static_cast<int>(p);
        me = u;
        return others();
    }

    void transfer(const std::string &from, const std::string &amount, const std::string &to) const
    {
        User *payer = find(from), *payee = find(to);
        long n = number(amount, 2147483647L);
        std::string result = "Transfer Fail!\r\n";
        if (payer && payee && payee == me && payer != me && n > 0 && n <= payer->balance) {
            payer->balance -= n;
            payee->balance += n;
            result = "Transfer OK!\r\n";
        }
        int to_fd = payer && payer->fd != -1 ? payer->fd : fd;
        send(to_fd, result.data(), result.size(), MSG_DONTWAIT);
    }

    void logout()
    {
        if (me)
            me->fd = -1;
        me = nullptr;
    }

    // One request in, its reply out; nothing for a payment.
    std::string handle(const std::string &req)
    {
        std::lock_guard<std::mutex> guard(users_mutex);
        if (req == "List")
            return me ? others() : "Please login first\r\n";
        if (req == "Exit") {
            logout();
            return "Bye\r\n";
        }
        std::size_t a = req.find('#');
        if (a == std::string::npos)
            return FORMAT_ERROR;
        std::string head = req.substr(0, a), tail = req.substr(a + 1);
        if (head == "REGISTER")
            return enroll(tail);
        std::size_t b = tail.find('#');
        if (b == std::string::npos || b != tail.rfind('#'))
            return login(head, tail);
        transfer(head, tail.substr(0, b), tail.substr(b + 1));
        return "";
    }

public:
    Connection(int f, const std::string &address) : fd(f), ip(address) {}

    void run()
    {
        char buf[2048];
        ssize_t n;
        while ((n = recv(fd, buf, sizeof buf - 1, 0)) > 0) {
            buf[n] = '\0';
            std::string req(buf);
            if (req.size() == sizeof buf - 1)
                break;
            std::string out = req.empty() ? "" : handle(req);
            if (!out.empty())
                say(out);
            if (req == "Exit")
                break;
        }
        std::lock_guard<std::mutex> guard(users_mutex);
        logout();
        close(fd);
    }
};

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s <port>\n", argv[0]);
        return 1;
    }
    std::signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[1])));
    if (bind(s, reinterpret_cast<sockaddr *>(&addr), sizeof addr) < 0 || listen(s, 128) < 0) {
        std::perror("no_self");
        return 1;
    }
    for (;;) {
        sockaddr_in peer{};
        socklen_t len = sizeof peer;
        int fd = accept(s, reinterpret_cast<sockaddr *>(&peer), &len);
        if (fd < 0) {
            usleep(10000);
            continue;
        }
        char ip[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
        std::string address = ip;
        std::thread([fd, address] { Connection(fd, address).run(); }).detach();
    }
}
