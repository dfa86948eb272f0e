package conformance

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
	"paycheck/spec"
	"paycheck/spec/edition"
)

// An Observation says how to watch a client that a person uses by hand.
type Observation struct {
	Edition  edition.Edition
	Host     string // the address to listen on
	Port     int    // 0: a free one
	Greeting string // a line that is said to who connects; empty: none
	Scale    float64
	Opened   func(address string) // called once, with where the server listens; may be nil
	Each     func(Glimpse)        // called with each event, one at a time; may be nil
}

// A Glimpse is what one event at the counter has changed.
type Glimpse struct {
	Event   counter.Event
	Results []Result // those that are not what they were before
	Next    string   // what the person can try next; empty: all was seen
}

// Observe is a server and peers for whatever client comes, until ctx ends, and judges
// what it saw. The error is [ErrUsage] if the port can't be listened on.
func Observe(ctx context.Context, o Observation) (Run, error) {
	text, err := spec.Load()
	if err != nil {
		return Run{}, err
	}
	begun := time.Now()
	w := &watcher{o: o, text: text, verdicts: map[string]Verdict{}, events: make(chan counter.Event, 1000)}
	recorder := transcript.NewRecorder()
	w.counter, err = counter.Open(counter.Config{
		Edition: o.Edition, Manner: counter.Manner{Greeting: o.Greeting}, Host: o.Host, Port: o.Port,
		Recorder: recorder, Wake: make(chan struct{}, 1), Each: w.queue,
	})
	if err != nil {
		return Run{}, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	defer w.counter.Close()
	if err := w.invite(o.Host); err != nil {
		return Run{}, fmt.Errorf("%w: %w", ErrNotJudged, err)
	}
	address := net.JoinHostPort(o.Host, fmt.Sprint(w.counter.Port()))
	if o.Opened != nil {
		o.Opened(address)
	}
	w.follow(ctx)
	run := Run{
		Program: "whatever client connects to " + address, Recipe: "used by hand", Edition: o.Edition.Name, Scale: o.Scale,
		Started: begun, Elapsed: time.Since(begun), Results: watch(text, w.seen()),
	}
	for i, r := range run.Results {
		if r.Outcome == play.Violated {
			run.Results[i].Transcript = recorder.Transcript()
		}
	}
	return run, nil
}

// A watcher follows what happens at the counter.
type watcher struct {
	o        Observation
	text     *spec.Spec
	counter  *counter.Counter
	payee    *counter.Peer
	payer    *counter.Peer
	events   chan counter.Event
	verdicts map[string]Verdict // of each check, as it was shown last
	paying   sync.WaitGroup
}

// queue passes an event on; more than fit are counted all the same, from the log.
func (w *watcher) queue(e counter.Event) {
	select {
	case w.events <- e:
	default:
	}
}

// invite opens the accounts of those whom the person can pay and is paid by.
func (w *watcher) invite(host string) (err error) {
	if w.payee, err = w.counter.PeerAnywhere(payeeName, payeeName, host, 0); err != nil {
		return err
	}
	w.payer, err = w.counter.PeerAnywhere(payerName, payerName, host, 0)
	return err
}

func (w *watcher) seen() *seen {
	return &seen{edition: w.o.Edition, manner: counter.Manner{Greeting: w.o.Greeting}, events: w.counter.Log()}
}

// follow tells of each event until ctx ends.
func (w *watcher) follow(ctx context.Context) {
	defer w.paying.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-w.events:
			w.react(ctx, e)
			if w.o.Each != nil {
				w.o.Each(w.glimpse(e))
			}
		}
	}
}

// listenBound is how soon after its login a client has to listen (CLI-5).
const listenBound = 2 * time.Second

// noticeAfter is when the payer is told that a payment counts, if it has asked for
// nothing meanwhile: it may be waiting for that.
const noticeAfter = 5 * time.Second

// react does what the friendly people at the counter do of themselves: they pay who
// has logged in, and who has paid them.
func (w *watcher) react(ctx context.Context, e counter.Event) {
	switch {
	case e.Kind == counter.Told && e.Name != "" && w.loggedInBy(e):
		w.later(ctx, listenBound, func() { _ = w.payer.Pay(ctx, e.Name, 7) }) // what becomes of it is in the log
	case e.Kind == counter.Paid && len(e.Request.Fields) == 3:
		name := e.Request.Fields[0]
		w.later(ctx, noticeAfter, func() {
			w.counter.Notify(name, true)
			_ = w.payee.Pay(ctx, name, 9) // what becomes of it is in the log
		})
	}
}

// loggedInBy reports whether a reply is that to a login.
func (w *watcher) loggedInBy(told counter.Event) bool {
	login := false
	for _, e := range w.counter.Log() {
		switch {
		case e.Kind == counter.Asked && e.Visit == told.Visit:
			login = len(e.Request.Fields) == 2 && e.Request.Fields[0] == told.Name
		case e.Kind == counter.Told && e.Visit == told.Visit && e.At.Equal(told.At):
			return login
		}
	}
	return false
}

func (w *watcher) later(ctx context.Context, d time.Duration, do func()) {
	w.paying.Go(func() {
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(float64(d) * w.o.Scale)):
			do()
		}
	})
}

// glimpse says what an event has changed. What came after it is told after it.
func (w *watcher) glimpse(e counter.Event) Glimpse {
	s := w.seen()
	for i := len(s.events) - 1; i >= 0 && s.events[i].At.After(e.At); i-- {
		s.events = s.events[:i]
	}
	g := Glimpse{Event: e}
	for _, r := range watch(w.text, s) {
		v := r.Verdict()
		before, shown := w.verdicts[r.Check.Name()]
		if v == Skipped || v == NotJudged || shown && before == v {
			continue
		}
		w.verdicts[r.Check.Name()] = v
		g.Results = append(g.Results, r)
	}
	if look, ok := next(s); ok {
		g.Next = look.try
	}
	return g
}
