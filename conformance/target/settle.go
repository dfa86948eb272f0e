package target

import (
	"context"
	"time"
)

// A Settled says why waiting for the program ended.
type Settled struct {
	Reason Reason
	// Final: nothing is left that could act by itself later, no timeout and no
	// sleeper. What is not so now will not become so.
	Final bool
	// Proved: the kernel showed it. Otherwise only a time has passed, and no verdict
	// against the program may rest on it.
	Proved bool
	CPU    time.Duration // processor time that the program used meanwhile
}

// A Reason is what ended a wait.
type Reason string

// The reasons.
const (
	Quiet   Reason = "quiet"   // the program has done all that it is going to do
	Stopped Reason = "stopped" // what the caller waited for is there
	Died    Reason = "died"    // the process has ended
	Flooded Reason = "flooded" // bytes come without end
	Overdue Reason = "overdue" // none of these within the bound
)

// Bounds of a wait. They are ends of last resort, each multiplied by the time scale.
const (
	settleBound = 10 * time.Second       // a program that is busy all this time
	blindWindow = 300 * time.Millisecond // silence, where the process can't be looked at
	restWindow  = 120 * time.Millisecond // silence of a program with threads that never rest

	unreadWindow = 4 * time.Millisecond // rest of all threads, while something lies unread
)

// flood is how many bytes come in one wait before they count as a flood: no reply is
// a tenth as long.
const flood = 1 << 20

// How long to leave the program alone before the first look at it, after a look, and
// at most: a look costs it nothing, and the suite a few microseconds a thread.
const (
	firstLook = 3 * time.Millisecond // where an answer is awaited: most come sooner
	nextLook  = 200 * time.Microsecond
	lastLook  = 5 * time.Millisecond
)

// A Wait says what to wait for.
type Wait struct {
	Scale float64         // every bound is multiplied by it
	Links []Link          // the connections whose ends are compared
	Wake  <-chan struct{} // has a message when something came on one of them
	Stop  func() bool     // asked then; true ends the wait. May be nil
	// Patient: a timeout of more than a tick is waited for too, since it may bring
	// what is missing. Before a verdict that rests on silence it has to be.
	Patient bool
}

// Settle waits until the program is quiet: each of the links agrees with the
// program's end of it that all has arrived, and every thread is parked, twice in a
// row with no thread having run in between. A thread parked with a timeout counts as
// running until that has expired once.
func (p *Program) Settle(ctx context.Context, wait Wait) (Settled, error) {
	w := newWait(p, wait.Scale, wait.Links)
	w.patient = wait.Patient
	return p.settle(ctx, w, wait.Wake, wait.Stop)
}

func (p *Program) settle(ctx context.Context, w *wait, wake <-chan struct{}, stop func() bool) (Settled, error) {
	bound := time.NewTimer(w.scaled(settleBound))
	defer bound.Stop()
	pause := nextLook
	if stop != nil {
		pause = firstLook
	}
	for first := true; ; first = false {
		if stop != nil && stop() {
			return w.ended(Stopped), nil
		}
		if _, dead := p.Death(); dead {
			return w.ended(Died), nil
		}
		if !first || stop == nil {
			quiet, err := w.look()
			switch {
			case err != nil:
				return Settled{}, err
			case quiet:
				return w.ended(Quiet), nil
			case w.received > w.begun+flood:
				return w.ended(Flooded), nil
			}
		}
		timer := time.NewTimer(pause)
		pause = min(pause*3/2, lastLook)
		select {
		case <-ctx.Done():
			timer.Stop()
			return Settled{}, context.Cause(ctx)
		case <-bound.C:
			timer.Stop()
			return w.ended(Overdue), nil
		case <-p.done:
		case <-wake:
			pause = nextLook
		case <-timer.C:
		}
		timer.Stop()
	}
}

// acquaint waits, after the start, until the program is quiet, and so learns which
// of its threads never are.
func (p *Program) acquaint(ctx context.Context, scale float64) error {
	w := newWait(p, scale, nil)
	w.patience = 50 * time.Millisecond
	_, err := p.settle(ctx, w, nil, nil)
	return err
}

// Waits reports whether a client is kept waiting: its connection is not taken from
// the queue, or what it sent lies unread. Its end of output is nothing that it sent.
func (p *Program) Waits(link Link) (bool, error) {
	if link.Over() {
		return false, nil // it was sent away
	}
	mine, its := link.Ends()
	socket, ok, err := p.kernel.Socket(its, mine)
	if err != nil || !ok {
		return false, err
	}
	if socket.Closed {
		return false, nil // it was taken up, and is done
	}
	if socket.Ended && socket.Unread > 0 {
		socket.Unread--
	}
	return !socket.Accepted || socket.Unread > 0, nil
}
