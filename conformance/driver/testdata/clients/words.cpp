// Commands with their arguments on one line; help lists them. Requests end in CR LF.
#include <iostream>
#include <sstream>
#include <string>

#include "common.h"

using namespace std;

static const char *usage =
    "  register <username>\n"
    "  login <username> <port>\n"
    "  list\n"
    "  pay <payee> <amount>\n"
    "  quit\n"
    "  help\n";

class Client {
  public:
    Client(const char *ip, int port) : server(dial(ip, port)) {}
    bool connected() const { return server >= 0; }

    // obey reports whether to go on.
    bool obey(const string &line) {
        istringstream words(line);
        string verb;
        words >> verb;
        if (verb == "register") {
            string name;
            if (!(words >> name))
                return wrong();
            cout << ask("REGISTER#" + name);
        } else if (verb == "login") {
            string name;
            int port;
            if (!(words >> name >> port))
                return wrong();
            string reply = ask(name + "#" + to_string(port));
            cout << reply;
            if (reply.compare(0, 3, "220") != 0 && serve_peers(port, server))
                me = name;
        } else if (verb == "list") {
            cout << ask("List");
        } else if (verb == "pay") {
            string payee;
            int amount;
            if (!(words >> payee >> amount))
                return wrong();
            pay(payee, amount);
        } else if (verb == "quit") {
            cout << ask("Exit");
            return false;
        } else {
            return wrong();
        }
        return true;
    }

  private:
    int server;
    string me;

    bool wrong() {
        cout << "usage:\n" << usage;
        return true;
    }

    string ask(const string &text) {
        string request = text + "\r\n";
        send(server, request.data(), request.size(), 0);
        char buf[4096];
        ssize_t n = recv(server, buf, sizeof buf, 0);
        if (n <= 0) {
            cout << "the server has gone\n";
            exit(1);
        }
        return string(buf, n);
    }

    void pay(const string &payee, int amount) {
        if (me.empty()) {
            cout << "log in first\n";
            return;
        }
        char ip[64];
        int port;
        if (!find(ask("List").c_str(), payee.c_str(), ip, &port)) {
            cout << payee << " is not there\n";
            return;
        }
        int peer = dial(ip, port);
        if (peer < 0)
            return;
        string text = me + "#" + to_string(amount) + "#" + payee + "\r\n";
        send(peer, text.data(), text.size(), 0);
        close(peer);
        cout << "sent\n";
    }
};

int main(int argc, char **argv) {
    if (argc != 3) {
        cerr << "usage: words <ip> <port>\n";
        return 2;
    }
    Client client(argv[1], atoi(argv[2]));
    if (!client.connected())
        return 1;
    cout << "Type help for a list of commands.\n";
    string line;
    while (cout << "$ " << flush && getline(cin, line))
        if (!line.empty() && !client.obey(line))
            break;
}
