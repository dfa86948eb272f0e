package mutant

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/conformance"
)

// A board collects the results.
type board struct {
	begun   time.Time
	trials  []trial
	mu      sync.Mutex
	results map[string]result
}

// A result is what came of one trial.
type result struct {
	rulings map[string]ruling
	faults  []string
	absent  string // why it was not judged here
	elapsed time.Duration
}

func (b *board) run(t *testing.T, tools tools, trial trial) {
	r, err := trial.run(t.Context(), tools, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.results[trial.kind+"/"+trial.name] = r
	b.mu.Unlock()
	if r.absent != "" {
		t.Skip(r.absent)
	}
	if len(r.faults) > 0 && trial.kind != odd {
		t.Errorf("%s: %s\n  %s", trial.at, trial.text, strings.Join(r.faults, "\n  "))
	}
}

// String is the table of all that was judged, and the score.
func (b *board) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var s strings.Builder
	line := func(cells ...string) {
		s.WriteString(strings.TrimRight(fmt.Sprintf("%-30s %-7s %-10s %6s  %s", cells[0], cells[1], cells[2], cells[3], cells[4]), " ") + "\n")
	}
	good, of := map[string]int{}, map[string]int{}
	var missed []string
	for _, kind := range kinds {
		first := true
		for _, t := range b.trials {
			r, ok := b.results[kind+"/"+t.name]
			if t.kind != kind || !ok || r.absent != "" {
				continue
			}
			if first {
				line(kind, "breaks", "verdict", "s", "also")
				first = false
			}
			id := t.breaks().id
			others := red(r.rulings, id)
			verdict := string(r.rulings[id].verdict)
			fine := len(r.faults) == 0
			switch kind {
			case mutants, odd:
				fine = t.breaks().caught(r.rulings)
			case quirks:
				others, verdict = having(r.rulings, conformance.Accepted), "fine"
				if !fine {
					verdict = "faulted"
				}
			case programs:
				verdict = "as known"
				if !fine {
					verdict = "differs"
				}
			}
			if of[kind]++; fine {
				good[kind]++
			} else if kind == odd {
				missed = append(missed, t.name)
			}
			line("  "+t.name, id, verdict, fmt.Sprintf("%.1f", r.elapsed.Seconds()), strings.Join(others, " "))
		}
	}
	fmt.Fprintf(&s, "mutants caught %d of %d, odd ones %d of %d; quirks left in peace %d of %d; programs as known %d of %d; %.0f s\n",
		good[mutants], of[mutants], good[odd], of[odd], good[quirks], of[quirks], good[programs], of[programs], time.Since(b.begun).Seconds())
	if len(missed) > 0 {
		fmt.Fprintf(&s, "missed, for a fuzzer to find: %s\n", strings.Join(missed, ", "))
	}
	return s.String()
}

// having gives the IDs with one verdict.
func having(all map[string]ruling, v conformance.Verdict) (ids []string) {
	for _, id := range sorted(all) {
		if all[id].verdict == v {
			ids = append(ids, id)
		}
	}
	return ids
}
