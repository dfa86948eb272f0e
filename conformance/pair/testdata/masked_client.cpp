// A client of the scheme in masked.h, with the menu of the manual: HOST PORT.
#include "masked.h"
#include <iostream>
#include <sstream>
#include <thread>

static std::string ask(const char *what) {
	std::string line;
	std::cout << what << std::flush;
	if (!std::getline(std::cin, line))
		_exit(0);
	return line;
}

static void bePaid(int port, Masked *server) {
	for (int door = listening(port);;) {
		int fd = accept(door, nullptr, nullptr);
		Masked peer(fd, true, plainPeers);
		std::string text = peer.take();
		close(fd);
		server->say(text);
		std::cout << "You were paid: " << text << "\n" << server->take(!readable) << std::flush;
	}
}

static void pay(const std::string &list, const std::string &me, const std::string &payee, const std::string &amount) {
	std::stringstream in(list);
	for (std::string line; std::getline(in, line);) {
		if (line.rfind(payee + "#", 0))
			continue;
		size_t a = line.find('#'), b = line.rfind('#');
		int fd = connected(line.substr(a + 1, b - a - 1), atoi(line.c_str() + b + 1));
		Masked peer(fd, false, plainPeers);
		peer.say(me + "#" + amount + "#" + payee);
		close(fd);
		std::cout << "Paid.\n";
		return;
	}
	std::cout << "There is no such payee.\n";
}

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	int fd = connected(argv[1], atoi(argv[2]));
	if (fd < 0)
		return 1;
	Masked server(fd, false, plainServer);
	std::string me, list;
	for (;;) {
		std::string choice = ask("1 register, 2 login, 3 list, 4 pay, 5 exit: ");
		if (choice == "1") {
			server.say("REGISTER#" + ask("Name: "));
			std::cout << server.take(!readable);
		} else if (choice == "2") {
			me = ask("Name: ");
			std::string port = ask("Port: ");
			server.say(me + "#" + port);
			std::cout << (list = server.take(!readable));
			std::thread(bePaid, atoi(port.c_str()), &server).detach();
		} else if (choice == "3") {
			server.say("List");
			std::cout << (list = server.take(!readable));
		} else if (choice == "4") {
			std::string payee = ask("Payee: ");
			pay(list, me, payee, ask("Amount: "));
		} else if (choice == "5") {
			server.say("Exit");
			std::cout << server.take(!readable);
			return 0;
		}
	}
}
