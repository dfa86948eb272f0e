// What the programs beside this file share of OpenSSL: a key with its certificate, a
// connection, and blocks in base64.
#pragma once
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <vector>

#include "bank.h"

// make gives the settings of a server with a new key and certificate.
inline SSL_CTX *make(int bits, EVP_PKEY **key) {
	*key = EVP_RSA_gen(bits);
	X509 *cert = X509_new();
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400L * 365);
	X509_set_pubkey(cert, *key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)"bank", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_sign(cert, *key, EVP_sha256());
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	if (bits < 2048)
		SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_use_certificate(ctx, cert);
	SSL_CTX_use_PrivateKey(ctx, *key);
	return ctx;
}

// A Veiled is a connection in TLS. An SSL takes one call at a time, so nobody waits for
// the client while holding it.
struct Veiled : Link {
	SSL *ssl;
	int fd;
	std::mutex one;

	Veiled(SSL_CTX *ctx, int fd) : ssl(SSL_new(ctx)), fd(fd) { SSL_set_fd(ssl, fd); }

	bool accept() { return SSL_accept(ssl) == 1; }

	void ready() { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

	std::string take() override {
		char buffer[4096];
		for (;;) {
			{
				std::lock_guard<std::mutex> lock(one);
				ERR_clear_error();
				int n = SSL_read(ssl, buffer, sizeof buffer);
				if (n > 0)
					return std::string(buffer, n);
				if (SSL_get_error(ssl, n) != SSL_ERROR_WANT_READ)
					return "";
			}
			pollfd p{fd, POLLIN, 0};
			poll(&p, 1, -1);
		}
	}

	void say(const std::string &text) override {
		std::lock_guard<std::mutex> lock(one);
		ERR_clear_error();
		for (;;) {
			int n = SSL_write(ssl, text.data(), (int)text.size());
			if (n > 0 || SSL_get_error(ssl, n) != SSL_ERROR_WANT_WRITE)
				return;
			pollfd p{fd, POLLOUT, 0};
			if (poll(&p, 1, 2000) <= 0)
				return;
		}
	}

	~Veiled() override {
		ERR_clear_error();
		if (SSL_is_init_finished(ssl))
			SSL_shutdown(ssl);
		SSL_free(ssl);
		::close(fd);
	}
};

inline std::string base64(const std::vector<unsigned char> &raw) {
	std::string text(4 * ((raw.size() + 2) / 3), 0);
	EVP_EncodeBlock((unsigned char *)&text[0], raw.data(), (int)raw.size());
	return text;
}

// keyLine is the public key: DER in base64.
inline std::string keyLine(EVP_PKEY *key) {
	unsigned char *der = nullptr;
	int n = i2d_PUBKEY(key, &der);
	return base64(std::vector<unsigned char>(der, der + n));
}

// open decrypts a block with OAEP; "?" if that fails.
inline std::string open(EVP_PKEY *key, const std::string &sealed) {
	std::vector<unsigned char> block(sealed.size());
	int n = EVP_DecodeBlock(block.data(), (const unsigned char *)sealed.data(), (int)sealed.size());
	if (n < 0 || sealed.size() % 4)
		return "?";
	for (size_t i = sealed.size(); i > 0 && sealed[i - 1] == '='; i--)
		n--;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, nullptr);
	std::string text(EVP_PKEY_get_size(key), 0);
	size_t size = text.size();
	bool good = EVP_PKEY_decrypt_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	            EVP_PKEY_decrypt(ctx, (unsigned char *)&text[0], &size, block.data(), n) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return good ? text.substr(0, size) : "?";
}
