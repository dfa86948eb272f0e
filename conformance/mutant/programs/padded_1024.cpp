// padded_1024 PORT
//
// A thread for each client; everything goes out in blocks of 1024 bytes.
//
// Odd on purpose: whatever is sent, lists included, is filled up with zeros to
// the next multiple of 1024.

#include <arpa/inet.h>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <mutex>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std;

const size_t BLOCK = 1024;

class User {
public:
    string name;
    string ip;
    int port = 0;
    int fd = -1;
    long balance = 10000;
    explicit User(const string &n) : name(n) {}
    bool online() const { return fd != -1; }
};

vector<User *> users;
mutex m;

User *find(const string &name)
{
    for (User *u : users)
        if (u->name == name)
            return u;
    return nullptr;
}

User *onConnection(int fd)
{
    for (User *u : users)
        if (u->fd == fd)
            return u;
    return nullptr;
}

void sendBlock(int fd, string text, int flags = 0)
{
    text.resize((text.size() + BLOCK - 1) / BLOCK * BLOCK, '\0');
    send(fd, text.data(), text.size(), flags);
}

string list(User *me)
{
    string entries;
    int count = 0;
    for (User *u : users) {
        if (!u->online())
            continue;
        count++;
        entries += u->name + "#" + u->ip + "#" + to_string(u->port) + "\r\n";
    }
    return to_string(me->balance) + "\r\nthis is the public key\r\n" + to_string(count) + "\r\n" + entries;
}

bool digits(const string &s)
{
    return !s.empty() && s.size() <= 10 && s.find_first_not_of("0123456789") == string::npos;
}

vector<string> split(const string &s)
{
    vector<string> parts(1);
    for (char c : s) {
        if (c == '#')
            parts.push_back("");
        else
            parts.back() += c;
    }
    return parts;
}

string registerUser(const string &name)
{
    for (char c : name)
        if (!isalnum((unsigned char)c))
            return "230 Input format error\r\n";
    if (name.empty() || name.size() > 16)
        return "230 Input format error\r\n";
    if (find(name))
        return "210 FAIL\r\n";
    users.push_back(new User(name));
    return "100 OK\r\n";
}

string login(int fd, const string &ip, const string &name, const string &port)
{
    User *u = find(name);
    if (!u)
        return "220 AUTH_FAIL\r\n";
    if (!digits(port) || stol(port) < 1 || stol(port) > 65535)
        return "230 Input format error\r\n";
    if (User *old = onConnection(fd))
        old->fd = -1;
    u->fd = fd; // the latest login is the one that counts
    u->ip = ip;
    u->port = stoi(port);
    return list(u);
}

void pay(int fd, const vector<string> &p)
{
    User *payer = find(p[0]), *payee = find(p[2]);
    long amount = digits(p[1]) ? stol(p[1]) : 0;
    bool ok = payer && payee && payer != payee && payee->fd == fd && amount > 0 && amount <= payer->balance;
    if (ok) {
        payer->balance -= amount;
        payee->balance += amount;
    }
    sendBlock(payer && payer->online() ? payer->fd : fd, ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n", MSG_DONTWAIT);
}

void session(int fd, string ip)
{
    char buf[4096];
    bool done = false;
    while (!done) {
        ssize_t n = recv(fd, buf, sizeof buf - 1, 0);
        if (n <= 0)
            break;
        buf[n] = '\0';
        string request(buf), reply;
        if (request.empty())
            continue;
        vector<string> p = split(request);
        {
            lock_guard<mutex> guard(m);
            User *me = onConnection(fd);
            if (request.size() == sizeof buf - 1) {
                reply = "230 Input format error\r\n";
                done = true;
            } else if (p[0] == "REGISTER" && p.size() == 2) {
                reply = registerUser(p[1]);
            } else if (p[0] == "REGISTER") {
                reply = "230 Input format error\r\n";
            } else if (p.size() == 2) {
                reply = login(fd, ip, p[0], p[1]);
            } else if (p.size() == 3) {
                pay(fd, p);
            } else if (request == "List") {
                reply = me ? list(me) : "Please login first\r\n";
            } else if (request == "Exit") {
                if (me)
                    me->fd = -1;
                reply = "Bye\r\n";
                done = true;
            } else {
                reply = "230 Input format error\r\n";
            }
        }
        if (!reply.empty())
            sendBlock(fd, reply);
    }
    lock_guard<mutex> guard(m);
    if (User *me = onConnection(fd))
        me->fd = -1;
    close(fd);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        cerr << "usage: " << argv[0] << " PORT" << endl;
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = INADDR_ANY;
    addr.sin_port = htons(atoi(argv[1]));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (sockaddr *)&addr, sizeof addr) || listen(s, 128)) {
        cerr << "cannot listen: " << strerror(errno) << endl;
        return 1;
    }
    cout << "listening on " << argv[1] << endl;
    while (true) {
        sockaddr_in peer{};
        socklen_t len = sizeof peer;
        int fd = accept(s, (sockaddr *)&peer, &len);
        if (fd < 0) {
            usleep(10000);
            continue;
        }
        char ip[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof ip);
        cout << "new client from " << ip << endl;
        thread(session, fd, string(ip)).detach();
    }
}
