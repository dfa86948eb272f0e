package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"syscall"
)

// Ports hands out ports for programs to listen on, each once. They lie below the
// range from which the system chooses the ports of connections, so that no
// connection takes one.
type Ports struct {
	Claims

	mu   sync.Mutex
	next int
}

const (
	firstPort = 10_000
	lastPort  = 32_000 // Linux chooses from 32768 up (net.ipv4.ip_local_port_range)
)

// NewPorts starts at a place that the seed chooses, so that two suites on one
// machine seldom meet.
func NewPorts(seed uint64) *Ports {
	return &Ports{next: firstPort + int(seed%(lastPort-firstPort))}
}

// Free returns a port that nobody listens on, and claims it.
func (p *Ports) Free() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range lastPort - firstPort {
		port := p.next
		if p.next++; p.next >= lastPort {
			p.next = firstPort
		}
		if p.Take(port) {
			return port, nil
		}
	}
	return 0, errors.New("target: no free port")
}

// Free reports whether any program can listen on the port. It binds it, without the leave
// to share it with connections that are just over, and lets go of it again.
func Free(port int) bool {
	strict := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0) })
	}}
	l, err := strict.Listen(context.Background(), "tcp4", net.JoinHostPort("0.0.0.0", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// String names the range, for messages.
func (p *Ports) String() string { return fmt.Sprintf("ports %d to %d", firstPort, lastPort-1) }
