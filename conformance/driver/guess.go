package driver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance/target"
)

// A Guesser finds a driver for a client that nothing is known of: by the words of its
// menus, of which each is tried, and verified on the wire.
type Guesser struct {
	Kernel *target.Kernel
	Recipe target.Recipe
	Scale  float64
	Dir    func() (string, error)                   // a fresh directory with what the client needs
	Stage  func(ctx context.Context) (Stage, error) // a fresh one, with other values than the last
}

// A Guess is what was found.
type Guess struct {
	Driver Driver
	// Verified are the operations that reached the wire in a second process, with other
	// values than those that the driver was found with.
	Verified []Op
	Missing  []*StuckError // the others: where each got stuck in the last try
	Started  int           // processes of the client
}

// Sure says in a few words how sure it is.
func (g Guess) Sure() string {
	if len(g.Verified) == len(Ops()) {
		return "all five operations reached the wire, twice, with different values"
	}
	var lacks []string
	for _, op := range Ops() {
		if !slices.Contains(g.Verified, op) {
			lacks = append(lacks, string(op))
		}
	}
	return fmt.Sprintf("%d of %d operations reached the wire twice; not %s", len(g.Verified), len(Ops()), strings.Join(lacks, ", "))
}

// launches are the ways in which clients are told where the server is. One that asks
// ignores its arguments.
var launches = []string{"{host} {port}", "", "{port}", "{host}:{port}"}

// Find tries to find a driver. One that can't do all is a result too. The error is a
// [*StuckError] where not even an account could be registered or used.
func (g *Guesser) Find(ctx context.Context) (Guess, error) {
	best, failure, started := Guess{}, error(nil), 0
	for _, args := range launches {
		e := &exploration{g: g, driver: Driver{Name: "guess", Args: args, Ops: map[Op][]Step{}}, finish: finish{stable: map[string]bool{}}}
		guess, err := e.run(ctx)
		started += e.started
		if err != nil {
			if ctx.Err() != nil {
				return Guess{}, context.Cause(ctx)
			}
			if failure == nil || err.more(failure) {
				failure = err
			}
			continue
		}
		if len(guess.Verified) > len(best.Verified) {
			best = guess
		}
		if len(best.Driver.Ops) > 1 {
			break
		}
	}
	best.Started = started
	if len(best.Verified) == 0 {
		if failure == nil {
			failure = errors.New("driver: no operation reached the wire")
		}
		return best, failure
	}
	return best, nil
}

// more reports whether this failure tells more than another: it came later.
func (e *StuckError) more(other error) bool {
	before := (*StuckError)(nil)
	return errors.As(other, &before) && before.Op == "" && e.Op != ""
}

// Check performs each operation of a driver in a new process, with values that it has
// not seen, and tells which reached the wire.
func (g *Guesser) Check(ctx context.Context, d Driver) Guess {
	e := &exploration{g: g, driver: d}
	defer e.end()
	guess := Guess{Driver: d}
	guess.Verified, guess.Missing = e.verify(ctx)
	guess.Started = e.started
	return guess
}
