package conformance

import (
	"sync"

	"paycheck/conformance/target"
)

// clientPorts hands out the ports that a client and its peers listen on.
type clientPorts struct {
	target.Claims

	mu     sync.Mutex
	random *random
	given  map[int]bool
}

func newClientPorts(r *random) *clientPorts {
	return &clientPorts{random: r, given: map[int]bool{}}
}

const (
	firstClientPort = 5000 // four digits: some clients know no longer ones
	clientPortCount = 3000
)

// next gives a port on which anybody can listen, never the same twice; 0: there is none.
func (p *clientPorts) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range clientPortCount {
		port := p.pick()
		if p.given[port] || !p.Take(port) {
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
