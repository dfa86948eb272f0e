package target

import (
	"time"

	"golang.org/x/sys/unix"
)

// oldRest knows the system calls that newer architectures do without.
func (t thread) oldRest() (rest, time.Duration) {
	switch t.call {
	case unix.SYS_PAUSE:
		return forever, 0
	case unix.SYS_POLL:
		return millisecondRest(t.args[2])
	case unix.SYS_EPOLL_WAIT:
		return millisecondRest(t.args[3])
	case unix.SYS_SELECT:
		return t.timespecRest(t.args[4])
	}
	return awake, 0
}
