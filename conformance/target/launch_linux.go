package target

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// readsInput reports whether the thread waits for a line on standard input.
func (t thread) readsInput() bool {
	return !t.running && (t.call == unix.SYS_READ || t.call == unix.SYS_READV) && t.args[0] == 0
}

// awaitsConnection reports whether the thread waits as those do that take connections.
func (t thread) awaitsConnection() bool {
	if t.running {
		return false
	}
	name := callNames[t.call]
	if name == "" {
		name = oldCallNames[t.call]
	}
	return slices.Contains([]string{"accept()", "select()", "poll()", "epoll_wait()"}, name)
}

// listening gives the ports that the program listens on, in no order. It looks at the
// sockets of the processes that the scanner knows, so the program has been scanned.
func (p *Program) listening() []int {
	ports, err := p.kernel.listeners()
	if err != nil || len(ports) == 0 {
		return nil
	}
	var own []int
	for _, process := range p.scanner.processes {
		dir := fmt.Sprintf("/proc/%d/fd", process.pid)
		files, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, file := range files {
			name, err := os.Readlink(dir + "/" + file.Name())
			if err != nil || !strings.HasPrefix(name, "socket:") {
				continue
			}
			if port, ok := ports[name]; ok && !slices.Contains(own, port) {
				own = append(own, port)
			}
		}
	}
	return own
}

// listeners gives the port of every TCP socket of this machine that listens, by the
// name that the socket has in /proc/PID/fd.
func (k *Kernel) listeners() (map[string]int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ports := map[string]int{}
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		if err := k.dump(family, ports); err != nil {
			return nil, err
		}
	}
	return ports, nil
}

// dump asks for all sockets of a family that listen: a request as in ask, but for
// every socket (sock_diag(7)).
func (k *Kernel) dump(family byte, ports map[string]int) error {
	k.seq++
	request := make([]byte, requestSize)
	binary.NativeEndian.PutUint32(request[0:], requestSize)
	binary.NativeEndian.PutUint16(request[4:], sockDiagByFamily)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	binary.NativeEndian.PutUint32(request[8:], k.seq)
	body := request[unix.SizeofNlMsghdr:]
	body[0], body[1] = family, unix.IPPROTO_TCP
	binary.NativeEndian.PutUint32(body[4:], 1<<stateListen)
	if err := unix.Sendto(k.fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("target: sock_diag: %w", err)
	}
	for buf := make([]byte, 64<<10); ; {
		n, _, err := unix.Recvfrom(k.fd, buf, 0)
		if err != nil {
			return fmt.Errorf("target: sock_diag: %w", err)
		}
		for data := buf[:n]; len(data) >= unix.SizeofNlMsghdr; {
			size := int(binary.NativeEndian.Uint32(data))
			if size < unix.SizeofNlMsghdr || size > len(data) {
				return errors.New("target: sock_diag: a message of no known length")
			}
			switch binary.NativeEndian.Uint16(data[4:]) {
			case unix.NLMSG_DONE:
				return nil
			case unix.NLMSG_ERROR:
				_, err := answer(data)
				return err
			}
			if body := data[unix.SizeofNlMsghdr:size]; len(body) >= messageSize {
				name := fmt.Sprintf("socket:[%d]", binary.NativeEndian.Uint32(body[68:]))
				ports[name] = int(binary.BigEndian.Uint16(body[4:]))
			}
			data = data[min(len(data), (size+3)&^3):]
		}
	}
}
