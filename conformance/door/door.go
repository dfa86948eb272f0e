// Package door has listeners of the suite's own, for programs under test to connect to.
package door

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// A Door is a listener of which can be told at any moment whether somebody waits there:
// a client that has connected and sent all it had to say may be at rest before anybody
// here has run.
type Door struct {
	*net.TCPListener
	bell, stop *os.File // the two ends of a pipe that is closed with the door
}

// Open listens on an address; port 0 is a free one.
func Open(host string, port int) (*Door, error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort(host, fmt.Sprint(port)))
	if err != nil {
		return nil, err
	}
	d := &Door{TCPListener: listener.(*net.TCPListener)}
	if d.bell, d.stop, err = os.Pipe(); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return d, nil
}

// Port is the door's.
func (d *Door) Port() int { return d.Addr().(*net.TCPAddr).Port }

// Each calls take whenever somebody waits, until the door is closed. Take accepts, and
// holds what [Door.Waits] is asked under.
func (d *Door) Each(take func()) {
	defer d.bell.Close()
	for {
		waits, closed := d.poll(-1)
		if closed {
			return
		}
		if waits {
			take()
		}
	}
}

// Waits reports whether somebody has connected and was not accepted yet.
func (d *Door) Waits() bool {
	waits, closed := d.poll(0)
	return waits && !closed
}

// poll is poll(2), for milliseconds, on the door and on its bell.
func (d *Door) poll(timeout int) (waits, closed bool) {
	raw, err := d.SyscallConn()
	if err != nil {
		return false, true
	}
	fds := []unix.PollFd{{Events: unix.POLLIN}, {Fd: -1}}
	if timeout != 0 {
		fds[1] = unix.PollFd{Fd: int32(d.bell.Fd()), Events: unix.POLLIN}
	}
	err = raw.Control(func(fd uintptr) {
		fds[0].Fd = int32(fd)
		for {
			if _, err := unix.Poll(fds, timeout); !errors.Is(err, unix.EINTR) {
				return
			}
		}
	})
	return fds[0].Revents != 0, err != nil || fds[1].Revents != 0
}

// Shut lets nobody in any more; to shut it again does nothing.
func (d *Door) Shut() {
	_ = d.stop.Close()
	_ = d.TCPListener.Close()
}
