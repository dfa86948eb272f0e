package target

import (
	"errors"
	"maps"
	"time"
)

// patience is how long a thread is awake, or asleep for a time, before it counts as
// one that never rests: for one that computes, by its own processor time.
const patience = time.Second

// tick is the longest timeout that is always waited for: a program may look around
// so often, or wait so long for the rest of a request.
const tick = 100 * time.Millisecond

// long is from where a timeout counts as none: no bound of protocol.md is longer,
// and a Go program's watcher thread wakes once a minute.
const long = 5 * time.Second

// A wait is the state of one settling.
type wait struct {
	p        *Program
	scale    float64
	links    []Link
	patience time.Duration
	patient  bool

	begun    uint64                // bytes received by the links when the wait began
	received uint64                // and at the last look
	moved    time.Time             // when something last came, or a thread last ran that can rest
	last     map[int]int64         // timeslices by thread at the last look, if all was at rest
	expiring map[int]alarm         // the threads that were seen in a timed wait
	rounds   int                   // how often one of them has done more than to look around
	awake    map[int]spell         // the threads that are awake, since when
	spinners map[int]time.Duration // of those that never rest and compute now, their processor time
	spent    map[int]time.Duration // and what it was when something last moved
	cpu      time.Duration         // of the program, at the first look
	cpuNow   time.Duration         // at the last look
	looked   bool
	unread   bool // bytes lie at the program's end of a connection
	blind    bool // the threads can't be looked at
	restless bool // a thread that never rests is awake
	timers   bool // a timeout will still let something happen
}

// A spell is how long a thread has been awake without a pause.
type spell struct {
	since  time.Time
	cpu    time.Duration // its processor time then
	asleep int64         // its timeslices when it was first seen asleep; unseen: it was not
}

const unseen = -1

// An alarm is a timed wait of a thread as it was first seen.
type alarm struct {
	slices int64         // of the thread
	others int64         // of all other threads that can rest
	cpu    time.Duration // of the thread
}

// A timeout that expires may be a pause within one request, as in a Go program that
// sleeps: then more happens than that a thread looks around and waits again. So many of
// them one after another are waited for, as long as nothing comes.
const pauses = 4

// around is how much of the processor a thread uses to look around.
const around = 300 * time.Microsecond

// again is how often a thread that sleeps is given a processor until it has gone round
// its loop: once may be an interruption on its way back to sleep.
const again = 2

func newWait(p *Program, scale float64, links []Link) *wait {
	w := &wait{
		p: p, scale: scale, links: links, patience: patience,
		moved: time.Now(), expiring: map[int]alarm{}, awake: map[int]spell{},
	}
	for _, link := range links {
		if !link.Deaf() {
			w.begun += link.Received()
		}
	}
	w.received = w.begun
	p.scanner.restless = p.restless
	return w
}

func (w *wait) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) * w.scale) }

func (w *wait) ended(reason Reason) Settled {
	s := Settled{Reason: reason, CPU: w.cpuNow - w.cpu}
	if reason == Quiet {
		s.Proved = !w.blind
		s.Final = s.Proved && !w.timers && !w.restless
	}
	return s
}

// look scans once and reports whether the program is quiet.
func (w *wait) look() (bool, error) {
	agreed, err := w.agree()
	if err != nil {
		return false, err
	}
	see := w.p.scanner.scan
	if w.last == nil { // it takes another look anyway
		see = w.p.scanner.glance
	}
	threads, err := see(w.p.PID())
	w.blind = err != nil || len(threads) == 0
	if w.blind {
		return agreed && time.Since(w.moved) > w.scaled(blindWindow), nil
	}
	slices, parked := w.sort(threads)
	if !agreed || !parked {
		w.moved, w.last, w.spent = time.Now(), nil, nil
		return false, nil
	}
	same := w.last != nil && maps.Equal(w.last, slices)
	if w.last != nil && !same {
		w.moved, w.spent = time.Now(), nil
	}
	w.last = slices
	if w.restless {
		return w.spun() && same && time.Since(w.moved) > w.scaled(restWindow), nil
	}
	// Bytes are there a moment before the thread that waits for them is woken.
	return same && !(w.unread && time.Since(w.moved) < w.scaled(unreadWindow)), nil
}

// sort tells the threads that are at rest, with their timeslices, and whether those
// that can be at rest all are.
func (w *wait) sort(threads []thread) (slices map[int]int64, parked bool) {
	slices, parked = make(map[int]int64, len(threads)), true
	w.cpuNow, w.restless, w.timers = 0, false, false
	w.spinners = map[int]time.Duration{}
	var all int64
	for _, t := range threads {
		if !w.p.restless[t.id] {
			all += t.slices
		}
	}
	for _, t := range threads {
		w.cpuNow += t.cpu
		r, left := t.rest()
		if t.moved && !(r == awake && w.p.restless[t.id]) {
			parked = false
		}
		if r == awake {
			switch {
			case !w.never(t):
				parked = false
			case t.sleeps():
				w.restless = true
				parked = parked && w.wentRound(t)
			default:
				w.restless = true
				w.spinners[t.id] = t.cpu
			}
			continue
		}
		delete(w.awake, t.id)
		slices[t.id] = t.slices
		if r == timed {
			w.timers = true
			if left > tick && !w.patient {
				continue
			}
			now := alarm{slices: t.slices, others: all - t.slices, cpu: t.cpu}
			first, seen := w.expiring[t.id]
			busy := seen && first.slices != now.slices && w.rounds < pauses && !w.p.polls[t.id] && (first.others != now.others || now.cpu-first.cpu > around)
			if busy {
				w.rounds++
			}
			if !seen || busy {
				w.expiring[t.id] = now
			}
			if !seen || busy || first.slices == now.slices {
				parked = false // not expired yet
				continue
			}
			if len(w.links) == 0 {
				w.p.polls[t.id] = true // nobody has asked it for anything yet
			}
			// It has looked around once. That it does so again moves nothing, and of
			// many that do there is always one that just did.
			delete(slices, t.id)
		}
	}
	if !w.looked {
		w.looked, w.cpu = true, w.cpuNow
	}
	return slices, parked
}

// never reports whether a thread that is awake is one that never rests: it spins, or
// sleeps again and again. Before anybody has asked for anything, one long sleep is
// enough; afterwards it may be what stands between a request and its answer.
func (w *wait) never(t thread) bool {
	s, ok := w.awake[t.id]
	if !ok {
		s = spell{since: time.Now(), cpu: t.cpu, asleep: unseen}
	}
	if t.sleeps() && s.asleep == unseen {
		s.asleep = t.slices
	}
	w.awake[t.id] = s
	naps := t.sleeps() && time.Since(s.since) > w.scaled(w.patience) && (len(w.links) == 0 || t.slices-s.asleep >= again)
	if naps || t.cpu-s.cpu > w.patience {
		w.p.restless[t.id] = true
	}
	return w.p.restless[t.id]
}

// wentRound reports whether a thread that sleeps again and again has looked for work
// since this wait began. A long sleep is not waited for, as a long timeout is not.
func (w *wait) wentRound(t thread) bool {
	if d := t.sleep(); d >= long || d > tick && !w.patient {
		return true
	}
	return t.slices-w.awake[t.id].asleep >= again
}

// spun reports whether each thread that never rests and computes has computed long
// enough since something last moved. On a busy machine time alone says nothing: it
// may not have run at all.
func (w *wait) spun() bool {
	if w.spent == nil {
		w.spent = map[int]time.Duration{}
	}
	enough := true
	for id, cpu := range w.spinners {
		begun, ok := w.spent[id]
		if !ok {
			w.spent[id] = cpu
		}
		enough = enough && ok && cpu-begun > restWindow
	}
	return enough
}

// agree reports whether both ends of every link say that all has arrived, and that
// nothing has come since the last look.
func (w *wait) agree() (bool, error) {
	var received uint64
	agreed := true
	w.unread = false
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
		w.unread = w.unread || ok && socket.Unread > 0
		switch {
		case errors.Is(err, errHidden):
		case err != nil:
			return false, err
		case !ok:
			agreed = agreed && deaf // its last bytes and its end are still to be read
		case socket.Received != link.Sent():
			agreed = false
		case !deaf && (socket.Unsent > 0 || socket.Sent > link.Received()):
			agreed = false
		}
	}
	if received != w.received {
		w.received, agreed = received, false
		w.moved = time.Now()
		clear(w.expiring)
		w.rounds = 0
	}
	return agreed, nil
}

// quiet is look where there is no connection yet, and nobody to blame.
func (w *wait) quiet() bool {
	quiet, err := w.look()
	return err == nil && quiet && !w.blind
}
