package play

import (
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
)

// An Outcome is what was seen. What it means for a program is the root
// package's Verdict.
type Outcome string

// The outcomes.
const (
	Held          Outcome = "held"
	Tolerated     Outcome = "tolerated"      // a form that the requirement accepts besides
	Violated      Outcome = "violated"       //
	Blocked       Outcome = "blocked"        // the set-up rests on a requirement that failed
	NotApplicable Outcome = "not applicable" // the program or the edition lacks what it is about
	Broken        Outcome = "broken"         // the suite could not judge
)

// A Result is the outcome of one check, with its evidence.
type Result struct {
	Outcome    Outcome               `json:"outcome"`
	By         string                `json:"by,omitempty"`  // of Blocked: the ID of the requirement that failed
	Why        string                `json:"why,omitempty"` // one plain sentence; empty if held
	Finding    *Finding              `json:"finding,omitempty"`
	Transcript transcript.Transcript `json:"transcript,omitempty"`
}

// A Finding is what a violated or tolerated requirement was seen by.
type Finding struct {
	Line   int           `json:"line,omitempty"` // of the step in protocol.md; 0 for a check that is no scenario
	Step   string        `json:"step,omitempty"` // in the notation
	Want   string        `json:"want,omitempty"` // as a person reads it
	Got    []byte        `json:"got,omitempty"`  // what came, raw
	At     int           `json:"at"`             // offset in Got of the first wrong byte; -1: none
	Doing  string        `json:"doing,omitempty"`
	Death  *target.Death `json:"death,omitempty"`
	Stderr []string      `json:"stderr,omitempty"` // the program's last lines
	Screen []string      `json:"screen,omitempty"` // of a client: the last lines that its terminal shows
}
