//  bare_replies PORT
//
//  Server with one std::thread per client and a vector of accounts.
//
//  Odd on purpose: replies have no line end. Only the lines of a list are set
//  apart (by LF), and the last of them has none either. So a Transfer notice
//  runs into whatever reply comes next.

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using std::string;

struct Account
{
    string name;
    long balance = 10000;
    int fd = -1;
    string host;
    int port = 0;
};

typedef std::shared_ptr<Account> AccountPtr;

std::vector<AccountPtr> accounts;
std::mutex guard;

AccountPtr byName(const string &name)
{
    auto it = std::find_if(accounts.begin(), accounts.end(), [&](const AccountPtr &a) { return a->name == name; });
    return it == accounts.end() ? nullptr : *it;
}

AccountPtr byConnection(int fd)
{
    auto it = std::find_if(accounts.begin(), accounts.end(), [&](const AccountPtr &a) { return a->fd == fd; });
    return it == accounts.end() ? nullptr : *it;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

long toNumber(const string &s)
{
    if (s.empty() || s.size() > 10 || !std::all_of(s.begin(), s.end(), isDigit))
        return -1;
    return atol(s.c_str());
}

string listFor(const AccountPtr &me)
{
    string text;
    long online = std::count_if(accounts.begin(), accounts.end(), [](const AccountPtr &a) { return a->fd >= 0; });
    text = std::to_string(me->balance) + "\npublic key\n" + std::to_string(online);
    for (const AccountPtr &a : accounts)
        if (a->fd >= 0)
            text += "\n" + a->name + "#" + a->host + "#" + std::to_string(a->port);
    return text;
}

string doRegister(const string &name)
{
    bool good = !name.empty() && name.size() <= 16;
    for (char c : name)
        good = good && (isDigit(c) || isLetter(c));
    if (!good)
        return "230 Input format error";
    if (byName(name))
        return "210 FAIL";
    AccountPtr a = std::make_shared<Account>();
    a->name = name;
    accounts.push_back(a);
    return "100 OK";
}

string doLogin(int fd, const string &host, const string &name, const string &port)
{
    AccountPtr a = byName(name), before = byConnection(fd);
    long p = toNumber(port);
    if (!a)
        return "220 AUTH_FAIL";
    if (p < 1 || p > 65535)
        return "230 Input format error";
    if (before)
        before->fd = -1;
    a->fd = fd;             // whoever was there before is logged out by this
    a->host = host;
    a->port = static_cast<int>(p);
    return listFor(a);
}

void doPay(int fd, const string &from, const string &amount, const string &to)
{
    AccountPtr payer = byName(from), payee = byName(to);
    long n = toNumber(amount);
    bool ok = payer && payee && payer != payee && payee->fd == fd && n > 0 && n <= 2147483647L && n <= payer->balance;
    if (ok)
    {
        payer->balance -= n;
        payee->balance += n;
    }
    const char *text = ok ? "Transfer OK!" : "Transfer Fail!";
    send(payer && payer->fd >= 0 ? payer->fd : fd, text, strlen(text), MSG_DONTWAIT);
}

string answer(int fd, const string &host, const string &request)
{
    std::vector<string> field(1);
    for (char c : request)
    {
        if (c == '#')
            field.push_back(string());
        else
            field.back().push_back(c);
    }
    AccountPtr me = byConnection(fd);
    if (field[0] == "REGISTER" && field.size() > 1)
        return field.size() == 2 ? doRegister(field[1]) : "230 Input format error";
    if (field.size() == 2)
        return doLogin(fd, host, field[0], field[1]);
    if (field.size() == 3)
    {
        doPay(fd, field[0], field[1], field[2]);
        return "";
    }
    if (request == "List")
        return me ? listFor(me) : "Please login first";
    if (request == "Exit")
    {
        if (me)
            me->fd = -1;
        return "Bye";
    }
    return "230 Input format error";
}

void serve(int fd, string host)
{
    char buf[2048];
    string request;
    do
    {
        ssize_t n = recv(fd, buf, sizeof(buf) - 1, 0);
        if (n <= 0)
            break;
        buf[n] = '\0';
        request = buf;
        if (request.empty())
            continue;
        if (request.size() == sizeof(buf) - 1)
            break;
        string out;
        {
            std::lock_guard<std::mutex> lock(guard);
            out = answer(fd, host, request);
        }
        if (!out.empty())
            send(fd, out.data(), out.size(), 0);
    } while (request != "Exit");

    std::lock_guard<std::mutex> lock(guard);
    AccountPtr me = byConnection(fd);
    if (me)
        me->fd = -1;
    close(fd);
}

int main(int argc, char *argv[])
{
    if (argc != 2)
    {
        fprintf(stderr, "Usage: %s PORT\n", argv[0]);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in addr{};
    addr.sin_family = AF_INET;
    addr.sin_port = htons(static_cast<unsigned short>(atoi(argv[1])));
    if (bind(s, (sockaddr *)&addr, sizeof(addr)) != 0 || listen(s, 128) != 0)
    {
        perror("listen");
        return 1;
    }
    for (;;)
    {
        sockaddr_in peer{};
        socklen_t len = sizeof(peer);
        int fd = accept(s, (sockaddr *)&peer, &len);
        if (fd < 0)
        {
            usleep(10000);
            continue;
        }
        char host[INET_ADDRSTRLEN];
        inet_ntop(AF_INET, &peer.sin_addr, host, sizeof(host));
        std::thread(serve, fd, string(host)).detach();
    }
}
