package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/spec"
)

var (
	outcomes = []play.Outcome{play.Held, play.Tolerated, play.Violated, play.Blocked, play.NotApplicable, play.Broken}
	levels   = []spec.Level{spec.Must, spec.Should, spec.May}
	marks    = []spec.Mark{spec.Basic, spec.Bonus, spec.Shown}
	gates    = []conformance.Gate{conformance.GateBasic, conformance.GateMust, conformance.GateStrict}
)

func result(level spec.Level, mark spec.Mark, outcome play.Outcome) conformance.Result {
	return conformance.Result{
		Check:  &conformance.Check{Requirement: spec.Requirement{ID: "REG-1", Level: level, Mark: mark}, Number: 1},
		Result: play.Result{Outcome: outcome},
	}
}

func TestParseGate(t *testing.T) {
	for _, g := range gates {
		if got, err := conformance.ParseGate(string(g)); err != nil || got != g {
			t.Errorf("%s: %s, %v", g, got, err)
		}
	}
	for _, name := range []string{"", "Must", "all", "basic "} {
		if got, err := conformance.ParseGate(name); err == nil || got != "" || !strings.Contains(err.Error(), "basic, must, strict") {
			t.Errorf("%q: %s, %v", name, got, err)
		}
	}
}

// alone has the exit code of a run with one result, for each outcome in turn: held,
// tolerated, violated, blocked, not applicable, broken.
var alone = map[conformance.Gate]map[spec.Level]map[spec.Mark]string{
	conformance.GateBasic: {
		spec.Must:   {spec.Basic: "001333", spec.Bonus: "333333", spec.Shown: "333333"},
		spec.Should: {spec.Basic: "333333", spec.Bonus: "333333", spec.Shown: "333333"},
		spec.May:    {spec.Basic: "333333", spec.Bonus: "333333", spec.Shown: "333333"},
	},
	conformance.GateMust: {
		spec.Must:   {spec.Basic: "001333", spec.Bonus: "001333", spec.Shown: "001333"},
		spec.Should: {spec.Basic: "333333", spec.Bonus: "333333", spec.Shown: "333333"},
		spec.May:    {spec.Basic: "333333", spec.Bonus: "333333", spec.Shown: "333333"},
	},
	conformance.GateStrict: {
		spec.Must:   {spec.Basic: "011333", spec.Bonus: "011333", spec.Shown: "011333"},
		spec.Should: {spec.Basic: "011333", spec.Bonus: "011333", spec.Shown: "011333"},
		spec.May:    {spec.Basic: "333333", spec.Bonus: "333333", spec.Shown: "333333"},
	},
}

func TestExitOfOne(t *testing.T) {
	for _, g := range gates {
		for _, level := range levels {
			for _, mark := range marks {
				for i, outcome := range outcomes {
					r := result(level, mark, outcome)
					want := int(alone[g][level][mark][i] - '0')
					if got := g.Exit([]conformance.Result{r}); got != want {
						t.Errorf("%s: a %s of mark %s that is %s exits %d, not %d", g, level, mark, outcome, got, want)
					}
					if holds := alone[g][level][mark] != "333333"; g.Holds(r.Check.Requirement) != holds {
						t.Errorf("%s rests on a %s of mark %s: %v", g, level, mark, !holds)
					}
				}
			}
		}
	}
}

// Of two results, one that is violated decides; then one that could not be judged;
// one that does not apply, or is outside the gate, decides nothing.
func TestExitOfTwo(t *testing.T) {
	type kind struct {
		level   spec.Level
		mark    spec.Mark
		outcome play.Outcome
	}
	var kinds []kind
	for _, level := range levels {
		for _, mark := range marks {
			for _, outcome := range outcomes {
				kinds = append(kinds, kind{level, mark, outcome})
			}
		}
	}
	n := 0
	for _, g := range gates {
		says := func(k kind) string {
			r := result(k.level, k.mark, k.outcome)
			switch code := g.Exit([]conformance.Result{r}); {
			case code != conformance.ExitNotJudged:
				return fmt.Sprint(code)
			case !g.Holds(r.Check.Requirement) || k.outcome == play.NotApplicable:
				return "nothing"
			}
			return "3"
		}
		order := []string{"1", "3", "0", "nothing"} // the first of them that is said counts
		for _, a := range kinds {
			for _, b := range kinds {
				n++
				said := says(a) + " " + says(b)
				want := "3"
				for _, code := range order {
					if strings.Contains(said, code) {
						want = strings.Replace(code, "nothing", "3", 1)
						break
					}
				}
				got := g.Exit([]conformance.Result{result(a.level, a.mark, a.outcome), result(b.level, b.mark, b.outcome)})
				if fmt.Sprint(got) != want {
					t.Errorf("%s: %v and %v exit %d, not %s", g, a, b, got, want)
				}
			}
		}
	}
	if want := 3 * 54 * 54; n != want {
		t.Errorf("%d pairs, not %d", n, want)
	}
}

// Nothing to run is never a pass.
func TestExitOfNone(t *testing.T) {
	for _, g := range gates {
		for _, none := range [][]conformance.Result{nil, {}} {
			if got := g.Exit(none); got != conformance.ExitNotJudged {
				t.Errorf("%s: %d", g, got)
			}
		}
	}
}

// A run that was interrupted might have found more.
func TestExitOfARun(t *testing.T) {
	tests := []struct {
		outcome    play.Outcome
		incomplete bool
		want       int
	}{
		{play.Held, false, conformance.ExitConforms},
		{play.Violated, false, conformance.ExitViolates},
		{play.Held, true, conformance.ExitNotJudged},
		{play.Violated, true, conformance.ExitNotJudged},
	}
	for _, test := range tests {
		run := conformance.Run{Incomplete: test.incomplete, Results: []conformance.Result{result(spec.Must, spec.Basic, test.outcome)}}
		if got := run.Exit(conformance.GateMust); got != test.want {
			t.Errorf("%s, incomplete %v: %d, not %d", test.outcome, test.incomplete, got, test.want)
		}
	}
}
