package server

import (
	"slices"
	"sync"
)

// A pool has a fixed number of places, and hands them out in the order of asking.
type pool struct {
	mu      sync.Mutex
	free    int
	waiting []turn // the first has waited longest
}

// A turn is closed when the place is its owner's.
type turn chan struct{}

func newPool(places int) *pool { return &pool{free: places} }

// ask asks for a place. It does not wait for one.
func (p *pool) ask() turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := make(turn)
	if p.free > 0 {
		p.free--
		close(t)
	} else {
		p.waiting = append(p.waiting, t)
	}
	return t
}

// release gives a place back, to the first who waits if there is one.
func (p *pool) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.free++
		return
	}
	close(p.waiting[0])
	p.waiting = p.waiting[1:]
}

// leave gives up a turn, and the place if it has come meanwhile.
func (p *pool) leave(t turn) {
	p.mu.Lock()
	i := slices.Index(p.waiting, t)
	if i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	}
	p.mu.Unlock()
	if i < 0 {
		p.release()
	}
}
