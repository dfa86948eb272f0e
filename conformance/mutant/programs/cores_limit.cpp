/*
 * cores_limit PORT [LIMIT]
 *
 * A pool of std::thread workers behind a queue. Clients beyond the limit stay in
 * the queue until a worker is free.
 *
 * Odd on purpose: more workers than processors seemed useless, so LIMIT is cut
 * down to their number.
 */
#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace std;

struct Client {
	int fd;
	string ip;
	string name;    // who is logged in, "" for nobody
};

// ---- accounts ----

struct Account {
	long balance;
	int fd;         // 0 = offline
	string ip, port;
};

static map<string, Account> bank;
static mutex bankLock;

static bool digitsOnly(const string &s, size_t most)
{
	return s.size() >= 1 && s.size() <= most && s.find_first_not_of("0123456789") == string::npos;
}

static string list(const Client &c)
{
	string out;
	int n = 0;
	for (auto &b : bank)
		if (b.second.fd) {
			out += b.first + "#" + b.second.ip + "#" + b.second.port + "\r\n";
			n++;
		}
	return to_string(bank[c.name].balance) + "\r\npublic key\r\n" + to_string(n) + "\r\n" + out;
}

static string signUp(const string &name)
{
	if (name.empty() || name.size() > 16)
		return "230 Input format error\r\n";
	for (char ch : name)
		if (!strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", ch))
			return "230 Input format error\r\n";
	if (bank.count(name))
		return "210 FAIL\r\n";
	bank[name] = Account{10000, 0, "", ""};
	return "100 OK\r\n";
}

static string login(Client &c, const string &name, const string &port)
{
	if (!bank.count(name))
		return "220 AUTH_FAIL\r\n";
	if (!digitsOnly(port, 5) || stoi(port) < 1 || stoi(port) > 65535)
		return "230 Input format error\r\n";
	Account &a = bank[name];
	if (!c.name.empty() || a.fd)
		return "Already logged in\r\n";
	a.fd = c.fd;
	a.ip = c.ip;
	a.port = port;
	c.name = name;
	return list(c);
}

static void logout(Client &c)
{
	if (!c.name.empty())
		bank[c.name].fd = 0;
	c.name = "";
}

static void pay(const Client &c, const string &from, const string &amount, const string &to)
{
	long n = digitsOnly(amount, 10) ? stol(amount) : 0;
	bool known = bank.count(from);
	bool ok = known && !c.name.empty() && to == c.name && from != to && n >= 1 && n <= 2147483647L && n <= bank[from].balance;
	if (ok) {
		bank[from].balance -= n;
		bank[to].balance += n;
	}
	int fd = known && bank[from].fd ? bank[from].fd : c.fd;
	const char *text = ok ? "Transfer OK!\r\n" : "Transfer Fail!\r\n";
	send(fd, text, strlen(text), MSG_DONTWAIT);
}

static string handle(Client &c, const string &msg)
{
	lock_guard<mutex> l(bankLock);
	if (msg == "List")
		return c.name.empty() ? "Please login first\r\n" : list(c);
	if (msg == "Exit") {
		logout(c);
		return "Bye\r\n";
	}
	size_t a = msg.find('#');
	if (a == string::npos)
		return "230 Input format error\r\n";
	if (msg.substr(0, a) == "REGISTER")
		return signUp(msg.substr(a + 1));
	size_t b = msg.find('#', a + 1);
	if (b == string::npos || msg.rfind('#') != b)
		return login(c, msg.substr(0, a), msg.substr(a + 1));
	pay(c, msg.substr(0, a), msg.substr(a + 1, b - a - 1), msg.substr(b + 1));
	return "";
}

static void serve(Client c)
{
	char buf[4096];
	ssize_t n;
	while ((n = recv(c.fd, buf, sizeof buf - 1, 0)) > 0) {
		buf[n] = 0;
		string msg = buf;
		if (msg.size() == sizeof buf - 1)
			break;
		string out = msg.empty() ? "" : handle(c, msg);
		if (!out.empty())
			send(c.fd, out.data(), out.size(), 0);
		if (msg == "Exit")
			break;
	}
	lock_guard<mutex> l(bankLock);
	logout(c);
	close(c.fd);
}

// ---- the pool ----

class ThreadPool {
	deque<Client> waiting;
	mutex m;
	condition_variable more;

	void work()
	{
		for (;;) {
			unique_lock<mutex> l(m);
			more.wait(l, [this] { return !waiting.empty(); });
			Client c = waiting.front();
			waiting.pop_front();
			l.unlock();
			serve(c);
		}
	}

public:
	explicit ThreadPool(int size)
	{
		for (int i = 0; i < size; i++)
			thread(&ThreadPool::work, this).detach();
	}

	void add(const Client &c)
	{
		lock_guard<mutex> l(m);
		waiting.push_back(c);
		more.notify_one();
	}
};

int main(int argc, char *argv[])
{
	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: %s PORT [LIMIT]\n", argv[0]);
		return 1;
	}
	int cores = max(1, (int)thread::hardware_concurrency());
	int limit = argc == 3 ? atoi(argv[2]) : cores;
	if (limit < 1 || limit > cores)
		limit = cores;
	signal(SIGPIPE, SIG_IGN);

	int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	sockaddr_in addr{};
	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = INADDR_ANY;
	addr.sin_port = htons(atoi(argv[1]));
	if (::bind(s, (sockaddr *)&addr, sizeof addr) < 0 || listen(s, 128) < 0) {
		perror("cores_limit");
		return 1;
	}
	printf("%d clients at a time\n", limit);
	fflush(stdout);

	static ThreadPool pool(limit);
	for (;;) {
		sockaddr_in from{};
		socklen_t len = sizeof from;
		int fd = accept(s, (sockaddr *)&from, &len);
		if (fd < 0) {
			usleep(10000);
			continue;
		}
		char ip[INET_ADDRSTRLEN];
		inet_ntop(AF_INET, &from.sin_addr, ip, sizeof ip);
		pool.add(Client{fd, ip, ""});
	}
}
