package conformance

import (
	"time"

	"paycheck/conformance/play"
)

// A Result is what one check saw.
type Result struct {
	Check *Check
	play.Result
	Elapsed time.Duration
}

// Verdict says what the result means.
func (r Result) Verdict() Verdict { return verdictOf(r.Outcome, r.Check.Requirement.Level) }

// A Run is all that there is to report about one run; what a report shows comes
// from here and from nowhere else.
type Run struct {
	Program    string        // the path or address of the program under test
	SHA256     string        // of the executable, in hex; empty for an address
	Recipe     string        // how it was started, as a person would type it
	Dialect    string        // how it speaks, in one line
	Edition    string        // "2021"
	Seed       uint64        // of every random choice
	Scale      float64       // what every bound was multiplied by; 1: as the text has it
	Started    time.Time     // when the run began
	Elapsed    time.Duration // of the whole run
	Incomplete bool          // it was interrupted: some checks have no result
	Notes      []string      // what the suite lacks on this machine, each said once
	Results    []Result      // in the order of the text
}
