// Letters, and a second menu after the login in which the same ones mean other things:
// L is the login at first and the list afterwards. A thread reads from the server and
// prints whatever comes. Requests end in LF.
#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>

#include "common.h"

using namespace std;

static int server;
static mutex m;
static condition_variable came;
static string last;
static int replies;

static void listener() {
    char buf[4096];
    for (;;) {
        ssize_t n = recv(server, buf, sizeof buf - 1, 0);
        if (n <= 0) {
            cout << "connection closed" << endl;
            exit(0);
        }
        lock_guard<mutex> lock(m);
        last.assign(buf, n);
        replies++;
        cout << last << flush;
        came.notify_all();
    }
}

static string ask(const string &request) {
    unique_lock<mutex> lock(m);
    int before = replies;
    string line = request + "\n";
    send(server, line.data(), line.size(), 0);
    came.wait(lock, [&] { return replies > before; });
    return last;
}

static string word(const string &prompt) {
    string answer;
    cout << prompt << flush;
    if (!(cin >> answer))
        exit(0);
    return answer;
}

static void inside(const string &me) {
    string list;
    for (;;) {
        string key = word("\n(L)ist  (P)ay  (Q)uit > ");
        if (key == "L" || key == "l") {
            list = ask("List");
        } else if (key == "P" || key == "p") {
            string payee = word("pay to: "), amount = word("how much: ");
            char ip[64];
            int port;
            if (!find(ask("List").c_str(), payee.c_str(), ip, &port)) {
                cout << "nobody of that name" << endl;
                continue;
            }
            int peer = dial(ip, port);
            if (peer < 0)
                continue;
            string text = me + "#" + amount + "#" + payee + "\n";
            send(peer, text.data(), text.size(), 0);
            close(peer);
        } else if (key == "Q" || key == "q") {
            ask("Exit");
            exit(0);
        } else {
            cout << "what?" << endl;
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 3) {
        cerr << "usage: letters IP PORT" << endl;
        return 1;
    }
    if ((server = dial(argv[1], atoi(argv[2]))) < 0)
        return 1;
    thread(listener).detach();
    for (;;) {
        string key = word("\n(R)egister  (L)ogin  (Q)uit > ");
        if (key == "R" || key == "r") {
            ask("REGISTER#" + word("new name: "));
        } else if (key == "L" || key == "l") {
            string me = word("name: "), port = word("listen on port: ");
            if (ask(me + "#" + port).compare(0, 3, "220") && serve_peers(stoi(port), server))
                inside(me);
        } else if (key == "Q" || key == "q") {
            ask("Exit");
            return 0;
        } else {
            cout << "what?" << endl;
        }
    }
}
