// TLS, the real key line, and sealed payments, each booked once; a handshake has a bound.
#include <set>

#include "openssl.h"

int main(int argc, char **argv) {
	static Bank bank;
	static EVP_PKEY *key;
	static SSL_CTX *ctx = make(2048, &key);
	static std::set<std::string> seen;
	static std::mutex mutex;
	bank.key = keyLine(key);
	bank.unseal = [](const std::string &text) {
		if (text.size() < 344 || text.find('#') != std::string::npos)
			return text;
		std::string payment = open(key, text);
		std::lock_guard<std::mutex> lock(mutex);
		if (payment != "?" && !seen.insert(text).second)
			return std::string("?");
		return payment;
	};
	return run(argc, argv, [](int fd, std::string ip) {
		timeval bound{5, 0}, none{0, 0};
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
		Veiled link(ctx, fd);
		if (!link.accept())
			return;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
		link.ready();
		bank.serve(&link, ip);
	});
}
