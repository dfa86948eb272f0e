// The handshake is made in the thread that accepts, so that one that stalls stops all;
// the connection is closed without close_notify; one end of a handshake ends the server.
#include "openssl.h"

int main(int argc, char **argv) {
	static Bank bank;
	EVP_PKEY *key;
	static SSL_CTX *ctx = make(2048, &key);
	static std::map<int, Veiled *> links;
	static std::mutex mutex;
	return run(
	    argc, argv,
	    [](int fd, std::string ip) {
		    Veiled *link;
		    {
			    std::lock_guard<std::mutex> lock(mutex);
			    link = links[fd];
			    links.erase(fd);
		    }
		    link->ready();
		    bank.serve(link, ip);
		    SSL_set_quiet_shutdown(link->ssl, 1);
		    delete link;
	    },
	    [](int fd) {
		    Veiled *link = new Veiled(ctx, fd);
		    if (!link->accept())
			    exit(1);
		    std::lock_guard<std::mutex> lock(mutex);
		    links[fd] = link;
		    return true;
	    });
}
