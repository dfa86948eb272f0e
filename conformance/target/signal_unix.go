package target

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func signalName(s syscall.Signal) string { return unix.SignalName(s) }

func signalNumber(name string) (syscall.Signal, bool) {
	s := unix.SignalNum(name)
	return s, s != 0
}
