package target

import (
	"errors"
	"net"
	"strconv"
	"sync"
)

// Claims hold ports for this run. Between the choice of a port and the program's
// listening passes a moment in which another run beside this could choose the same, and
// what the program then says of it looks like its own fault. So a port is claimed by its
// namesake of UDP, which is in nobody's way.
type Claims struct {
	mu   sync.Mutex
	held []net.PacketConn // the newest last
}

// claimed is how many are held at most: more than the checks that run at one time need.
const claimed = 100

// Take claims a port, and reports whether it is free and nobody else's.
func (c *Claims) Take(port int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	claim, err := net.ListenPacket("udp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	if !Free(port) {
		_ = claim.Close() // it has carried nothing
		return false
	}
	if c.held = append(c.held, claim); len(c.held) > claimed {
		_ = c.held[0].Close()
		c.held = c.held[1:]
	}
	return true
}

// Close lets all claims go.
func (c *Claims) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, claim := range c.held {
		errs = append(errs, claim.Close())
	}
	c.held = nil
	return errors.Join(errs...)
}
