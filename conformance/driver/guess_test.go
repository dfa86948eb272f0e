package driver_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
)

// worlds gives stages with ever different names, ports, amounts and places in the list.
func worlds(t *testing.T, d dialect) func(context.Context) (driver.Stage, error) {
	var made atomic.Int64
	return func(context.Context) (driver.Stage, error) {
		n := int(made.Add(1))
		w := newWorld(t, d, fmt.Sprintf("anna%dq", n), fmt.Sprintf("berta%dw", n), 130+7*n)
		w.values.PayeeIndex = 2 + n%3
		return w, nil
	}
}

func guesser(t *testing.T, path string, d dialect) *driver.Guesser {
	return &driver.Guesser{
		Kernel: kernel, Recipe: target.Recipe{Path: path}, Scale: 1,
		Dir:   func() (string, error) { return t.TempDir(), nil },
		Stage: worlds(t, d),
	}
}

// The guess finds a driver for each of these by itself. Of clients that nobody has seen
// it finds fewer; what it once found must not be lost by a rule for another.
func TestGuess(t *testing.T) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			path := client(t, c.name)
			t.Parallel()
			d, begun := c.dialect, time.Now()
			d.patient = true
			guess, err := guesser(t, path, d).Find(within(t))
			t.Logf("%v, %d processes, %s\n%s", time.Since(begun), guess.Started, guess.Sure(), guess.Driver.Text())
			if err != nil || len(guess.Verified) != len(driver.Ops()) {
				t.Errorf("%v %v", err, guess.Missing)
			}
		})
	}
}

// A client that can't be driven is told of by where it got stuck, and what it showed.
func TestGuessFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deaf")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho 'Soon there will be a menu.'\nexec sleep 1000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	g := guesser(t, path, dialect{})
	g.Scale = 0.1
	_, err := g.Find(within(t))
	stuck := (*driver.StuckError)(nil)
	if !errors.As(err, &stuck) || stuck.State.Doing != target.Sleeps || !strings.Contains(stuck.Screen, "Soon there") {
		t.Errorf("the error is %v", err)
	}
}
