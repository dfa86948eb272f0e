//go:build !linux

package target

import (
	"os"
	"syscall"
)

// What a program at a terminal waits for can't be seen here: it is typed to when it has
// been silent for a while.

func terminalAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true}
}

// echoOff does nothing: the terminal shows what is typed.
func echoOff(*os.File) error { return nil }

func (*Terminal) writeThere([]byte) error { return errHidden }

func (*Terminal) mark() {}

func (*Terminal) look() look { return look{hidden: true} }

// Reads can't be seen here.
func (*Terminal) Reads(Link) (bool, error) { return false, errHidden }
