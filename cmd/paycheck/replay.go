package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/fuzz"
)

const replayLong = `paycheck replay has one conversation with your server, as a file has it: what
paycheck fuzz has found, or any scenario. Every reply is held against the
protocol; the lines with < are for people.`

const replayExample = `  paycheck replay ./server fuzz-REG-2.txt
  paycheck replay ./server fuzz-CON-4.txt --times 10`

func (a *app) replayCommand() *cobra.Command {
	o := &fuzzFlags{serverFlags: newServerFlags(), plan: fuzz.NewPlan()}
	times := 1
	c := &cobra.Command{
		Use:     "replay PROGRAM FILE",
		Short:   "Have one conversation once more",
		Long:    replayLong + "\n\n" + fuzzCodes,
		Example: replayExample,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError(c, errors.New("which program, and which file? give the paths of both"))
			}
			if err := o.read(args[:1]); err != nil {
				return usageError(c, err)
			}
			if times < 1 || times > 1000 {
				return usageError(c, fmt.Errorf("--times %d: a number from 1 to 1000", times))
			}
			text, err := os.ReadFile(args[1])
			if err != nil {
				return usageError(c, err)
			}
			script, err := fuzz.Read(string(text))
			if err != nil {
				return usageError(c, fmt.Errorf("%s: %w", args[1], err))
			}
			subject, err := fuzz.Prepare(c.Context(), o.config)
			if err != nil {
				return err
			}
			defer subject.Close()
			return a.replay(c, o, subject, script, times)
		},
	}
	f := c.Flags()
	o.bindProgram(f)
	f.IntVar(&times, "times", times, "do it `N` times, each on a fresh process")
	bindColor(f, &o.color)
	return c
}

// replay has the conversation so many times, and shows each with what was answered.
func (a *app) replay(c *cobra.Command, o *fuzzFlags, subject *fuzz.Subject, script fuzz.Script, times int) error {
	failed := 0
	p := a.page(o.color)
	for i := range times {
		trouble, transcript, err := subject.Replay(c.Context(), script)
		if err != nil {
			return err
		}
		if i == 0 {
			for _, e := range transcript {
				p.Line("  " + page.Clean(e.String()))
			}
			p.Blank()
		}
		if trouble == nil {
			continue
		}
		if failed++; failed == 1 {
			label(p, "broken", trouble.ID)
			label(p, "seen", page.Clean(trouble.Why))
			label(p, "wanted", page.Clean(trouble.Want))
			if trouble.Death == nil {
				label(p, "meanwhile", page.Clean(trouble.Doing))
			}
			for _, line := range trouble.Stderr {
				label(p, "printed", page.Clean(line))
			}
			a.code = conformance.ExitViolates
		}
	}
	p.Blank()
	p.Line(fmt.Sprintf("it failed %d of %s", failed, page.Count(times, "time")))
	_, err := fmt.Fprint(a.out, p)
	return err
}
