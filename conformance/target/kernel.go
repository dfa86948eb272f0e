package target

import (
	"errors"
	"net/netip"
	"time"
)

// errHidden says that this machine does not let the suite look.
var errHidden = errors.New("target: what the program does can't be looked at here")

// A Socket is the program's own end of one connection, as the kernel shows it.
type Socket struct {
	Accepted bool   // the program has taken it from the queue of new connections
	Received uint64 // bytes that have arrived at it, an end of input counting as one
	Unread   uint64 // of those, what the program has not read yet
	Ended    bool   // the other side has ended its output
	Closed   bool   // the program has ended its own; the socket may be nobody's any more
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

// A rest is how a thread waits.
type rest int

const (
	awake   rest = iota // it computes, writes to disk, or sleeps for a time: it may still act
	forever             // it waits for something to happen, however long
	timed               // it waits for something, or for a time to pass
)

// A thread is what one thread of the program is doing at this moment.
type thread struct {
	pid, id int
	running bool
	moved   bool      // it has run while it was looked at, so that where it was says nothing
	call    uint64    // the system call that it sits in
	args    [6]uint64 //
	slices  int64     // how often it was given a processor so far
	cpu     time.Duration
}
