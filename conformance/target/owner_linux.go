package target

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// owner finds the process that listens on a port of the loopback address; 0 if it
// can't be seen.
func (k *Kernel) owner(port int) int {
	local := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
	message, err := k.ask(local, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
	if err != nil {
		return 0
	}
	socket := fmt.Sprintf("socket:[%d]", binary.NativeEndian.Uint32(message[68:]))
	files, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return 0
	}
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil && name == socket {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(file))))
			return pid
		}
	}
	return 0
}

// watch waits for the end of a process that is no child of ours (pidfd_open(2)).
func (p *Program) watch() {
	if p.pid == 0 {
		return
	}
	fd, err := unix.PidfdOpen(p.pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return
	}
	go func() {
		defer unix.Close(fd)
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if err == unix.EINTR {
				continue
			}
			if err == nil && n > 0 {
				p.death = Death{Exit: unknownExit}
				close(p.done)
			}
			return
		}
	}()
}
