// What the programs beside this file share: accounts, the five requests, and a thread
// for each client. How bytes travel is each program's own.
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>

// A Link is one client's connection. take gives what one read brought, "" at the end;
// both may be called from different threads.
struct Link {
	virtual ~Link() = default;
	virtual std::string take() = 0;
	virtual void say(const std::string &text) = 0;
};

struct Account {
	long balance = 10000;
	Link *at = nullptr; // online if not null
	std::string ip, port;
};

struct Bank {
	std::mutex mutex;
	std::map<std::string, Account> accounts;
	std::string key = "public key";
	// unseal opens a sealed payment, and gives back what is none. "?" if it is no good.
	std::function<std::string(const std::string &)> unseal = [](const std::string &text) { return text; };

	std::string list(const std::string &me) {
		std::ostringstream lines;
		int n = 0;
		for (auto &[name, a] : accounts)
			if (a.at) {
				n++;
				lines << name << "#" << a.ip << "#" << a.port << "\r\n";
			}
		return std::to_string(accounts[me].balance) + "\r\n" + key + "\r\n" + std::to_string(n) + "\r\n" + lines.str();
	}

	// pay books what is right, and gives who is to hear what.
	std::pair<Link *, std::string> pay(const std::string &from, const std::string &text, const std::string &to, const std::string &me, Link *sender) {
		auto payer = accounts.find(from);
		bool number = !text.empty() && text.size() < 11 && text.find_first_not_of("0123456789") == std::string::npos;
		long amount = number ? std::atol(text.c_str()) : 0;
		bool good = payer != accounts.end() && to == me && from != me && amount > 0 && amount <= payer->second.balance;
		if (good) {
			payer->second.balance -= amount;
			accounts[to].balance += amount;
		}
		Link *hears = payer != accounts.end() && payer->second.at && from != me ? payer->second.at : good ? nullptr : sender;
		return {hears, good ? "Transfer OK!\r\n" : "Transfer Fail!\r\n"};
	}

	// answer carries out one request; more is false after Exit.
	void answer(const std::string &request, std::string &me, Link *link, const std::string &ip, bool &more) {
		std::string text = unseal(request), reply;
		Link *to = link;
		std::unique_lock<std::mutex> lock(mutex);
		auto first = text.find('#'), second = first == std::string::npos ? first : text.find('#', first + 1);
		if (text == "List")
			reply = me.empty() ? "Please login first\r\n" : list(me);
		else if (text == "Exit") {
			leave(me, link);
			reply = "Bye\r\n";
			more = false;
		} else if (text.rfind("REGISTER#", 0) == 0 && second == std::string::npos && text.size() > 9 && text.size() < 26)
			reply = accounts.emplace(text.substr(9), Account()).second ? "100 OK\r\n" : "210 FAIL\r\n";
		else if (first != std::string::npos && first > 0 && second == std::string::npos) {
			std::string name = text.substr(0, first);
			if (accounts.count(name)) {
				leave(me, link);
				me = name;
				accounts[name].at = link;
				accounts[name].ip = ip;
				accounts[name].port = text.substr(first + 1);
				reply = list(me);
			} else
				reply = "220 AUTH_FAIL\r\n";
		} else if (second != std::string::npos && text.find('#', second + 1) == std::string::npos && !me.empty())
			std::tie(to, reply) = pay(text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1), me, link);
		else
			reply = me.empty() && second != std::string::npos ? "Please login first\r\n" : "230 Input format error\r\n";
		if (to)
			to->say(reply); // under the lock, so that nobody is told who is gone by then
	}

	void leave(std::string &me, Link *link) {
		if (!me.empty() && accounts[me].at == link)
			accounts[me].at = nullptr;
		me.clear();
	}

	void serve(Link *link, const std::string &ip) {
		std::string me;
		bool more = true;
		while (more) {
			std::string read = link->take();
			if (read.empty())
				break;
			read = read.substr(0, read.find_first_of(std::string("\0\r\n", 3)));
			if (!read.empty())
				answer(read, me, link, ip, more);
		}
		std::lock_guard<std::mutex> lock(mutex);
		leave(me, link);
	}
};

// run listens, and gives each connection to a thread of its own, as many at a time as
// there are places. each closes the descriptor.
inline int run(int argc, char **argv, std::function<void(int, std::string)> each, std::function<bool(int)> first = nullptr) {
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return 2;
	int places = argc > 2 ? std::atoi(argv[2]) : 16, served = 0, on = 1;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(std::atoi(argv[1]));
	if (bind(listener, (sockaddr *)&at, sizeof at) || listen(listener, 64))
		return 1;
	static std::mutex mutex;
	static std::condition_variable left;
	for (;;) {
		{
			std::unique_lock<std::mutex> lock(mutex);
			left.wait(lock, [&] { return served < places; });
			served++;
		}
		sockaddr_in from{};
		socklen_t size = sizeof from;
		int fd = accept(listener, (sockaddr *)&from, &size);
		if (fd < 0 || (first && !first(fd))) {
			std::lock_guard<std::mutex> lock(mutex);
			served--;
			continue;
		}
		std::thread([&, fd, ip = std::string(inet_ntoa(from.sin_addr))] {
			each(fd, ip);
			std::lock_guard<std::mutex> lock(mutex);
			served--;
			left.notify_one();
		}).detach();
	}
}
