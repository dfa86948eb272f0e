package conformance

import (
	"fmt"

	"paycheck/spec"
)

// The exit codes of a run.
const (
	ExitConforms  = 0
	ExitViolates  = 1
	ExitUsage     = 2
	ExitNotJudged = 3
)

// A Gate says which requirements the exit code rests on.
type Gate string

// The gates.
const (
	GateBasic  Gate = "basic"  // every MUST with mark basic
	GateMust   Gate = "must"   // every MUST
	GateStrict Gate = "strict" // everything, tolerated forms and SHOULDs included
)

// ParseGate reads the name of a gate.
func ParseGate(name string) (Gate, error) {
	switch g := Gate(name); g {
	case GateBasic, GateMust, GateStrict:
		return g, nil
	}
	return "", fmt.Errorf("no gate %q; there are basic, must, strict", name)
}

// Holds reports whether the gate rests on a requirement.
func (g Gate) Holds(r spec.Requirement) bool {
	switch g {
	case GateBasic:
		return r.Level == spec.Must && r.Mark == spec.Basic
	case GateMust:
		return r.Level == spec.Must
	}
	return r.Level != spec.May
}

// Exit turns results into an exit code: 1 if anything under the gate is violated;
// else 3 if anything under it could not be judged, or is blocked by something
// outside it, or if nothing was judged at all; else 0. A blocked check counts as
// its blocker does.
func (g Gate) Exit(results []Result) int {
	held, unjudged := false, false
	for _, r := range results {
		if !g.Holds(r.Check.Requirement) {
			continue
		}
		switch r.Verdict() {
		case Pass:
			held = true
		case Accepted:
			held = true
			if g == GateStrict {
				return ExitViolates
			}
		case Fail, Warn:
			return ExitViolates
		case BlockedBy, NotJudged:
			unjudged = true
		}
	}
	if unjudged || !held {
		return ExitNotJudged
	}
	return ExitConforms
}

// Exit is the exit code of the whole run. One that was interrupted is not judged,
// whatever it had found: the same command might have found more.
func (r Run) Exit(g Gate) int {
	if r.Incomplete {
		return ExitNotJudged
	}
	return g.Exit(r.Results)
}
