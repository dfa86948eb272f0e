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
	Overdue Reason = "overdue" // neither, within the bound
)

// Bounds of a wait. They are ends of last resort, each multiplied by the time scale.
const (
	settleBound = 10 * time.Second       // a program that is busy all this time
	blindWindow = 300 * time.Millisecond // silence, where the process can't be looked at
	restWindow  = 120 * time.Millisecond // silence of a program that is never quite at rest
	startWindow = 50 * time.Millisecond  // a thread that is awake this long after the start is so by nature
)

// Settle waits until the program is quiet: each of the links agrees with the
// program's end of it that all has arrived, and every thread is parked without a
// timeout, twice in a row with no thread having run in between. A finite timeout
// counts as running until it has expired once. It returns early when stop, asked
// after every message on wake, says so.
func (p *Program) Settle(ctx context.Context, scale float64, links []Link, wake <-chan struct{}, stop func() bool) (Settled, error) {
	w := wait{p: p, links: links, start: time.Now(), first: map[int]int64{}}
	scaled := func(d time.Duration) time.Duration { return time.Duration(float64(d) * scale) }
	bound := time.NewTimer(scaled(settleBound))
	defer bound.Stop()
	for pause := 200 * time.Microsecond; ; pause = min(pause*5/4, 5*time.Millisecond) {
		if stop != nil && stop() {
			return w.ended(Stopped), nil
		}
		if _, dead := p.Death(); dead {
			return w.ended(Died), nil
		}
		quiet, err := w.look()
		if err != nil {
			return Settled{}, err
		}
		switch silent := time.Since(w.moved); {
		case quiet:
			return w.ended(Quiet), nil
		case w.blind && silent > scaled(blindWindow), w.restless && silent > scaled(restWindow) && w.spun() > restWindow:
			return w.ended(Quiet), nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return Settled{}, context.Cause(ctx)
		case <-bound.C:
			timer.Stop()
			return w.ended(Overdue), nil
		case <-p.done:
		case <-wake:
			pause = 200 * time.Microsecond
		case <-timer.C:
		}
		timer.Stop()
	}
}

// A wait is the state of one Settle.
type wait struct {
	p     *Program
	links []Link
	start time.Time

	last     map[int]int64 // timeslices by thread at the last scan, if that was quiet
	first    map[int]int64 // timeslices at which a thread was first seen in a timed wait
	moved    time.Time     // when something last came or was not yet read
	received uint64        // by the links, at the last scan
	cpu      time.Duration // at the first scan
	cpuNow   time.Duration
	spin     time.Duration // of the restless threads, when the silence began
	spinNow  time.Duration
	seen     bool
	blind    bool // the threads can't be looked at
	restless bool // only threads that never rest are awake
	timers   bool // something will still act by itself
}

func (w *wait) ended(reason Reason) Settled {
	s := Settled{Reason: reason, CPU: w.cpuNow - w.cpu}
	if reason == Quiet {
		s.Proved = !w.blind
		s.Final = s.Proved && !w.timers && !w.restless
	}
	return s
}

// spun is the processor time of the threads that never rest since the silence
// began; a sleeper uses none, so for it the time on the wall counts.
func (w *wait) spun() time.Duration {
	if w.spinNow == w.spin {
		return time.Since(w.moved)
	}
	return w.spinNow - w.spin
}

// look scans once and reports whether the program is proved quiet.
func (w *wait) look() (bool, error) {
	agreed, err := w.agree()
	if err != nil {
		return false, err
	}
	threads, err := w.p.threads()
	w.blind = err != nil || len(threads) == 0
	if w.blind {
		w.last = nil
		return false, nil
	}
	slices := make(map[int]int64, len(threads))
	parked, restless, timers := true, false, false
	w.cpuNow, w.spinNow = 0, 0
	for _, t := range threads {
		w.cpuNow += t.cpu
		if w.p.restless[t.id] {
			restless = true
			w.spinNow += t.cpu
			continue
		}
		slices[t.id] = t.slices
		switch t.rest() {
		case awake:
			parked = false
		case timed:
			timers = true
			first, ok := w.first[t.id]
			if !ok {
				w.first[t.id] = t.slices
			}
			if !ok || first == t.slices {
				parked = false // not yet expired
			}
		}
	}
	if !w.seen {
		w.seen, w.cpu = true, w.cpuNow
	}
	if !agreed || !parked {
		w.moved, w.spin = time.Now(), w.spinNow
	}
	w.timers, w.restless = timers, restless && agreed && parked
	same := equal(w.last, slices)
	w.last = nil
	if agreed && parked {
		w.last = slices
	}
	return w.last != nil && same && !restless, nil
}

func equal(a, b map[int]int64) bool {
	if a == nil || len(a) != len(b) {
		return false
	}
	for id, n := range a {
		if m, ok := b[id]; !ok || m != n {
			return false
		}
	}
	return true
}

// agree reports whether both ends of every link say that all has arrived, and that
// nothing has come since the last scan.
func (w *wait) agree() (bool, error) {
	var received uint64
	agreed := true
	for _, link := range w.links {
		deaf := link.Deaf()
		if !deaf {
			received += link.Received()
		}
		if link.Over() {
			continue
		}
		mine, its := link.Ends()
		socket, ok, err := w.p.kernel.Socket(its, mine)
		if err != nil {
			return false, err
		}
		if ok && (socket.Received != link.Sent() || !deaf && (socket.Unsent > 0 || socket.Sent > link.Received())) {
			agreed = false
		}
	}
	if received != w.received || w.moved.IsZero() {
		w.received, w.moved, w.spin = received, time.Now(), w.spinNow
		agreed = agreed && w.seen
	}
	return agreed, nil
}

// parked reports, by one scan, whether every thread waits without a timeout.
func (p *Program) parked() bool {
	threads, err := p.threads()
	if err != nil || len(threads) == 0 {
		return false
	}
	for _, t := range threads {
		if t.rest() != forever {
			return false
		}
	}
	return true
}

// acquaint waits, after the start, until the program is quiet, and notes the
// threads that never are: one that sleeps in a loop, or spins.
func (p *Program) acquaint(ctx context.Context, scale float64) error {
	deadline := time.Now().Add(time.Duration(float64(startWindow) * scale))
	s, err := p.Settle(ctx, scale, nil, nil, func() bool { return time.Now().After(deadline) })
	if err != nil || s.Reason != Stopped {
		return err
	}
	threads, err := p.threads()
	if err != nil {
		return nil // every wait will be a window
	}
	for _, t := range threads {
		if t.rest() == awake {
			p.restless[t.id] = true
		}
	}
	return nil
}

// Waits reports whether a client is kept waiting: its connection is not taken from
// the queue, or what it sent lies unread.
func (p *Program) Waits(link Link) (bool, error) {
	mine, its := link.Ends()
	socket, ok, err := p.kernel.Socket(its, mine)
	if err != nil || !ok {
		return false, err
	}
	return !socket.Accepted || socket.Unread > 0, nil
}
