// Registering falls straight into the login, and logging in alone has its own way.
// The starting balance is asked for, and not sent. After a payment it waits for the
// server to say that it went well.
#include <iostream>
#include <string>

#include "common.h"

using namespace std;

struct Session {
    int server = -1;
    string name;

    string recvText() {
        char buf[2048];
        ssize_t n = recv(server, buf, sizeof buf, 0);
        if (n <= 0) {
            cout << "Disconnected." << endl;
            exit(1);
        }
        return string(buf, n);
    }
    string ask(const string &text) {
        send(server, text.data(), text.size(), 0);
        return recvText();
    }

    void login(const string &who) {
        int port;
        cout << "Port for P2P: " << flush;
        cin >> port;
        string reply = ask(who + "#" + to_string(port));
        if (reply.find("AUTH_FAIL") != string::npos || !serve_peers(port, server)) {
            cout << "Login failed" << endl;
            return;
        }
        name = who;
        cout << reply;
    }

    void newAccount() {
        string who;
        int balance;
        cout << "New account name: " << flush;
        cin >> who;
        cout << "Initial balance: " << flush;
        cin >> balance;
        string reply = ask("REGISTER#" + who);
        cout << reply;
        if (reply.find("100") == 0) {
            cout << "Registered; now the login." << endl;
            login(who);
        }
    }

    void pay() {
        string payee, amount;
        char ip[64];
        int port;
        cout << "Payee: " << flush;
        cin >> payee;
        cout << "Amount: " << flush;
        cin >> amount;
        string list = ask("List");
        if (!find(list.c_str(), payee.c_str(), ip, &port)) {
            cout << "Payee offline" << endl;
            return;
        }
        int peer = dial(ip, port);
        if (peer < 0)
            return;
        string text = name + "#" + amount + "#" + payee;
        send(peer, text.data(), text.size(), 0);
        close(peer);
        cout << recvText();
    }
};

int main(int argc, char **argv) {
    Session s;
    if (argc != 3 || (s.server = dial(argv[1], atoi(argv[2]))) < 0) {
        cerr << "usage: falls IP PORT" << endl;
        return 1;
    }
    int choice;
    while (true) {
        if (s.name.empty())
            cout << "\n1 Register\n2 Login\n3 Leave\n> " << flush;
        else
            cout << "\n1 List\n2 Pay\n3 Leave\n> " << flush;
        if (!(cin >> choice))
            return 0;
        if (choice == 3) {
            cout << s.ask("Exit");
            return 0;
        }
        if (s.name.empty() && choice == 1) {
            s.newAccount();
        } else if (s.name.empty() && choice == 2) {
            string who;
            cout << "Account name: " << flush;
            cin >> who;
            s.login(who);
        } else if (choice == 1) {
            cout << s.ask("List");
        } else if (choice == 2) {
            s.pay();
        }
    }
}
