package target_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"paycheck/conformance/target"
)

// A habit is what a server does between a request and its answer, or all the time.
type habit struct {
	name    string
	answer  int  // bytes
	final   bool // nothing in it acts by itself
	patient bool // its answer is only waited for before a verdict
	rounds  int
}

// Quiet is the ground on which a program is told that it has not answered. So it is
// never said before the answer of a program that gives one, whatever the program
// does in between, and on a machine that is busy with other things.
func TestQuietIsNeverEarly(t *testing.T) {
	load(t, 2)
	neverEarly(t, 8, []habit{
		{"answers", 7, true, false, 200},
		{"pool", 7, true, false, 200},
		{"timed pool", 7, false, false, 200},
		{"select-30", 7, true, false, 200},
		{"poll-30", 7, true, false, 200},
		{"epoll-30", 7, true, false, 200},
		{"poll-150", 7, true, true, 40},
		{"sleep-50", 7, true, false, 200},
		{"sleep-1300", 7, true, false, 8},
		{"compute-20", 7, true, false, 40},
		{"fsync", 7, true, false, 200},
		{"print", 7, true, false, 40},
		{"twice", 14, true, false, 200},
		{"fork", 7, true, false, 200},
		{"ticks-50", 7, false, false, 200},
	})
}

// The same of programs with a thread that never rests. Each round takes a window of
// their own processor time, so there are fewer.
func TestQuietOfTheRestless(t *testing.T) {
	neverEarly(t, 2, []habit{
		{"spins", 7, false, false, 6},
		{"loop", 7, false, false, 6},
		{"naps-5", 7, false, false, 40},
		{"naps-80", 7, false, false, 40},
		{"naps-1200", 7, false, true, 2},
		{"beats-10", 7, false, false, 40},
		{"beats-6000", 7, false, true, 40},
		{"fork and beat", 7, false, false, 40},
	})
}

// neverEarly plays the rounds of all habits side by side, each in several processes:
// that is a load of its own.
func neverEarly(t *testing.T, processes int, habits []habit) {
	t.Helper()
	var plays []func()
	for _, h := range habits {
		for range processes {
			p := start(t, h.name)
			c := connect(t, p)
			plays = append(plays, func() {
				for round := range h.rounds / processes {
					if err := h.round(t, p, c); err != nil {
						t.Errorf("%s, round %d: %v; %s", h.name, round+1, err, p.Doing())
						return
					}
				}
			})
		}
	}
	var all sync.WaitGroup
	for _, play := range plays {
		all.Go(play)
	}
	all.Wait()
}

func (h habit) round(t *testing.T, p *target.Program, c client) error {
	t.Helper()
	had := c.Received()
	c.send(t, "request")
	s := c.settle(t, p, h.patient)
	got := c.Received() - had
	death, _ := p.Death()
	switch {
	case s.Reason != target.Quiet:
		return fmt.Errorf("%s; %v", s.Reason, death)
	case got != uint64(h.answer):
		return fmt.Errorf("quiet, and %d bytes have come of %d", got, h.answer)
	case !s.Proved || s.Final != h.final:
		return fmt.Errorf("proved %v, final %v", s.Proved, s.Final)
	}
	return nil
}

// What ends a wait, besides quiet.
func TestReasons(t *testing.T) {
	t.Run("stopped", func(t *testing.T) {
		p := start(t, "sleep-50")
		c := connect(t, p)
		c.send(t, "request")
		s, err := p.Settle(t.Context(), target.Wait{
			Scale: 1, Links: []target.Link{c}, Wake: c.wake, Stop: func() bool { return c.Received() > 0 },
		})
		if err != nil || s.Reason != target.Stopped || c.Received() != 7 {
			t.Errorf("%+v, %v, with %d bytes", s, err, c.Received())
		}
	})
	t.Run("flooded", func(t *testing.T) {
		p := start(t, "flood")
		c := connect(t, p)
		c.send(t, "request")
		if s := c.settle(t, p, false); s.Reason != target.Flooded || s.Proved || s.Final {
			t.Errorf("%+v, with %d bytes", s, c.Received())
		}
	})
	t.Run("overdue", func(t *testing.T) {
		p := start(t, "compute-5000")
		c := connect(t, p)
		c.send(t, "request")
		s, err := p.Settle(t.Context(), target.Wait{Scale: 0.02, Links: []target.Link{c}, Wake: c.wake})
		if err != nil || s.Reason != target.Overdue || s.Proved || s.Final {
			t.Errorf("%+v, %v", s, err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		p := start(t, "compute-5000")
		c := connect(t, p)
		c.send(t, "request")
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		if s, err := p.Settle(ctx, target.Wait{Scale: 1, Links: []target.Link{c}, Wake: c.wake}); !errors.Is(err, why) {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// A long timeout is waited for only by whoever is patient, and whoever is not is told
// that something may come.
func TestPatience(t *testing.T) {
	p := start(t, "poll-400")
	c := connect(t, p)
	c.send(t, "request")
	if s := c.settle(t, p, false); s.Reason != target.Quiet || s.Final || !s.Proved {
		t.Errorf("%+v", s)
	}
	if s := c.settle(t, p, true); s.Reason != target.Quiet || !s.Final || c.Received() != 7 {
		t.Errorf("%+v, with %d bytes", s, c.Received())
	}
}

// Silence is quiet too, and proved: that is what a verdict rests on.
func TestSilence(t *testing.T) {
	for _, habit := range []string{"silent", "deaf", "never accepts"} {
		p := start(t, habit)
		c := connect(t, p)
		for _, patient := range []bool{false, true} {
			c.send(t, "request")
			if s := c.settle(t, p, patient); s.Reason != target.Quiet || !s.Final || !s.Proved || c.Received() > 0 {
				t.Errorf("%s: %+v, with %d bytes; %s", habit, s, c.Received(), p.Doing())
			}
		}
	}
}

// Both ends of every connection are compared, those too that were closed.
func TestLinks(t *testing.T) {
	p := start(t, "answers")
	c, d, e := connect(t, p), connect(t, p), connect(t, p)
	links := []target.Link{c, d, e}
	quiet := func() {
		t.Helper()
		s, err := p.Settle(t.Context(), target.Wait{Scale: 1, Links: links, Wake: c.wake})
		if err != nil || s.Reason != target.Quiet || !s.Final {
			t.Errorf("%+v, %v; %s", s, err, p.Doing())
		}
	}
	for range 3 {
		c.send(t, "request")
		d.send(t, "request")
		quiet()
	}
	if c.Received() != 21 || d.Received() != 21 || e.Received() != 0 {
		t.Errorf("%d, %d, %d bytes", c.Received(), d.Received(), e.Received())
	}
	for name, end := range map[string]error{"half-closes": c.HalfClose(), "closes": d.Close(), "resets": e.Reset()} {
		if end != nil {
			t.Errorf("%s: %v", name, end)
		}
	}
	quiet()
	if !c.Over() {
		t.Error("the program has closed, and its end is not seen")
	}
}

// Whether a client waits for a place is read from its connection.
func TestWaits(t *testing.T) {
	tests := []struct {
		habit     string
		connected bool // as long as it is only connected
		asked     bool
		delivery  string
	}{
		{"answers", false, false, "all 7 bytes sent have been read"},
		{"silent", false, false, "all 7 bytes sent have been read"},
		{"deaf", false, true, "7 of the 7 bytes sent lie unread"},
		{"never accepts", true, true, "the connection waits to be accepted"},
	}
	for _, test := range tests {
		p := start(t, test.habit)
		c := connect(t, p)
		c.settle(t, p, false)
		if waits, err := p.Waits(c); err != nil || waits != test.connected {
			t.Errorf("%s, connected: %v, %v", test.habit, waits, err)
		}
		c.send(t, "request")
		c.settle(t, p, false)
		if waits, err := p.Waits(c); err != nil || waits != test.asked {
			t.Errorf("%s, asked: %v, %v", test.habit, waits, err)
		}
		if got := p.Delivery(c); got != test.delivery {
			t.Errorf("%s: %s, not %s", test.habit, got, test.delivery)
		}
	}
	// One who has gone waits for nothing.
	p := start(t, "answers")
	c := connect(t, p)
	if err := c.Reset(); err != nil {
		t.Fatal(err)
	}
	if waits, err := p.Waits(c); err != nil || waits {
		t.Errorf("gone: %v, %v", waits, err)
	}
}

func TestDoing(t *testing.T) {
	for habit, want := range map[string]string{
		"answers": "threads: 1 in accept(), 1 in recv()", "deaf": "threads: 1 in accept(), 1 in pause()",
		"ticks-50": "threads: 1 in select()", "beats-6000": "threads: 1 in accept(), 1 in recv(), 1 in sleep()",
		"pool": "threads: 1 in accept(), 1 in recv(), 3 in a lock or a condition",
	} {
		p := start(t, habit)
		c := connect(t, p)
		c.send(t, "request")
		c.settle(t, p, true)
		if got := p.Doing(); got != want {
			t.Errorf("%s: %s, not %s", habit, got, want)
		}
	}
}
