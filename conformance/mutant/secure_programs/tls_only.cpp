// TLS on every connection and nothing inside it; the key line of phase 2; a handshake is
// waited for without end.
#include "openssl.h"

int main(int argc, char **argv) {
	static Bank bank;
	EVP_PKEY *key;
	static SSL_CTX *ctx = make(2048, &key);
	return run(argc, argv, [](int fd, std::string ip) {
		Veiled link(ctx, fd);
		if (!link.accept())
			return;
		link.ready();
		bank.serve(&link, ip);
	});
}
