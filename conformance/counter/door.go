package counter

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// A door is a listener of which can be told at any moment whether somebody waits there:
// a client that has connected and sent all it had to say may be at rest before anybody
// here has run.
type door struct {
	*net.TCPListener
	bell, stop *os.File // the two ends of a pipe that is closed with the door
}

func openDoor(host string, port int) (*door, error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort(host, fmt.Sprint(port)))
	if err != nil {
		return nil, err
	}
	d := &door{TCPListener: listener.(*net.TCPListener)}
	if d.bell, d.stop, err = os.Pipe(); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return d, nil
}

// port is the door's.
func (d *door) port() int { return d.Addr().(*net.TCPAddr).Port }

// each calls take whenever somebody waits, until the door is closed. Take accepts, and
// holds what [door.waits] is asked under.
func (d *door) each(take func()) {
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

// waits reports whether somebody has connected and was not accepted yet.
func (d *door) waits() bool {
	waits, closed := d.poll(0)
	return waits && !closed
}

// poll is poll(2), for milliseconds, on the door and on its bell.
func (d *door) poll(timeout int) (waits, closed bool) {
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

// close lets nobody in any more; to close it again does nothing.
func (d *door) close() {
	_ = d.stop.Close()
	_ = d.TCPListener.Close()
}
