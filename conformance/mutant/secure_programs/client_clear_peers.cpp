// A client that speaks TLS to its server, and to other clients as it did before.
#include "payer.h"

int main(int argc, char **argv) {
	Ways ways;
	ways.peers = false;
	return Payer(ways).run(argc, argv);
}
