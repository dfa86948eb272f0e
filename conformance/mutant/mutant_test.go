package mutant

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/report"
)

var (
	full  = flag.Bool("full", false, "judge every mutant, quirk and program, not only a few")
	every = flag.Bool("every", false, "hold mutants against every check, not only those that concern them")
	near  = flag.Bool("near", false, "hold mutants against what their entries name, and nothing else")
)

// What is judged without -full: the six changes that every judge of this protocol
// has to see, and two programs in C that are odd.
var few = map[string][]string{
	mutants:  {"lf-for-crlf", "no-fail", "limit-plus-one", "no-logout", "no-credit", "place-lost-after-rst"},
	programs: {"padded_32", "ghosts"},
}

// leftToProofs skips what takes long where only the quick tests are wanted.
func leftToProofs(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left to make proofs")
	}
}

// The kinds of trials, each with a data file of that name.
const (
	mutants  = "mutants"
	odd      = "odd"
	quirks   = "quirks"
	programs = "programs"
)

var kinds = []string{mutants, odd, quirks, programs}

// keys are what the entries of each kind may have.
var keys = map[string][]string{
	mutants:  {"breaks", "also", "may"},
	odd:      {"breaks", "also", "may"},
	quirks:   {"accepted"},
	programs: append([]string{"args", "limit", "edition"}, goldenKeys()...),
}

func goldenKeys() (keys []string) {
	for _, v := range golden {
		keys = append(keys, string(v))
	}
	return keys
}

// A trial is one program that is judged.
type trial struct {
	kind string
	seed int
	entry
}

// apart is how far apart the seeds of two trials are. A judge takes its ports from a
// place that the seed chooses, one after another, and hardly ever more than this.
const apart = 500

// trials reads the data files.
func trials() (all []trial, err error) {
	for _, kind := range kinds {
		entries, err := readEntries(kind+".txt", keys[kind]...)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			all = append(all, trial{kind, apart * len(all), e})
		}
	}
	return all, nil
}

// chosen says whether a trial belongs to this run.
func (t trial) chosen() bool { return *full || slices.Contains(few[t.kind], t.name) }

// TestMutants judges the programs, as many at a time as there are processors, and
// holds what the judge says against the data files.
func TestMutants(t *testing.T) {
	all, err := trials()
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	tools, err := buildTools(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	board := &board{begun: begun, results: map[string]result{}}
	for _, trial := range all {
		if trial.chosen() {
			board.trials = append(board.trials, trial)
		}
	}
	if !*full {
		t.Logf("%d of %d trials; all of them with -full", len(board.trials), len(all))
	}
	t.Cleanup(func() { t.Log("\n" + board.String()) }) // after the parallel subtests
	for _, trial := range board.trials {
		t.Run(trial.kind+"/"+trial.name, func(t *testing.T) {
			t.Parallel()
			board.run(t, tools, trial)
		})
	}
}

// run builds and judges one program.
func (t trial) run(ctx context.Context, tools tools, dir string) (result, error) {
	begun := time.Now()
	program, err := t.made(ctx, tools, dir)
	if errors.Is(err, errAbsent) {
		return result{absent: err.Error()}, nil
	}
	if err != nil {
		return result{}, err
	}
	args, err := t.arguments()
	if err != nil {
		return result{}, err
	}
	document, err := tools.judge(ctx, dir, t.seed, program, args...)
	if err != nil {
		return result{}, err
	}
	return t.resultOf(document, time.Since(begun)), nil
}

// made builds the program. The error may be errAbsent.
func (t trial) made(ctx context.Context, tools tools, dir string) (string, error) {
	if t.kind == programs {
		return compile(ctx, t.source(), dir)
	}
	return tools.build(ctx, t.entry, dir)
}

func (t trial) resultOf(d report.Document, elapsed time.Duration) result {
	r := result{rulings: rulings(d), elapsed: elapsed}
	switch t.kind {
	case mutants, odd:
		r.faults = mutantFaults(t.entry, r.rulings)
	case quirks:
		r.faults = quirkFaults(t.entry, r.rulings)
	case programs:
		r.faults = programFaults(t.entry, r.rulings)
	}
	return r
}

// source is the file of a program.
func (t trial) source() string {
	found, _ := filepath.Glob(filepath.Join("programs", t.name+".c*"))
	if len(found) != 1 {
		return filepath.Join("programs", t.name+".c")
	}
	return found[0]
}

// arguments are how paycheck is told to start a program, and what to judge.
func (t trial) arguments() (args []string, err error) {
	for _, key := range []string{"args", "limit", "edition"} {
		if v := t.value(key); v != "" {
			args = append(args, "--"+key, v)
		}
	}
	if (t.kind == mutants || t.kind == odd) && !*every {
		only, err := t.only()
		return append(args, "--only", strings.Join(only, ",")), err
	}
	return args, nil
}

// only selects what a mutant is held against: all checks of the requirements that
// its entry names, and the first check of every other one. That is half of the work,
// and what has nothing to do with a mutant seldom goes red at its second check.
func (t trial) only() (ids []string, err error) {
	ids = slices.Concat(t.named("also"), t.named("may"), []string{t.breaks().id})
	if *near {
		return ids, nil
	}
	checks, err := conformance.Checks()
	for _, c := range checks {
		if c.Number == 1 && !slices.Contains(ids, c.Requirement.ID) {
			ids = append(ids, c.Name())
		}
	}
	return ids, err
}
