package conformance

import (
	"math/rand/v2"
	"strings"
	"sync"
)

// A random makes the choices of a run; the same seed makes the same ones.
type random struct {
	mu     sync.Mutex
	rand   *rand.Rand
	given  map[string]bool // the prefixes so far
	logins int
}

func newRandom(seed uint64) *random {
	return &random{rand: rand.New(rand.NewPCG(seed, seed)), given: map[string]bool{}}
}

// prefix gives three letters for the names of one conversation, never the same
// twice. With the names that scenarios use, a request stays short: some programs
// break at sixteen bytes.
func (r *random) prefix() string {
	const letters = "abcdefghijkmnopqrstuvwxyz" // no l, which looks like 1
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var b strings.Builder
		for range 3 {
			b.WriteByte(letters[r.rand.IntN(len(letters))])
		}
		if prefix := b.String(); !r.given[prefix] {
			r.given[prefix] = true
			return prefix
		}
	}
}

// port gives a port to log in with, four digits long: some clients and servers know
// no longer ones. Nobody listens there.
func (r *random) port() int {
	const first, count, stride = 5000, 3000, 37 // stride and count have no common divisor
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logins++
	return first + r.logins*stride%count
}
