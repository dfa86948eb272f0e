/*
    stoi_abort PORT

    C++ server, a pthread for each connection.

    Odd on purpose: the amount of a payment goes through std::stoi without a
    try block. "12x" counts as 12; "abc" or a number that is too long throws,
    nobody catches, and the program aborts.
*/
#include <arpa/inet.h>
#include <csignal>
#include <cstring>
#include <iostream>
#include <pthread.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

struct Member {
    std::string name;
    std::string ip;
    std::string port;
    long long balance;
    int fd;
};

static std::vector<Member *> members;                         // in order of registration
static std::unordered_map<std::string, Member *> memberByName;
static pthread_mutex_t mutex_members = PTHREAD_MUTEX_INITIALIZER;

static const std::string CRLF = "\r\n";

static void say(int fd, const std::string &line)
{
    std::string text = line + CRLF;
    send(fd, text.data(), text.length(), 0);
}

static Member *lookup(const std::string &name)
{
    auto found = memberByName.find(name);
    return found == memberByName.end() ? NULL : found->second;
}

static bool validPort(const std::string &port)
{
    if (port.empty() || port.length() > 5)
        return false;
    int value = 0;
    for (size_t i = 0; i < port.length(); i++) {
        if (port[i] < '0' || port[i] > '9')
            return false;
        value = value * 10 + (port[i] - '0');
    }
    return value >= 1 && value <= 65535;
}

static bool validName(const std::string &name)
{
    for (size_t i = 0; i < name.length(); i++) {
        char c = name[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!ok)
            return false;
    }
    return name.length() >= 1 && name.length() <= 16;
}

static std::string createList(Member *me)
{
    std::string entries;
    int online = 0;
    for (Member *m : members) {
        if (m->fd < 0)
            continue;
        online++;
        entries += m->name + "#" + m->ip + "#" + m->port + CRLF;
    }
    return std::to_string(me->balance) + CRLF + "ThisIsThePublicKey" + CRLF + std::to_string(online) + CRLF + entries;
}

class Handler {
    int fd;
    std::string ip;
    Member *me;

public:
    Handler(int fd, const std::string &ip) : fd(fd), ip(ip), me(NULL) {}

    void registerMember(const std::string &name)
    {
        if (!validName(name))
            return say(fd, "230 Input format error");
        if (lookup(name) != NULL)
            return say(fd, "210 FAIL");
        Member *m = new Member{name, "", "", 10000, -1};
        members.push_back(m);
        memberByName[name] = m;
        say(fd, "100 OK");
    }

    void login(const std::string &name, const std::string &port)
    {
        Member *m = lookup(name);
        if (m == NULL)
            return say(fd, "220 AUTH_FAIL");
        if (!validPort(port))
            return say(fd, "230 Input format error");
        if (me != NULL || m->fd >= 0)
            return say(fd, "Already online");
        me = m;
        me->fd = fd;
        me->ip = ip;
        me->port = port;
        sendList();
    }

    void sendList()
    {
        std::string text = createList(me);
        send(fd, text.data(), text.length(), 0);
    }

    void pay(const std::string &from, const std::string &amount, const std::string &to)
    {
        Member *payer = lookup(from);
        bool done = false;
        if (payer != NULL && me != NULL && me->name == to && payer != me) {
            int n = std::stoi(amount);
            if (n > 0 && n <= payer->balance) {
                payer->balance -= n;
                me->balance += n;
                done = true;
            }
        }
        const char *text = done ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
        send(payer != NULL && payer->fd >= 0 ? payer->fd : fd, text, strlen(text), MSG_DONTWAIT);
    }

    void logout()
    {
        if (me != NULL)
            me->fd = -1;
        me = NULL;
    }

    // Returns false after Exit.
    bool request(const std::string &s)
    {
        if (s == "Exit") {
            logout();
            say(fd, "Bye");
            return false;
        }
        std::string::size_type one = s.find("#");
        std::string::size_type two = one == s.npos ? s.npos : s.find("#", one + 1);
        if (s == "List") {
            if (me == NULL)
                say(fd, "Please login first");
            else
                sendList();
        } else if (one == s.npos) {
            say(fd, "230 Input format error");
        } else if (s.substr(0, one) == "REGISTER") {
            registerMember(s.substr(one + 1));
        } else if (two == s.npos || s.rfind("#") != two) {
            login(s.substr(0, one), s.substr(one + 1));
        } else {
            pay(s.substr(0, one), s.substr(one + 1, two - one - 1), s.substr(two + 1));
        }
        return true;
    }

    void run()
    {
        char buf[2048];
        bool stay = true;
        while (stay) {
            memset(buf, 0, sizeof(buf));
            if (recv(fd, buf, sizeof(buf) - 1, 0) <= 0 || strlen(buf) == sizeof(buf) - 1)
                break;
            if (buf[0] == '\0')
                continue;
            pthread_mutex_lock(&mutex_members);
            stay = request(buf);
            pthread_mutex_unlock(&mutex_members);
        }
        pthread_mutex_lock(&mutex_members);
        logout();
        close(fd);
        pthread_mutex_unlock(&mutex_members);
    }
};

static void *threadMain(void *arg)
{
    Handler *h = static_cast<Handler *>(arg);
    h->run();
    delete h;
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        std::cerr << "Usage: " << argv[0] << " PORT" << std::endl;
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);

    int s = socket(AF_INET, SOCK_STREAM, 0), enable = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &enable, sizeof(enable));
    struct sockaddr_in addr = {};
    addr.sin_family = AF_INET;
    addr.sin_port = htons(std::stoi(argv[1]));
    if (bind(s, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(s, 128) < 0) {
        std::cerr << "cannot listen" << std::endl;
        return 1;
    }
    std::cout << "The server listens on port " << argv[1] << std::endl;

    while (true) {
        struct sockaddr_in peer;
        socklen_t len = sizeof(peer);
        int fd = accept(s, (struct sockaddr *)&peer, &len);
        if (fd < 0) {
            usleep(10000);
            continue;
        }
        char ip[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof(ip));
        pthread_t t;
        pthread_create(&t, NULL, threadMain, new Handler(fd, ip));
        pthread_detach(t);
    }
}
