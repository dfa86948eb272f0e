package target_test

import (
	"testing"
	"time"

	"paycheck/conformance/target"
)

func usage(t *testing.T, p *target.Program) target.Usage {
	t.Helper()
	u, err := p.Usage()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUsageCountsThreadsAndProcesses(t *testing.T) {
	for _, c := range []struct {
		habit          string
		forked, widest int
	}{
		{"plain", 0, 1},
		{"pool", 0, 5},
		{"family", 1, 1},
	} {
		t.Run(c.habit, func(t *testing.T) {
			u := usage(t, start(t, c.habit))
			if u.Forked != c.forked || u.Widest != c.widest {
				t.Errorf("forked %d, widest %d; want %d, %d", u.Forked, u.Widest, c.forked, c.widest)
			}
			if u.Threads < u.Widest+c.forked {
				t.Errorf("%d threads in all", u.Threads)
			}
		})
	}
}

func TestUsageCountsConnections(t *testing.T) {
	p := start(t, "plain")
	before := usage(t, p)
	alice := connect(t, p)
	settle := func() {
		t.Helper()
		if _, err := p.Settle(t.Context(), target.Wait{Scale: 1, Links: []target.Link{alice}}); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	with := usage(t, p)
	if with.Descriptors != before.Descriptors+1 || with.Threads != before.Threads+1 {
		t.Errorf("with a client %+v, before %+v", with, before)
	}
	if err := alice.Close(); err != nil {
		t.Fatal(err)
	}
	settle()
	if after := usage(t, p); after != before {
		t.Errorf("after the client %+v, before %+v", after, before)
	}
}

func TestBusy(t *testing.T) {
	for habit, want := range map[string]bool{"plain": false, "pool": false, "beats-5": false, "naps-2": false, "spins": true} {
		t.Run(habit, func(t *testing.T) {
			used, err := start(t, habit).Busy(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if busy := used > 0; busy != want {
				t.Errorf("busy: %v (%v), want %v", busy, used, want)
			}
			if want && used < 100*time.Millisecond {
				t.Errorf("found busy after %v", used)
			}
		})
	}
}
