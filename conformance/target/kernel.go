package target

import "net/netip"

// A Socket is the program's own end of one connection, as the kernel shows it.
type Socket struct {
	Accepted bool   // the program has taken it from the queue of new connections
	Received uint64 // bytes that have arrived at it, an end of input counting as one
	Unread   uint64 // of those, what the program has not read yet
	Sent     uint64 // bytes that it has sent, each counted once
	Unsent   uint64 // bytes that the program has written and the other side has not got yet
}

// A Link is the suite's end of one connection to the program. It lets settling
// compare what both ends say.
type Link interface {
	Ends() (local, remote netip.AddrPort)
	Sent() uint64     // bytes sent, an end of output counting as one
	Received() uint64 // bytes read
	Deaf() bool       // the suite has closed its end and reads no more
	Over() bool       // the program has ended it
}
