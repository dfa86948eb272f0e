package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/conformance/transcript"
	"paycheck/fuzz"
	"paycheck/spec"
)

const replayLong = `paycheck replay has one conversation with your program, as a file has it: what
paycheck fuzz has found, or any scenario for a server. Every reply is held
against the protocol; the lines with < are for people.`

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
			if times < 1 || times > 1000 {
				return usageError(c, fmt.Errorf("--times %d: a number from 1 to 1000", times))
			}
			text, err := os.ReadFile(args[1])
			if err == nil && fuzz.OfClient(string(text)) {
				o.config.Role = spec.Client
			}
			if wrong := o.read(args[:1]); wrong != nil {
				return usageError(c, wrong)
			}
			if err != nil {
				return usageError(c, err)
			}
			again, end, err := o.again(c, args[1], string(text))
			if err != nil {
				return err
			}
			return errors.Join(a.replay(o, again, times), end())
		},
	}
	f := c.Flags()
	o.bindProgram(f)
	f.IntVar(&times, "times", times, "do it `N` times, each on a fresh process")
	f.StringVar(&o.driver, "driver", "", "of a client: read what is typed from `FILE`")
	bindColor(f, &o.color)
	return c
}

// An again has one conversation once more.
type again func() (*fuzz.Trouble, transcript.Transcript, error)

// again makes the program ready for the conversation of a file; end ends what was made.
func (o *fuzzFlags) again(c *cobra.Command, file, text string) (once again, end func() error, err error) {
	ctx := c.Context()
	if o.config.Role == spec.Client {
		deeds, err := fuzz.ReadDeeds(text)
		if err != nil {
			return nil, nil, usageError(c, fmt.Errorf("%s: %w", file, err))
		}
		client, err := fuzz.PrepareClient(ctx, o.config)
		if err != nil {
			return nil, nil, err
		}
		return func() (*fuzz.Trouble, transcript.Transcript, error) { return client.Replay(ctx, deeds) }, client.Close, nil
	}
	script, err := fuzz.Read(text)
	if err != nil {
		return nil, nil, usageError(c, fmt.Errorf("%s: %w", file, err))
	}
	subject, err := fuzz.Prepare(ctx, o.config)
	if err != nil {
		return nil, nil, err
	}
	return func() (*fuzz.Trouble, transcript.Transcript, error) { return subject.Replay(ctx, script) }, subject.Close, nil
}

// replay has the conversation so many times, and shows each with what was answered.
func (a *app) replay(o *fuzzFlags, once again, times int) error {
	failed := 0
	p := a.page(o.color)
	for i := range times {
		trouble, said, err := once()
		if err != nil {
			return err
		}
		if i == 0 {
			for _, e := range said {
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
