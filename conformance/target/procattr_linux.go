package target

import "syscall"

// attributes of a started process: a group of its own, to be signalled as a whole;
// and the end of the suite is the end of it, however that comes.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
