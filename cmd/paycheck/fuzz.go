package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paycheck/conformance"
	"paycheck/conformance/dialect"
	"paycheck/conformance/report/page"
	"paycheck/fuzz"
	"paycheck/spec"
	"paycheck/spec/edition"
)

const fuzzLong = `paycheck fuzz tries what nobody has written a check for. What is wrong is made
as small as it can be and still fail, and written to a file that paycheck
replay takes.`

const fuzzServerLong = `paycheck fuzz server has conversations with your server that nobody has written
down, and holds every reply against the protocol. What is wrong is made as small
as it can be and still fail, and written to a file that paycheck replay takes.`

const fuzzExample = `  paycheck fuzz server ./server              for a minute
  paycheck fuzz server ./server --for 10m    for ten
  paycheck fuzz server ./server --sessions 4 up to four clients at one moment
  paycheck fuzz server ./server --seed 7     the same conversations each time
  paycheck fuzz client ./client              a client, typed at by its driver
  paycheck replay ./server fuzz-REG-2.txt    one finding, once more`

const fuzzCodes = `Exit codes:
  0  nothing was found
  1  something was
  2  wrong usage: an unknown flag, no such file
  3  the server could not be fuzzed: it says why, and what to do`

func (a *app) fuzzCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "fuzz",
		Short:   "Look for what no check has thought of",
		Long:    fuzzLong,
		Example: fuzzExample,
		Args:    a.noCommand,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.fuzzServerCommand(), a.fuzzClientCommand())
	return c
}

// fuzzFlags are the flags of `paycheck fuzz server`.
type fuzzFlags struct {
	*serverFlags
	plan   fuzz.Plan
	into   string // where findings are written
	driver string // the file with the driver of a client
	json   string
}

func (a *app) fuzzServerCommand() *cobra.Command {
	o := &fuzzFlags{serverFlags: newServerFlags(), plan: fuzz.NewPlan()}
	c := &cobra.Command{
		Use:     "server PROGRAM",
		Short:   "Fuzz a server",
		Long:    fuzzServerLong + "\n\n" + fuzzCodes,
		Example: fuzzExample,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.read(args); err != nil {
				return usageError(c, err)
			}
			return a.fuzzServer(c.Context(), o)
		},
	}
	f := c.Flags()
	o.bindProgram(f)
	f.IntVar(&o.plan.Sessions, "sessions", 1, "have up to `N` clients act at one moment, and look for\nan order that explains the replies")
	o.bindPlan(f)
	return c
}

// bindPlan binds the flags that say how long is fuzzed and what is kept.
func (o *fuzzFlags) bindPlan(f *pflag.FlagSet) {
	f.DurationVar(&o.plan.For, "for", o.plan.For, "stop after `TIME`, such as 90s or 10m")
	f.IntVar(&o.plan.Most, "most", 0, "stop after `N` conversations")
	f.BoolVar(&o.plan.First, "first", false, "stop at the first finding")
	f.IntVar(&o.plan.Workers, "jobs", o.plan.Workers, "talk to `N` processes at a time; a seed gives the\nsame processes only with the same N")
	f.Uint64Var(&o.config.Seed, "seed", o.config.Seed, "make the conversations of seed `N`")
	f.Lookup("seed").DefValue = "0" // the default is random: none is shown
	f.StringVar(&o.into, "into", ".", "write what is found into `DIRECTORY`")
	f.StringVar(&o.json, "json", "", "write the summary to `FILE` as JSON")
	bindColor(f, &o.color)
}

// bindProgram binds the flags that say what program it is and how it is spoken to.
func (o *fuzzFlags) bindProgram(f *pflag.FlagSet) {
	f.SortFlags = false
	o.set = f
	o.bindRecipe(f)
	f.StringVar(&o.ending, "dialect", "", "send requests with this `ENDING`, one of\n"+strings.Join(dialect.Names(), ", ")+";\nwithout it they are tried")
	f.StringVar(&o.edition, "edition", edition.Default().Name, "the course's `YEAR`: "+strings.Join(edition.Names(), " or "))
	f.Float64Var(&o.config.Scale, "timeout-scale", o.config.Scale, "wait `N` times as long")
}

func (o *fuzzFlags) read(args []string) (err error) {
	if len(args) != 1 {
		return errors.New("which program? give its path; what it is started with goes into --args")
	}
	if o.config.Edition, err = edition.Named(o.edition); err != nil {
		return fmt.Errorf("--edition: %w", err)
	}
	if o.given("dialect") {
		if o.config.Ending, err = dialect.Named(o.ending); err != nil {
			return fmt.Errorf("--dialect: %w", err)
		}
	}
	if !(o.config.Scale >= 1 && o.config.Scale <= 1000) {
		return fmt.Errorf("--timeout-scale %g: a number from 1 to 1000", o.config.Scale)
	}
	if err := executable(args[0]); err != nil {
		return err
	}
	path := args[0]
	if !strings.Contains(path, "/") {
		path = "./" + path // never a program of that name from PATH
	}
	if err := o.readRecipe(path); err != nil {
		return err
	}
	info, err := os.Stat(o.into)
	switch {
	case o.plan.For <= 0 && o.plan.Most <= 0:
		return fmt.Errorf("--for %v: a time, such as 60s", o.plan.For)
	case o.plan.Workers < 1 || o.plan.Workers > 64:
		return fmt.Errorf("--jobs %d: a number from 1 to 64", o.plan.Workers)
	case o.plan.Sessions < 0 || o.plan.Sessions > 32:
		return fmt.Errorf("--sessions %d: a number from 1 to 32", o.plan.Sessions)
	case o.plan.Most < 0:
		return fmt.Errorf("--most %d: a number of conversations", o.plan.Most)
	case o.into != "" && (err != nil || !info.IsDir()):
		return fmt.Errorf("--into %s: no such directory", o.into)
	}
	o.plan.Seed = o.config.Seed
	o.config.Only = []string{"FRM"} // no check runs; a limit need not be measured
	if o.config.Role == spec.Client {
		o.config.Only, o.config.Whole = []string{driven}, true
		return o.readDriver(args, o.driver)
	}
	return nil
}

// fuzzServer fuzzes a server.
func (a *app) fuzzServer(ctx context.Context, o *fuzzFlags) error {
	subject, err := fuzz.Prepare(ctx, o.config)
	if err != nil {
		return err
	}
	defer subject.Close()
	return a.follow(ctx, o, subject.Head(), func() (fuzz.Status, error) { return fuzz.Run(ctx, subject, o.plan) })
}

// follow fuzzes by run, shows a summary and writes the files.
func (a *app) follow(ctx context.Context, o *fuzzFlags, head conformance.Run, run func() (fuzz.Status, error)) error {
	columns, live := terminalColumns(a.out)
	if live && os.Getenv("TERM") != "dumb" {
		o.plan.Each = func(s fuzz.Status) {
			_, _ = fmt.Fprint(a.out, "\r\x1b[K"+page.Cut(progress(s, o.plan.For), columns-1))
		}
	}
	status, err := run()
	if o.plan.Each != nil {
		_, _ = fmt.Fprint(a.out, "\r\x1b[K")
	}
	files, written := write(o.into, status)
	p := a.page(o.color)
	summary(p, head, o, status, files)
	_, shown := fmt.Fprint(a.out, p)
	if o.json != "" {
		written = joined(written, writeJSON(o.json, o, status))
	}
	switch {
	case slices.ContainsFunc(status.Findings, func(f fuzz.Finding) bool { return f.Steady() }):
		a.code = conformance.ExitViolates
	case ctx.Err() != nil:
		err = joined(err, errors.New("interrupted; nothing was found until then"))
	case status.Conversations == status.Undecided:
		err = joined(err, errors.New("no conversation could be judged"))
	}
	return joined(joined(err, shown), written)
}

// progress is the line that a terminal shows meanwhile.
func progress(s fuzz.Status, whole time.Duration) string {
	seconds := s.Elapsed.Seconds()
	text := fmt.Sprintf("%.0f conversations/s, %.0f messages/s, %s", float64(s.Conversations)/seconds,
		float64(s.Messages)/seconds, page.Count(len(s.Findings), "finding"))
	if whole > 0 {
		text += fmt.Sprintf(", %.0f s left", max(0, (whole-s.Elapsed).Seconds()))
	}
	return text
}

// write writes each finding to a file of its own, and beside it a script for bash.
func write(into string, s fuzz.Status) (files []string, err error) {
	for i, f := range s.Findings {
		name := "fuzz-" + f.ID
		for _, before := range s.Findings[:i] {
			if before.ID == f.ID {
				name += "-also"
			}
		}
		path := filepath.Join(into, name+".txt")
		err = errors.Join(err, os.WriteFile(path, []byte(f.Text), 0o644))
		files = append(files, path)
		if f.Shell != "" {
			err = errors.Join(err, os.WriteFile(filepath.Join(into, name+".sh"), []byte(f.Shell), 0o755)) //nolint:gosec // it is run
		}
	}
	return files, err
}

func summary(p *page.Page, head conformance.Run, o *fuzzFlags, s fuzz.Status, files []string) {
	label(p, "program", page.Clean(head.Program))
	label(p, "started as", page.Clean(head.Recipe))
	if head.Dialect != "" {
		label(p, "speaks", page.Clean(head.Dialect))
	}
	label(p, "seed", fmt.Sprint(o.plan.Seed))
	for i, f := range s.Findings {
		p.Blank()
		p.Rule()
		what := "found  "
		if !f.Steady() {
			what = "seen, and seldom again  "
		}
		p.Line(p.Paint(page.Bold, what+f.ID) + fmt.Sprintf("  after %.1f s, seen %s, fails %d of %d times", f.First.Seconds(), times(f.Count), f.Failed, f.Tried))
		p.Blank()
		p.Para("  ", page.Clean(f.Why))
		if f.Frame != "" {
			p.Para("  ", page.Clean(f.Frame))
		}
		p.Blank()
		lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(f.Text), "\n"), func(line string) bool { return strings.HasPrefix(line, "#") })
		for _, line := range lines[max(0, len(lines)-shownLines):] {
			p.Line("    " + page.Clean(line))
		}
		if more := len(lines) - shownLines; more > 0 {
			p.Line(fmt.Sprintf("    (and %d lines before these, in the file)", more))
		}
		p.Blank()
		label(p, "again", "paycheck replay "+page.Clean(o.name())+" "+files[i])
		label(p, "more", "paycheck explain "+f.ID)
	}
	p.Blank()
	p.Rule()
	p.Para("", fmt.Sprintf("%d conversations in %.1f s (%.0f a second), %d replies, %d processes; %d not decided", s.Conversations, s.Elapsed.Seconds(),
		float64(s.Conversations)/s.Elapsed.Seconds(), s.Messages, s.Processes, s.Undecided))
	steady := 0
	for _, f := range s.Findings {
		if f.Steady() {
			steady++
		}
	}
	switch rest := len(s.Findings) - steady; {
	case len(s.Findings) == 0:
		p.Line("nothing was found")
	case rest == 0:
		p.Line(page.Count(steady, "finding"))
	default:
		p.Para("", fmt.Sprintf("%s; %d more seen that did not come again often enough, which do not count", page.Count(steady, "finding"), rest))
	}
}

// shownLines is how much of a conversation is shown: its end.
const shownLines = 40

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func writeJSON(path string, o *fuzzFlags, s fuzz.Status) error {
	text, err := json.MarshalIndent(struct {
		Program string `json:"program"`
		Seed    uint64 `json:"seed"`
		fuzz.Status
	}{o.name(), o.plan.Seed, s}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("%w--json: %w", usage{}, err)
	}
	return nil
}
