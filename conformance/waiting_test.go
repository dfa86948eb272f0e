package conformance_test

import (
	"context"
	"flag"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/play"
)

var waits = flag.Int("waits", 20, "let `N` clients wait, ten times as many be served beside twofold load, and see each told for what it is")

// round is how many clients one process gets.
const round = 100

// A client that waits for a place is told from one that is served, also beside other
// work; the test says how long that takes.
func TestWaitingIsSeen(t *testing.T) {
	subject, err := conformance.Prepare(t.Context(), conformance.NewConfig(build(t, "paycheck/cmd/server")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = subject.Close() })

	took, missed := clients(t, subject, 1, *waits)
	t.Logf("alone: %d waited, %d of them not seen to; decided in %v (median), %v at most", len(took), missed, median(took), slices.Max(took))
	if missed > 0 {
		t.Errorf("%d clients waited, and were not seen to", missed)
	}

	load(t, 2*runtime.NumCPU())
	took, missed = clients(t, subject, 1, *waits)
	t.Logf("beside twofold load: %d waited, %d of them not seen to; decided in %v (median), %v at most", len(took), missed, median(took), slices.Max(took))
	if missed > 0 {
		t.Errorf("%d clients waited beside twofold load, and were not seen to", missed)
	}
	took, wrong := clients(t, subject, 2, 10**waits)
	t.Logf("beside twofold load: %d were served, %d of them said to wait; answered in %v (median)", len(took), wrong, median(took))
	if wrong > 0 {
		t.Errorf("%d clients were served, and said to wait", wrong)
	}
}

// clients has n clients come one after another to a server where one place is taken,
// and tells how long it took to see what became of each, and of how many that was
// wrong: with a limit of 1 all have to wait, with a higher one none has.
func clients(t *testing.T, subject *conformance.Subject, limit, n int) (took []time.Duration, wrong int) {
	t.Helper()
	env := subject.Env()
	for len(took) < n {
		r, err := play.Run(t.Context(), &env, func(ctx context.Context, st *play.Stage) error {
			st.Limit(limit)
			if err := st.Do(ctx, "given first online"); err != nil {
				return err
			}
			for i := range min(round, n-len(took)) {
				name := fmt.Sprintf("c%d", i)
				if err := st.Do(ctx, name+" connects"); err != nil {
					return err
				}
				begun := time.Now()
				a, err := st.Ask(ctx, name, "REGISTER#"+name)
				if err != nil {
					return err
				}
				took = append(took, time.Since(begun))
				if served := a.Reply != nil; served != (limit > 1) {
					wrong++
				}
				if err := st.Do(ctx, name+" resets"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Outcome != play.Held {
			t.Fatalf("%s: %s", r.Outcome, r.Why)
		}
	}
	return took, wrong
}

// load keeps processors busy, for ten minutes of each at most.
func load(t *testing.T, n int) {
	t.Helper()
	for range n {
		c := exec.CommandContext(t.Context(), "sh", "-c", "ulimit -t 600; while :; do :; done")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Wait() }) // the end of the test's context has killed it
	}
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2].Round(10 * time.Microsecond)
}
