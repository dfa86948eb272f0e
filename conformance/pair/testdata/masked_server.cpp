// A server of the scheme in masked.h: PORT.
#include "masked.h"
#include <map>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

struct Account {
	long balance = 10000;
	int port = 0; // 0: offline
};

static std::mutex lock;
static std::map<std::string, Account> accounts;

static std::string listed(const std::string &me) {
	std::string entries;
	int online = 0;
	for (auto &[name, a] : accounts)
		if (a.port) {
			online++;
			entries += name + "#127.0.0.1#" + std::to_string(a.port) + "\r\n";
		}
	return std::to_string(accounts[me].balance) + "\r\nkey\r\n" + std::to_string(online) + "\r\n" + entries;
}

static std::string answer(const std::string &text, std::string &me) {
	std::lock_guard<std::mutex> hold(lock);
	std::vector<std::string> f;
	std::stringstream in(text);
	for (std::string part; std::getline(in, part, '#');)
		f.push_back(part);
	if (text == "List")
		return listed(me);
	if (text == "Exit") {
		accounts[me].port = 0;
		return "Bye\r\n";
	}
	if (f.size() == 2 && f[0] == "REGISTER")
		return accounts.insert({f[1], Account()}).second ? "100 OK\r\n" : "210 FAIL\r\n";
	if (f.size() == 2) {
		if (!accounts.count(f[0]))
			return "220 AUTH_FAIL\r\n";
		me = f[0];
		accounts[me].port = atoi(f[1].c_str());
		return listed(me);
	}
	if (f.size() == 3) {
		accounts[f[0]].balance -= atol(f[1].c_str());
		accounts[f[2]].balance += atol(f[1].c_str());
		return "Transfer OK!\r\n";
	}
	return "230 Input format error\r\n";
}

static void serve(int fd) {
	Masked link(fd, true, plainServer);
	std::string me;
	for (std::string text; !(text = link.take()).empty();)
		link.say(answer(text, me), !readable);
	close(fd);
}

int main(int argc, char **argv) {
	int fd = listening(argc > 1 ? atoi(argv[1]) : 0);
	for (;;)
		std::thread(serve, accept(fd, nullptr, nullptr)).detach();
}
