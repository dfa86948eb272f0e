// A client with TLS on all of its links and sealed payments. It remembers nothing.
#include "payer.h"

int main(int argc, char **argv) { return Payer(Ways()).run(argc, argv); }
