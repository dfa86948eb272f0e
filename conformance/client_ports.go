package conformance

import (
	"net"
	"strconv"
	"sync"

	"paycheck/conformance/target"
)

// clientPorts hands out the ports that a client and its peers listen on. Between the
// choice of one and the client's listening passes a moment in which another run beside
// this could choose the same: what the client then says of it looks like its own fault. So
// a port is claimed by its namesake of UDP, which is in nobody's way.
type clientPorts struct {
	mu     sync.Mutex
	random *random
	given  map[int]bool
	claims []net.PacketConn // the newest last
}

func newClientPorts(r *random) *clientPorts {
	return &clientPorts{random: r, given: map[int]bool{}}
}

const (
	firstClientPort = 5000 // four digits: some clients know no longer ones
	clientPortCount = 3000

	claimed = 100 // ports at most: more than the checks that run at one time need
)

// next gives a port on which anybody can listen, never the same twice; 0: there is none.
func (p *clientPorts) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range clientPortCount {
		port := p.pick()
		if p.given[port] || !target.Free(port) || !p.claim(port) {
			continue
		}
		p.given[port] = true
		return port
	}
	return 0
}

func (p *clientPorts) pick() int {
	p.random.mu.Lock()
	defer p.random.mu.Unlock()
	return firstClientPort + p.random.rand.IntN(clientPortCount)
}

// claim lets the oldest claim go where there are too many.
func (p *clientPorts) claim(port int) bool {
	c, err := net.ListenPacket("udp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	p.claims = append(p.claims, c)
	if len(p.claims) > claimed {
		_ = p.claims[0].Close() // it has carried nothing
		p.claims = p.claims[1:]
	}
	return true
}
