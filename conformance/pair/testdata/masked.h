// A scheme of its own over TCP, as students make them up: whoever accepts a connection
// sends 16 random bytes, and all that is said after it is masked with them. It is no good
// encryption, and nothing of it can be read. Variants: with -DREADABLE the replies of a
// server are in the clear, with -DPLAIN all that a server and its clients say, and with
// -DPLAIN_PEERS all that clients say to each other.
#include <arpa/inet.h>
#include <csignal>
#include <cstring>
#include <netinet/in.h>
#include <random>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

struct Masked {
	int fd;
	bool plain; // nothing is masked
	char key[16];
	size_t in = 0, out = 0;

	Masked(int fd, bool accepted, bool plain) : fd(fd), plain(plain) {
		if (plain)
			return;
		if (accepted) {
			std::random_device random;
			for (char &c : key)
				c = (char)random();
			send(fd, key, sizeof key, MSG_NOSIGNAL);
		} else {
			recv(fd, key, sizeof key, MSG_WAITALL);
		}
	}
	void say(std::string text, bool masked = true) {
		if (!plain && masked)
			for (char &c : text)
				c ^= key[out++ % sizeof key] ^ 0x55;
		send(fd, text.data(), text.size(), MSG_NOSIGNAL);
	}
	// take reads what comes; masked: it is, where anything is.
	std::string take(bool masked = true) {
		char data[4096];
		ssize_t n = recv(fd, data, sizeof data, 0);
		std::string text(data, n > 0 ? n : 0);
		if (!plain && masked)
			for (char &c : text)
				c ^= key[in++ % sizeof key] ^ 0x55;
		return text;
	}
};

#ifdef PLAIN
static const bool plainServer = true;
#else
static const bool plainServer = false;
#endif
#ifdef READABLE
static const bool readable = true;
#else
static const bool readable = false;
#endif
#ifdef PLAIN_PEERS
static const bool plainPeers = true;
#else
static const bool plainPeers = false;
#endif

inline int listening(int port) {
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	sockaddr_in at{};
	at.sin_family = AF_INET;
	at.sin_port = htons(port);
	if (bind(fd, (sockaddr *)&at, sizeof at) || listen(fd, 10))
		_exit(1);
	return fd;
}

inline int connected(const std::string &host, int port) {
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	sockaddr_in to{};
	to.sin_family = AF_INET;
	to.sin_port = htons(port);
	inet_pton(AF_INET, host.c_str(), &to.sin_addr);
	return connect(fd, (sockaddr *)&to, sizeof to) ? -1 : fd;
}
