//go:build !linux

package target

import (
	"net/netip"
	"syscall"
	"time"
)

// Without Linux's sock_diag and /proc the suite is blind: a port is tried by binding
// it, waits are windows, and what rests on silence alone is not judged.

// A Kernel answers what little can be asked here.
type Kernel struct {
	space *Namespace // where programs run; nil: beside the suite
}

// OpenKernel opens nothing.
func OpenKernel() (*Kernel, error) { return &Kernel{}, nil }

// Close closes nothing.
func (*Kernel) Close() error { return nil }

// Listening reports whether the port is taken.
func (*Kernel) Listening(port int) (bool, error) { return !Free(port), nil }

// Socket can't look at the program's end of a connection.
func (*Kernel) Socket(netip.AddrPort, netip.AddrPort) (Socket, bool, error) {
	return Socket{}, false, errHidden
}

func (*Kernel) owner(int) int { return 0 }

func (*Program) watch() {}

type scanner struct{ restless map[int]bool }

func (scanner) scan(int) ([]thread, error)   { return nil, errHidden }
func (scanner) glance(int) ([]thread, error) { return nil, errHidden }
func (scanner) close()                       {}

func (thread) rest() (rest, time.Duration) { return awake, 0 }
func (thread) sleeps() bool                { return false }
func (thread) sleep() time.Duration        { return 0 }

// Doing has nothing to say.
func (*Program) Doing() string { return "" }

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitEnd is not to be had here: the end of a process frees its number.
func awaitEnd(int) bool { return false }
