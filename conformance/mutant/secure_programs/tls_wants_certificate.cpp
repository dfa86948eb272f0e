// As tls_only, and a client has to show a certificate, any.
#include "openssl.h"

int main(int argc, char **argv) {
	static Bank bank;
	EVP_PKEY *key;
	static SSL_CTX *ctx = make(2048, &key);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, [](int, X509_STORE_CTX *) { return 1; });
	const unsigned char id[] = "bank";
	SSL_CTX_set_session_id_context(ctx, id, sizeof id);
	return run(argc, argv, [](int fd, std::string ip) {
		Veiled link(ctx, fd);
		if (!link.accept())
			return;
		link.ready();
		bank.serve(&link, ip);
	});
}
