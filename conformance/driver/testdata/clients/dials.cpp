// The server is set by a command, and a payment names the address and port of the payee
// beside the name. A thread prints what the server says, at any time.
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

#include "common.h"

using namespace std;

static int server = -1;
static string me;

static void help() {
    cout << "CONNECT <ip> <port>      to the server\n"
            "REGISTER <name>          open an account\n"
            "LOGIN <name> <port>      go online\n"
            "LIST                     balance and who is online\n"
            "PAY <name> <ip> <port> <amount>\n"
            "EXIT                     log out\n";
}

static void fromServer() {
    char buf[4096];
    ssize_t n;
    while ((n = recv(server, buf, sizeof buf, 0)) > 0) {
        cout.write(buf, n);
        cout << flush;
    }
    exit(0);
}

static void say(const string &text) {
    if (server < 0)
        cout << "CONNECT first" << endl;
    else
        send(server, text.c_str(), text.size() + 1, MSG_NOSIGNAL);
}

int main() {
    cout << "P2P client. HELP lists the commands." << endl;
    string line;
    while (getline(cin, line)) {
        istringstream words(line);
        string verb, name, ip, amount;
        int port = 0;
        words >> verb;
        if (verb == "CONNECT" && words >> ip >> port) {
            if ((server = dial(ip.c_str(), port)) >= 0)
                thread(fromServer).detach();
        } else if (verb == "REGISTER" && words >> name) {
            say("REGISTER#" + name);
        } else if (verb == "LOGIN" && words >> name >> port) {
            if (serve_peers(port, server)) {
                me = name;
                say(name + "#" + to_string(port));
            }
        } else if (verb == "LIST") {
            say("List");
        } else if (verb == "PAY" && words >> name >> ip >> port >> amount) {
            int peer = dial(ip.c_str(), port);
            if (peer < 0)
                continue;
            string text = me + "#" + amount + "#" + name;
            send(peer, text.c_str(), text.size() + 1, MSG_NOSIGNAL);
            close(peer);
        } else if (verb == "EXIT") {
            say("Exit");
        } else {
            help();
        }
    }
}
