// TLS, and a second handshake for every client that asks for one.
#include "openssl.h"

int main(int argc, char **argv) {
	static Bank bank;
	static EVP_PKEY *key;
	static SSL_CTX *ctx = make(2048, &key);
	SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
	return run(argc, argv, [](int fd, std::string ip) {
		Veiled link(ctx, fd);
		if (!link.accept())
			return;
		link.ready();
		bank.serve(&link, ip);
	});
}
