package conformance_test

import (
	"testing"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/spec"
)

func TestVerdict(t *testing.T) {
	tests := []struct {
		outcome           play.Outcome
		must, should, may conformance.Verdict
	}{
		{play.Held, conformance.Pass, conformance.Pass, conformance.Pass},
		{play.Tolerated, conformance.Accepted, conformance.Accepted, conformance.Accepted},
		{play.Violated, conformance.Fail, conformance.Warn, conformance.Pass},
		{play.Blocked, conformance.BlockedBy, conformance.BlockedBy, conformance.BlockedBy},
		{play.NotApplicable, conformance.Skipped, conformance.Skipped, conformance.Skipped},
		{play.Broken, conformance.NotJudged, conformance.NotJudged, conformance.NotJudged},
		// What nobody has decided is no pass.
		{"", conformance.NotJudged, conformance.NotJudged, conformance.NotJudged},
		{"unheard of", conformance.NotJudged, conformance.NotJudged, conformance.NotJudged},
	}
	for _, test := range tests {
		for level, want := range map[spec.Level]conformance.Verdict{spec.Must: test.must, spec.Should: test.should, spec.May: test.may} {
			if got := result(level, spec.Basic, test.outcome).Verdict(); got != want {
				t.Errorf("a %s that is %q: %s, not %s", level, test.outcome, got, want)
			}
		}
	}
	if got := result("", spec.Basic, play.Violated).Verdict(); got != conformance.NotJudged {
		t.Errorf("of no level, and violated: %s", got)
	}
}
