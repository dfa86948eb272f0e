package target

import "golang.org/x/sys/unix"

// restOld knows the system calls that newer architectures do without.
func (t thread) restOld() rest {
	switch t.call {
	case unix.SYS_PAUSE:
		return forever
	case unix.SYS_POLL:
		return withMilliseconds(t.args[2])
	case unix.SYS_EPOLL_WAIT:
		return withMilliseconds(t.args[3])
	case unix.SYS_SELECT:
		return t.withTimespec(t.args[4])
	}
	return awake
}
