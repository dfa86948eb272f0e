// Asks whether one is sure before it exits, and for one's own name at each payment.
// Requests have a NUL at the end.
#include <iostream>
#include <map>
#include <string>

#include "common.h"

using namespace std;

static int server;

static string ask(const string &request) {
    send(server, request.c_str(), request.size() + 1, 0);
    char buf[4096];
    ssize_t n = recv(server, buf, sizeof buf - 1, 0);
    if (n <= 0) {
        cout << "Lost the server." << endl;
        exit(1);
    }
    buf[n] = 0;
    return buf;
}

static string answer(const string &question) {
    string line;
    cout << question << flush;
    if (!getline(cin, line))
        exit(0);
    return line;
}

static void signUp() { cout << ask("REGISTER#" + answer("Please enter a username: ")); }

static void signIn() {
    string name = answer("Please enter your username: ");
    string port = answer("Please enter the port number for your peers: ");
    string reply = ask(name + "#" + port);
    if (reply.compare(0, 3, "220") == 0 || !serve_peers(atoi(port.c_str()), server))
        cout << "Sorry, that did not work." << endl;
    else
        cout << "Hello " << name << "!\n" << reply;
}

static void showList() { cout << ask("List"); }

static void transfer() {
    string me = answer("Your own username: ");
    string payee = answer("Username of the payee: ");
    string amount = answer("Amount of money: ");
    string list = ask("List");
    char ip[64];
    int port;
    if (!find(list.c_str(), payee.c_str(), ip, &port)) {
        cout << "There is no such user online." << endl;
        return;
    }
    int peer = dial(ip, port);
    if (peer < 0)
        return;
    string text = me + "#" + amount + "#" + payee;
    send(peer, text.c_str(), text.size() + 1, 0);
    close(peer);
    cout << "Done." << endl;
}

static void leave() {
    string sure = answer("Do you really want to exit? (y/n) ");
    if (sure != "y")
        return;
    cout << ask("Exit");
    exit(0);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        cerr << "usage: " << argv[0] << " <ip> <port>" << endl;
        return 1;
    }
    if ((server = dial(argv[1], atoi(argv[2]))) < 0)
        return 1;
    const map<string, void (*)()> menu = {
        {"a", signUp}, {"b", signIn}, {"c", showList}, {"d", transfer}, {"e", leave}};
    for (;;) {
        cout << "\na) Sign up\nb) Sign in\nc) Check balance and who is online\nd) Send money\ne) Exit\n";
        auto chosen = menu.find(answer("Your choice: "));
        if (chosen == menu.end())
            cout << "Please choose a to e." << endl;
        else
            chosen->second();
    }
}
