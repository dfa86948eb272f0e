package conformance

import (
	"paycheck/conformance/play"
	"paycheck/spec"
)

// A Verdict is what an outcome means for the program, in the words a student reads.
type Verdict string

// The verdicts.
const (
	Pass      Verdict = "pass"
	Accepted  Verdict = "accepted" // the form differs
	Fail      Verdict = "fail"
	Warn      Verdict = "warn" // a SHOULD that does not hold
	BlockedBy Verdict = "blocked"
	Skipped   Verdict = "skipped"    // does not apply, and says why
	NotJudged Verdict = "not judged" // the suite could not tell
)

// verdictOf is the one place where what was seen turns into what it means.
func verdictOf(outcome play.Outcome, level spec.Level) Verdict {
	switch outcome {
	case play.Held:
		return Pass
	case play.Tolerated:
		return Accepted
	case play.Violated:
		switch level {
		case spec.Must:
			return Fail
		case spec.Should:
			return Warn
		case spec.May:
			return Pass // it allows either
		}
	case play.Blocked:
		return BlockedBy
	case play.NotApplicable:
		return Skipped
	}
	return NotJudged
}
