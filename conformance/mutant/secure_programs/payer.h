// A client with the menu of the manual: what the clients beside this file share. How a
// connection is encrypted is each program's own.
#pragma once
#include <iostream>

#include "openssl.h"

// The ways in which these clients differ.
struct Ways {
	bool peers = true; // TLS between clients, and payments sealed
	int bits = 2048;   // of its own key
	int oldest = TLS1_2_VERSION, newest = TLS1_3_VERSION;
};

// seal encrypts a text with OAEP.
inline std::string seal(EVP_PKEY *key, const std::string &text) {
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, nullptr);
	std::vector<unsigned char> block(EVP_PKEY_get_size(key));
	size_t size = block.size();
	bool good = EVP_PKEY_encrypt_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	            EVP_PKEY_encrypt(ctx, block.data(), &size, (const unsigned char *)text.data(), text.size()) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good ? base64(block) : "?";
}

inline int dial(const std::string &host, const std::string &port) {
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(std::atoi(port.c_str()));
	if (inet_pton(AF_INET, host.c_str(), &at.sin_addr) == 1 && connect(fd, (sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

struct Payer {
	Ways ways;
	EVP_PKEY *own;
	SSL_CTX *in, *out;
	SSL *server = nullptr;
	std::mutex one; // an SSL takes one call at a time
	std::string name;

	explicit Payer(Ways w) : ways(w), in(make(w.bits, &own)), out(SSL_CTX_new(TLS_client_method())) {
		for (SSL_CTX *ctx : {in, out}) {
			if (ways.oldest < TLS1_2_VERSION)
				SSL_CTX_set_security_level(ctx, 0);
			SSL_CTX_set_min_proto_version(ctx, ways.oldest);
			SSL_CTX_set_max_proto_version(ctx, ways.newest);
		}
		SSL_CTX_set_security_level(out, 0); // others may have short keys
	}

	SSL *shake(int fd) {
		SSL *ssl = SSL_new(out);
		SSL_set_fd(ssl, fd);
		if (SSL_connect(ssl) == 1)
			return ssl;
		SSL_free(ssl);
		close(fd);
		return nullptr;
	}

	static EVP_PKEY *keyOf(SSL *ssl) {
		X509 *cert = SSL_get1_peer_certificate(ssl);
		EVP_PKEY *key = X509_get_pubkey(cert);
		X509_free(cert);
		return key;
	}

	std::string ask(const std::string &text) {
		std::lock_guard<std::mutex> lock(one);
		char buffer[1 << 14];
		SSL_write(server, text.data(), (int)text.size());
		int n = SSL_read(server, buffer, sizeof buffer);
		if (n <= 0) {
			std::cout << "The server has gone.\n";
			std::exit(1);
		}
		return std::string(buffer, n);
	}

	void pay(const std::string &payee, const std::string &amount) {
		std::istringstream lines(ask("List"));
		std::string line, text = name + "#" + amount + "#" + payee;
		while (std::getline(lines, line)) {
			if (line.rfind(payee + "#", 0) != 0)
				continue;
			auto second = line.find('#', payee.size() + 1);
			int fd = dial(line.substr(payee.size() + 1, second - payee.size() - 1), line.substr(second + 1));
			SSL *ssl = ways.peers && fd >= 0 ? shake(fd) : nullptr;
			if (ssl) {
				text = seal(keyOf(ssl), text);
				SSL_write(ssl, text.data(), (int)text.size());
				SSL_shutdown(ssl);
				SSL_free(ssl);
				close(fd);
			} else if (!ways.peers && fd >= 0) {
				send(fd, text.data(), text.size(), 0);
				close(fd);
			} else
				break;
			std::cout << "Paid.\n";
			return;
		}
		std::cout << "It can't be reached.\n";
	}

	// serve is paid by one peer, and passes that on.
	void serve(int fd) {
		char buffer[4096];
		SSL *ssl = ways.peers ? SSL_new(in) : nullptr;
		int n = 0;
		if (ssl) {
			SSL_set_fd(ssl, fd);
			n = SSL_accept(ssl) == 1 ? SSL_read(ssl, buffer, sizeof buffer) : 0;
		} else
			n = (int)recv(fd, buffer, sizeof buffer, 0);
		if (n > 0) {
			std::string text(buffer, n);
			text = text.substr(0, text.find_first_of(std::string("\0\r\n", 3)));
			if (ssl)
				text = open(own, text);
			std::string me = "#" + name;
			if (text.size() > me.size() && text.compare(text.size() - me.size(), me.size(), me) == 0) {
				std::lock_guard<std::mutex> lock(one);
				if (ssl)
					text = seal(keyOf(server), text);
				SSL_write(server, text.data(), (int)text.size());
			}
		}
		SSL_free(ssl);
		close(fd);
	}

	void listen(int port) {
		int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
		setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		sockaddr_in at{};
		at.sin_family = AF_INET;
		at.sin_port = htons(port);
		if (bind(listener, (sockaddr *)&at, sizeof at) || ::listen(listener, 16))
			return;
		std::thread([this, listener] {
			for (;;) {
				int fd = accept(listener, nullptr, nullptr);
				if (fd >= 0)
					std::thread([this, fd] { serve(fd); }).detach();
			}
		}).detach();
	}

	static std::string read(const char *question) {
		std::string line;
		std::cout << question << std::flush;
		if (!std::getline(std::cin, line))
			std::exit(0);
		return line;
	}

	int run(int argc, char **argv) {
		signal(SIGPIPE, SIG_IGN);
		int fd = argc > 2 ? dial(argv[1], argv[2]) : -1;
		if (fd < 0 || !(server = shake(fd))) {
			std::cout << "The server can't be reached in TLS.\n";
			return 1;
		}
		for (;;) {
			std::string what = read("1 register, 2 log in, 3 list, 4 pay, 5 exit: ");
			if (what == "1")
				std::cout << ask("REGISTER#" + read("Name: "));
			else if (what == "2") {
				std::string who = read("Name: "), port = read("Port: "), reply = ask(who + "#" + port);
				std::cout << reply;
				if (reply.rfind("220", 0) != 0) {
					name = who;
					listen(std::atoi(port.c_str()));
				}
			} else if (what == "3")
				std::cout << ask("List");
			else if (what == "4") {
				std::string payee = read("To: "), amount = read("Amount: ");
				pay(payee, amount);
			} else if (what == "5") {
				std::cout << ask("Exit");
				return 0;
			}
		}
	}
};
