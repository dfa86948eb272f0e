package conformance

import "testing"

// Two runs beside each other are given no port that the other has claimed, though both
// choose by the same seed.
func TestClientPorts(t *testing.T) {
	one, two := newClientPorts(newRandom(7)), newClientPorts(newRandom(7))
	seen := map[int]bool{}
	for range 50 {
		for _, p := range []*clientPorts{one, two} {
			port := p.next()
			if port < firstClientPort || port >= firstClientPort+clientPortCount || seen[port] {
				t.Fatalf("port %d, after %d others", port, len(seen))
			}
			seen[port] = true
		}
	}
}
