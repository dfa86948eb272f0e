package mutant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/report"
)

// A ruling is what the judge says of one requirement: the worst verdict of its
// checks, and which check has it.
type ruling struct {
	verdict conformance.Verdict
	check   string
	why     string
}

// worst orders the verdicts of the checks of one requirement.
var worst = []conformance.Verdict{
	conformance.Fail, conformance.Warn, conformance.NotJudged, conformance.BlockedBy,
	conformance.Accepted, conformance.Pass, conformance.Skipped,
}

func (r ruling) red() bool { return r.verdict == conformance.Fail || r.verdict == conformance.Warn }

func (r ruling) String() string {
	if r.verdict == conformance.Pass || r.verdict == conformance.Skipped {
		return string(r.verdict)
	}
	return fmt.Sprintf("%s (%s: %s)", r.verdict, r.check, r.why)
}

// unheard is the requirement that a program does not meet which nobody can speak to.
const unheard = "OPS-1"

// rulings gives the ruling of each requirement. Of a program that never listened the
// judge says only that.
func rulings(d report.Document) map[string]ruling {
	all := map[string]ruling{}
	if len(d.Results) == 0 {
		all[unheard] = ruling{conformance.NotJudged, unheard, d.Verdict}
	}
	for _, e := range d.Results {
		r := ruling{conformance.Verdict(e.Verdict), e.Check, e.Why}
		if e.BlockedBy != "" {
			r.why = "by " + e.BlockedBy + ": " + r.why
		}
		before, ok := all[e.Requirement]
		if !ok || slices.Index(worst, r.verdict) < slices.Index(worst, before.verdict) {
			all[e.Requirement] = r
		}
	}
	return all
}

// judgeBound is how long one run may take: many times what the slowest takes.
const judgeBound = 4 * time.Minute

// judge runs paycheck on a program and reads its report. The seed is the same at each
// run of the trial.
func (t tools) judge(ctx context.Context, dir string, seed int, program string, more ...string) (report.Document, error) {
	ctx, cancel := context.WithTimeout(ctx, judgeBound)
	defer cancel()
	file := filepath.Join(dir, "report.json")
	args := append([]string{t.program, program, "--json", file, "--seed", strconv.Itoa(seed)}, more...)
	c := exec.CommandContext(ctx, t.paycheck, args...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) } // it ends what it has started
	c.WaitDelay = 10 * time.Second
	out, err := c.CombinedOutput()
	if ctx.Err() != nil {
		return report.Document{}, fmt.Errorf("it was not done after %v: %w\n%s", judgeBound, ctx.Err(), out)
	}
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		return report.Document{}, err
	}
	if code != conformance.ExitConforms && code != conformance.ExitViolates && code != conformance.ExitNotJudged {
		return report.Document{}, fmt.Errorf("paycheck ended with %d\n%s", code, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return report.Document{}, err
	}
	var d report.Document
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("the report: %w", err)
	}
	if d.Exit != code {
		return d, fmt.Errorf("paycheck ended with %d and its report says %d", code, d.Exit)
	}
	return d, nil
}
