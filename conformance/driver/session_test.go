package driver_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
)

// start starts a client and leaves its end to the test's.
func start(ctx context.Context, t *testing.T, d driver.Driver, path string, v driver.Values) *driver.Session {
	t.Helper()
	s, err := d.Start(ctx, kernel, target.Recipe{Path: path}, 1, t.TempDir(), v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// drive performs the operations, each of which has to bring its message.
func drive(ctx context.Context, t *testing.T, s *driver.Session, w *world, ops ...driver.Op) {
	t.Helper()
	for _, op := range ops {
		before := len(w.Heard())
		err := s.Do(ctx, op, w.values)
		if err == nil {
			err = w.await(ctx, op, before)
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s\n%s", op, err, s.Program().Doing(), s.Screen())
		}
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	return ctx
}

func TestBuiltin(t *testing.T) {
	for _, d := range driver.Builtin() {
		t.Run(d.Name, func(t *testing.T) {
			if err := d.Validate(); err != nil {
				t.Fatal(err)
			}
			w, ctx := newWorld(t, dialect{}, "alice", "bob", 137), within(t)
			s := start(ctx, t, d, reference, w.values)
			drive(ctx, t, s, w, driver.Ops()...)
			<-s.Done()
			if death, _ := s.Death(); death.Exit != 0 || death.Signal != "" {
				t.Errorf("the reference client ended so: %v", death)
			}
			for _, want := range []string{"1) register", "4321", "The server says: Bye"} {
				if !strings.Contains(s.Screen(), want) {
					t.Errorf("the screen lacks %q:\n%s", want, s.Screen())
				}
			}
		})
	}
}

// An operation that can't be performed says at which step, and what the screen showed.
func TestStuck(t *testing.T) {
	w, ctx := newWorld(t, dialect{}, "alice", "bob", 137), within(t)
	d := driver.Builtin()[0]
	d.Ops[driver.Pay] = []driver.Step{{Wait: "> $", Type: "pay"}, {Wait: "Whom", Type: "{payee}"}}
	s := start(ctx, t, d, reference, w.values)
	drive(ctx, t, s, w, driver.Register, driver.Login)
	err := s.Do(ctx, driver.Pay, w.values)
	stuck := (*driver.StuckError)(nil)
	if !errors.As(err, &stuck) {
		t.Fatalf("the error is %v", err)
	}
	if stuck.Step != 2 || stuck.State.Doing != target.WantsLine || !strings.HasSuffix(stuck.Screen, "Payee:") {
		t.Errorf("stuck at step %d, it %s:\n%s", stuck.Step, stuck.State.Doing, stuck.Screen)
	}
}
