/*
 * loose_bank PORT     (p2p payment server, thread per client, std::map)
 *
 * Odd on purpose: a taken name is refused in prose, without 210 FAIL; nobody
 * asks whether the payer has the money, whether the amount is positive, or even
 * whether there is a payer of that name.
 */
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <cstdlib>
#include <cstring>
#include <climits>
#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <netinet/in.h>

using namespace std;

struct Record {
	long balance;
	int sock;               // -1 offline
	string ip;
	string port;
};

struct Args {
	int sock;
	string ip;
};

map<string, Record> records;
pthread_mutex_t recordsMutex = PTHREAD_MUTEX_INITIALIZER;

struct Guard {
	Guard() { pthread_mutex_lock(&recordsMutex); }
	~Guard() { pthread_mutex_unlock(&recordsMutex); }
};

void tell(int sock, const string &text)
{
	send(sock, text.c_str(), text.size(), 0);
}

string onlineList(const string &user)
{
	Guard g;
	stringstream head, body;
	int count = 0;
	map<string, Record>::iterator it;
	for (it = records.begin(); it != records.end(); ++it) {
		if (it->second.sock == -1)
			continue;
		body << it->first << "#" << it->second.ip << "#" << it->second.port << "\r\n";
		count++;
	}
	head << records[user].balance << "\r\npublic key\r\n" << count << "\r\n";
	return head.str() + body.str();
}

bool allAlnum(const string &s)
{
	for (size_t i = 0; i < s.size(); i++)
		if (!isalnum((unsigned char)s[i]))
			return false;
	return true;
}

string registration(const string &name)
{
	if (name.size() < 1 || name.size() > 16 || !allAlnum(name))
		return "230 Input format error\r\n";
	Guard g;
	if (records.count(name))
		return "This name has been registered by somebody else\r\n";
	Record fresh = {10000, -1, "", ""};
	records[name] = fresh;
	return "100 OK\r\n";
}

// An empty answer means that the login is done.
string login(const Args &a, string &user, const string &name, const string &port)
{
	Guard g;
	if (!records.count(name))
		return "220 AUTH_FAIL\r\n";
	bool number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == string::npos;
	if (!number || atoi(port.c_str()) < 1 || atoi(port.c_str()) > 65535)
		return "230 Input format error\r\n";
	if (!user.empty() || records[name].sock != -1)
		return "User is online already\r\n";
	Record &r = records[name];
	r.sock = a.sock;
	r.ip = a.ip;
	r.port = port;
	user = name;
	return "";
}

void transfer(int sock, const string &user, const string &from, const string &sum, const string &to)
{
	Guard g;
	string text = "Transfer Fail!\r\n";
	char *end;
	errno = 0;
	long n = strtol(sum.c_str(), &end, 10);
	bool number = !sum.empty() && strchr("-0123456789", sum[0]) && *end == '\0' && errno == 0 && n >= -INT_MAX && n <= INT_MAX;
	bool known = records.count(from) > 0;
	if (number && to == user && from != to && !user.empty()) {
		if (known)
			records[from].balance -= n;
		records[to].balance += n;
		text = "Transfer OK!\r\n";
	}
	int target = known && records[from].sock != -1 ? records[from].sock : sock;
	send(target, text.c_str(), text.size(), MSG_DONTWAIT);
}

void logout(string &user)
{
	Guard g;
	if (!user.empty())
		records[user].sock = -1;
	user = "";
}

void *clientThread(void *p)
{
	Args a = *(Args *)p;
	delete (Args *)p;
	string user;
	char buffer[4096];
	int n;

	while ((n = recv(a.sock, buffer, sizeof(buffer) - 1, 0)) > 0) {
		buffer[n] = '\0';
		string s = buffer;
		if (s.size() == sizeof(buffer) - 1)
			break;
		if (s.empty())
			continue;
		size_t x = s.find('#');
		size_t y = x == string::npos ? string::npos : s.find('#', x + 1);
		if (s == "Exit") {
			logout(user);
			tell(a.sock, "Bye\r\n");
			break;
		} else if (s == "List") {
			tell(a.sock, user.empty() ? "Please login first\r\n" : onlineList(user));
		} else if (x == string::npos) {
			tell(a.sock, "230 Input format error\r\n");
		} else if (s.substr(0, x) == "REGISTER") {
			tell(a.sock, registration(s.substr(x + 1)));
		} else if (y == string::npos || s.rfind('#') != y) {
			string no = login(a, user, s.substr(0, x), s.substr(x + 1));
			tell(a.sock, no.empty() ? onlineList(user) : no);
		} else {
			transfer(a.sock, user, s.substr(0, x), s.substr(x + 1, y - x - 1), s.substr(y + 1));
		}
	}
	logout(user);
	close(a.sock);
	return NULL;
}

int main(int argc, char *argv[])
{
	if (argc != 2) {
		cerr << "usage: " << argv[0] << " PORT" << endl;
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	int server = socket(AF_INET, SOCK_STREAM, 0), reuse = 1;
	struct sockaddr_in addr;
	memset(&addr, 0, sizeof(addr));
	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_ANY);
	addr.sin_port = htons(atoi(argv[1]));
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	if (::bind(server, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(server, 128) < 0) {
		perror("server");
		return 1;
	}
	cout << "Server started" << endl;
	for (;;) {
		struct sockaddr_in peer;
		socklen_t len = sizeof(peer);
		int sock = accept(server, (struct sockaddr *)&peer, &len);
		if (sock < 0) {
			usleep(10000);
			continue;
		}
		char ip[INET_ADDRSTRLEN];
		inet_ntop(AF_INET, &peer.sin_addr, ip, sizeof(ip));
		Args *a = new Args;
		a->sock = sock;
		a->ip = ip;
		pthread_t t;
		pthread_create(&t, NULL, clientThread, a);
		pthread_detach(t);
	}
}
