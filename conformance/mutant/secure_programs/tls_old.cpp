// TLS 1.0 and nothing newer, with a key of 1024 bits, at security level 0.
#include "openssl.h"

int main(int argc, char **argv) {
	static Bank bank;
	EVP_PKEY *key;
	static SSL_CTX *ctx = make(1024, &key);
	SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, TLS1_VERSION);
	return run(argc, argv, [](int fd, std::string ip) {
		Veiled link(ctx, fd);
		if (!link.accept())
			return;
		link.ready();
		bank.serve(&link, ip);
	});
}
