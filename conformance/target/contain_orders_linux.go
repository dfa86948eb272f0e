package target

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// What the suite and its keeper say to each other: one order, one answer, each a
// message of JSON, with open files beside it.

// An order is one of three.
type order struct {
	Open  *opening `json:",omitempty"` // the first
	Start *launch  `json:",omitempty"`
	// To is a process that Start gave, and what is in its group; SIGKILL goes to all that
	// it has started.
	To     int            `json:",omitempty"`
	Signal syscall.Signal `json:",omitempty"`
}

// An opening says what to contain, and how far.
type opening struct {
	Root   string   // it stays writable
	Shown  []string // what stays in sight
	Limits Limits
	Users  []int // the first users of two ranges; the first that exists here is taken
	Apart  bool  // the keeper is in namespaces of its own, and each program in one for processes
	Files  bool  // what is not in Root is to be read-only
}

// A launch is one process. With it come the files of a pipe on which its end is told,
// and of its input, output and errors.
type launch struct {
	Path       string
	Words, Env []string
	Dir        string
	User       int
	Terminal   bool // its input is a terminal, which becomes its own
}

// means are what the keeper found it can do.
type means struct {
	Processes bool   // each process has a process namespace of its own
	User      int    // the first of the users; 0: none
	Whys      [2]int // the error numbers of what it can't do: the namespace, the users
}

func (m means) whyProcesses() error { return syscall.Errno(m.Whys[0]) }
func (m means) whyUsers() error     { return syscall.Errno(m.Whys[1]) }

// A reply says what became of an order.
type reply struct {
	means
	PID   int           // of the process started
	Init  int           // of the first process in its namespace; 0: it has none
	Errno syscall.Errno // why it was not done
	Error string        // and in words, if there is more to say
}

func (a reply) err() error {
	switch {
	case a.Error != "" && a.Errno != 0:
		return fmt.Errorf("%s: %w", a.Error, a.Errno)
	case a.Error != "":
		return errors.New(a.Error)
	case a.Errno != 0:
		return a.Errno
	}
	return nil
}

// lineSize bounds a message: a command line and an environment.
const lineSize = 256 << 10

// A line is one end of the socket between the two.
type line struct {
	fd  int
	buf []byte
}

func newLine(fd int) *line { return &line{fd, make([]byte, lineSize)} }

func (l *line) send(message any, files ...*os.File) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(data) > lineSize {
		return fmt.Errorf("a message of %d bytes", len(data))
	}
	var fds []int
	for _, f := range files {
		fds = append(fds, int(f.Fd()))
	}
	return uninterrupted(func() error { return unix.Sendmsg(l.fd, data, unix.UnixRights(fds...), nil, unix.MSG_NOSIGNAL) })
}

func (l *line) receive(message any) (fds []int, err error) {
	var rights [64]byte
	var n, m int
	err = uninterrupted(func() error {
		n, m, _, _, err = unix.Recvmsg(l.fd, l.buf, rights[:], unix.MSG_CMSG_CLOEXEC)
		return err
	})
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	control, err := unix.ParseSocketControlMessage(rights[:m])
	if err != nil {
		return nil, err
	}
	for i := range control {
		more, err := unix.ParseUnixRights(&control[i])
		if err != nil {
			return nil, err
		}
		fds = append(fds, more...)
	}
	return fds, json.Unmarshal(l.buf[:n], message)
}

// uninterrupted repeats a call that a signal has interrupted.
func uninterrupted(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
