// Micropayment server, phase 2.
// Start it without arguments; it asks for the port.
//
// Odd on purpose: the port is read from stdin, and each reply is sent with the
// '\0' that ends its C string, so one zero byte follows the last line end.

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_map>

#include <arpa/inet.h>
#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

using namespace std;

struct User {
    string name;
    int balance;
    int socket;         // -1 = not online
    string address;     // ip#port
};

class Server {
    unordered_map<string, User> users;
    mutex usersMutex;

    static void sendText(int socket, const string &text, int flags) {
        send(socket, text.c_str(), text.length() + 1, flags);
    }

    static int toInt(const string &text) {
        if (text.empty() || text.length() > 10 || text.find_first_not_of("0123456789") != string::npos)
            return 0;
        long value = atol(text.c_str());
        return value > 2147483647L ? 0 : (int)value;
    }

    User *lookup(const string &name) {
        auto it = users.find(name);
        return it == users.end() ? nullptr : &it->second;
    }

    string accountList(const User *me) {
        int online = 0;
        ostringstream people, all;
        for (auto &entry : users) {
            if (entry.second.socket == -1)
                continue;
            online++;
            people << entry.first << "#" << entry.second.address << "\r\n";
        }
        all << me->balance << "\r\n" << "public key" << "\r\n" << online << "\r\n" << people.str();
        return all.str();
    }

    string registerUser(const string &name) {
        bool good = name.length() >= 1 && name.length() <= 16;
        for (unsigned char c : name)
            good = good && isalnum(c);
        if (!good)
            return "230 Input format error\r\n";
        if (lookup(name))
            return "210 FAIL\r\n";
        users[name] = User{name, 10000, -1, ""};
        return "100 OK\r\n";
    }

    void pay(int socket, User *me, const string &payerName, const string &amount, const string &payeeName) {
        User *payer = lookup(payerName), *payee = lookup(payeeName);
        int n = toInt(amount);
        string result = "Transfer Fail!\r\n";
        if (payer && payee && payer != payee && payee == me && n > 0 && payer->balance >= n
            && payee->balance <= 2147483647 - n) {
            payer->balance -= n;
            payee->balance += n;
            result = "Transfer OK!\r\n";
        }
        sendText(payer && payer->socket != -1 ? payer->socket : socket, result, MSG_DONTWAIT);
    }

    // The reply to one request, empty where there is none. The mutex is held.
    string handle(int socket, const string &ip, User *&me, const string &request, bool &bye) {
        size_t first = request.find('#');
        size_t last = request.rfind('#');
        if (request == "Exit") {
            if (me)
                me->socket = -1;
            me = nullptr;
            bye = true;
            return "Bye\r\n";
        }
        if (request == "List")
            return me ? accountList(me) : "Please login first\r\n";
        if (first == string::npos)
            return "230 Input format error\r\n";
        string word = request.substr(0, first);
        if (word == "REGISTER")
            return registerUser(request.substr(first + 1));
        if (first != last && request.find('#', first + 1) == last) {
            pay(socket, me, word, request.substr(first + 1, last - first - 1), request.substr(last + 1));
            return "";
        }
        User *u = lookup(word);
        int port = toInt(request.substr(first + 1));
        if (!u)
            return "220 AUTH_FAIL\r\n";
        if (port < 1 || port > 65535)
            return "230 Input format error\r\n";
        if (me || u->socket != -1)
            return "You are already online\r\n";
        u->socket = socket;
        u->address = ip + "#" + to_string(port);
        me = u;
        return accountList(me);
    }

public:
    void client(int socket, string ip) {
        User *me = nullptr;     // stays valid: accounts are never erased
        bool bye = false;
        char buffer[4096];
        while (!bye) {
            memset(buffer, 0, sizeof(buffer));
            if (recv(socket, buffer, sizeof(buffer) - 1, 0) <= 0)
                break;
            string request = buffer;
            if (request.empty())
                continue;
            if (request.length() == sizeof(buffer) - 1)
                break;
            string reply;
            {
                lock_guard<mutex> hold(usersMutex);
                reply = handle(socket, ip, me, request, bye);
            }
            if (!reply.empty())
                sendText(socket, reply, 0);
        }
        lock_guard<mutex> hold(usersMutex);
        if (me)
            me->socket = -1;
        close(socket);
    }

    int run(int port) {
        int listening = socket(AF_INET, SOCK_STREAM, 0);
        int yes = 1;
        setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
        struct sockaddr_in me = {};
        me.sin_family = AF_INET;
        me.sin_addr.s_addr = INADDR_ANY;
        me.sin_port = htons(port);
        if (bind(listening, (struct sockaddr *)&me, sizeof(me)) == -1 || listen(listening, 100) == -1) {
            perror("Cannot listen");
            return 1;
        }
        cout << "Server is running." << endl;
        while (true) {
            struct sockaddr_in peer = {};
            socklen_t size = sizeof(peer);
            int socket = accept(listening, (struct sockaddr *)&peer, &size);
            if (socket == -1) {
                usleep(10000);
                continue;
            }
            char ip[INET_ADDRSTRLEN];
            inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof(ip));
            thread(&Server::client, this, socket, string(ip)).detach();
        }
    }
};

int main() {
    signal(SIGPIPE, SIG_IGN);
    int port = 0;
    cout << "Please enter the port of the server: " << flush;
    if (!(cin >> port) || port < 1 || port > 65535) {
        cout << "That is no port." << endl;
        return 1;
    }
    static Server server;
    return server.run(port);
}
