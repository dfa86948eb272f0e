// No TLS: the server sends its public key in PEM to whoever connects, and every message
// of the client is a block of RSA, made with it. Replies are in the clear.
#include <openssl/pem.h>

#include "openssl.h"

struct Blocks : Link {
	int fd;
	EVP_PKEY *key;
	Blocks(int fd, EVP_PKEY *key) : fd(fd), key(key) {}
	std::string take() override {
		unsigned char block[256];
		ssize_t n = recv(fd, block, sizeof block, MSG_WAITALL);
		if (n != (ssize_t)sizeof block)
			return "";
		std::string text = open(key, base64(std::vector<unsigned char>(block, block + n)));
		return text;
	}
	void say(const std::string &text) override { send(fd, text.data(), text.size(), 0); }
	~Blocks() override { ::close(fd); }
};

int main(int argc, char **argv) {
	static Bank bank;
	static EVP_PKEY *key = EVP_RSA_gen(2048);
	return run(argc, argv, [](int fd, std::string ip) {
		BIO *pem = BIO_new(BIO_s_mem());
		PEM_write_bio_PUBKEY(pem, key);
		char *text;
		long n = BIO_get_mem_data(pem, &text);
		Blocks link(fd, key);
		link.say(std::string(text, n));
		BIO_free(pem);
		bank.serve(&link, ip);
	});
}
