package target

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// comeUp waits until the program listens on one of the ports, or on one of its own,
// and is at rest; what it asks meanwhile is answered. It returns the port.
func (p *Program) comeUp(ctx context.Context, r Recipe, scale float64, ports []int, t typist) (int, error) {
	if r.StdinClosed && len(r.Stdin) == 0 {
		p.closeStdin()
	}
	port, err := p.awaitListening(ctx, r, scale, ports, t)
	for err == nil {
		if err = p.acquaint(ctx, scale); err != nil {
			break
		}
		// A program may listen first and ask then, or listen and end.
		if _, dead := p.Death(); dead {
			e := p.failed(r, "it listened and ended: "+p.death.String())
			e.listened = true
			return 0, e
		}
		if !t.sure() && p.takes() || !p.answer(r, t, false) {
			return port, nil
		}
	}
	return 0, err
}

// stillComing is how long a program that does not listen yet is left to itself before it
// is looked at whether it waits for something else: a look at all threads costs far more
// than to ask for the port.
const stillComing = 10 * time.Millisecond

// awaitListening asks the kernel, never the program: a connection made to find out
// would use up a place, and kill a server that does not expect it.
func (p *Program) awaitListening(ctx context.Context, r Recipe, scale float64, ports []int, t typist) (int, error) {
	bound := time.NewTimer(time.Duration(float64(StartBound) * scale))
	defer bound.Stop()
	w := newWait(p, scale, nil)
	w.patient = true // it may wait for a while before it listens
	looked := time.Now()
	for pause := 100 * time.Microsecond; ; pause = min(pause*3/2, 2*time.Millisecond) {
		if port, err := p.listensOn(ports); err != nil || port != 0 {
			return port, err
		}
		due := time.Since(looked) >= stillComing
		if due {
			looked = time.Now()
		}
		if due && w.quiet() {
			port, err := p.listensOn(ports)
			if own := p.listening(); port == 0 && len(own) > 0 {
				port = slices.Min(own)
			}
			if err != nil || port != 0 {
				return port, err
			}
			if !p.answer(r, t, true) {
				return 0, p.waits(r)
			}
			w = newWait(p, scale, nil)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-p.done:
			e := p.failed(r, "it ended before it listened: "+p.death.String())
			e.crashed = p.death.Signal != ""
			return 0, e
		case <-bound.C:
			e := p.failed(r, fmt.Sprintf("it did not listen within %v", StartBound))
			e.slow = true
			return 0, e
		case <-time.After(pause):
		}
	}
}

// listensOn gives the first of the ports that somebody listens on; 0: none.
func (p *Program) listensOn(ports []int) (int, error) {
	for _, port := range ports {
		listening, err := p.kernel.Listening(port)
		if err != nil {
			return 0, fmt.Errorf("target: looking for port %d: %w", port, err)
		}
		if listening {
			return port, nil
		}
	}
	return 0, nil
}

func (p *Program) failed(r Recipe, why string) *StartError {
	return &StartError{Recipe: r, Why: why, Tail: p.Tail()}
}

// waits says that the program is at rest and has nothing that a client could reach.
func (p *Program) waits(r Recipe) *StartError {
	if p.reads() {
		e := p.failed(r, "it waits for input and does not listen")
		e.asks = true
		return e
	}
	return p.failed(r, "it waits ("+p.Doing()+") and does not listen on the port that it was given")
}
