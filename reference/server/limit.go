package server

import "syscall"

const (
	// own is how many descriptors the server needs for itself: standard input and
	// output, the listener, the database with its side files, the poller; the rest
	// is to spare.
	own = 64

	// waiters is how many clients can be accepted and wait when as many are served
	// as can be. More wait in the kernel's queue, and are accepted in their order.
	waiters = 64

	// most is the bound where the system names none: a million connections.
	most = 1 << 20
)

// mostConnections is how many connections there are descriptors for. The runtime
// has raised the soft limit to the hard one by now.
func mostConnections() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return waiters + 1
	}
	return max(waiters+1, int(min(files.Cur, most))-own)
}

// MostClients is the highest limit that this machine supports, from the limit of
// open files (ulimit -n).
func MostClients() int { return mostConnections() - waiters }
