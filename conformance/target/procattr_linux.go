package target

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes of a started process: a group of its own, to be signalled as a whole;
// and the end of the suite is the end of it, however that comes.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitEnd waits until the process has ended, and leaves it to be waited for.
func awaitEnd(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}
