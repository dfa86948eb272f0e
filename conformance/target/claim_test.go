package target

import "testing"

// Two runs that begin at the same place are given different ports.
func TestPortsAreClaimed(t *testing.T) {
	one, two := NewPorts(17_000), NewPorts(17_000)
	seen := map[int]bool{}
	for range claimed / 2 {
		for _, p := range []*Ports{one, two} {
			port, err := p.Free()
			if err != nil || seen[port] {
				t.Fatalf("port %d, after %d others: %v", port, len(seen), err)
			}
			seen[port] = true
		}
	}
	for range claimed {
		if _, err := one.Free(); err != nil {
			t.Fatal(err)
		}
	}
	if len(one.held) != claimed {
		t.Errorf("%d are held", len(one.held))
	}
	for _, p := range []*Ports{one, two} {
		if err := p.Close(); err != nil || len(p.held) != 0 {
			t.Errorf("%d are held after the end: %v", len(p.held), err)
		}
	}
}
