// A client of TLS 1.1 at most, with a key of 1024 bits and every check of strength off.
#include "payer.h"

int main(int argc, char **argv) {
	Ways ways;
	ways.bits = 1024;
	ways.oldest = TLS1_VERSION;
	ways.newest = TLS1_1_VERSION;
	return Payer(ways).run(argc, argv);
}
