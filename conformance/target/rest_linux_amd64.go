package target

import (
	"time"

	"golang.org/x/sys/unix"
)

// oldCallNames adds to callNames.
var oldCallNames = map[uint64]string{
	unix.SYS_SELECT: "select()", unix.SYS_POLL: "poll()", unix.SYS_EPOLL_WAIT: "epoll_wait()", unix.SYS_PAUSE: "pause()",
}

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
