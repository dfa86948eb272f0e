package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"paycheck/conformance"
	"paycheck/conformance/report"
	"paycheck/conformance/report/page"
	"paycheck/spec"
)

const serverLong = `paycheck server starts your server, talks to it as its clients would, and says
which requirements hold. Each check runs on a process of its own.

How your server is started, and how it speaks, is found out by trying. Where
that fails, flags say it, or a file paycheck.toml beside the server, which
--save-recipe writes for you to change.`

const serverExample = `  paycheck server ./server                      started as servers usually are
  paycheck server ./server --args '{port} -a'   started as ./server PORT -a
  paycheck server ./server --stdin '{port}'     one that asks for its port
  paycheck server ./server --only REG-2 -v      one, with what was said
  paycheck server ./server --only REG,LOG       two sections
  paycheck server ./server --list               what would be judged
  paycheck server ./server --secure             one that speaks TLS, phase 3
  paycheck server --connect 127.0.0.1:8888      a server that already runs
  paycheck server ./server --json report.json --junit report.xml`

func (a *app) serverCommand() *cobra.Command {
	o := newServerFlags()
	c := &cobra.Command{
		Use:     "server PROGRAM",
		Short:   "Judge a server",
		Long:    serverLong + "\n\n" + exitCodes,
		Example: serverExample,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.read(args); err != nil {
				return usageError(c, err)
			}
			if err := a.selectable(o); err != nil {
				return err
			}
			if o.list {
				return a.list(o)
			}
			return a.judgeServer(c.Context(), o, repeat(c, args))
		},
	}
	o.bind(c.Flags())
	return c
}

// selectable says before anything is started whether the selection names checks.
func (a *app) selectable(o *serverFlags) error {
	checks := a.checks
	if o.config.Role == spec.Client {
		checks = a.clientChecks
	}
	all, err := checks()
	if err != nil {
		return err
	}
	o.selected, err = o.config.Select(all)
	if err == nil && len(o.selected) == 0 {
		err = fmt.Errorf("%w: nothing is selected", conformance.ErrUsage)
	}
	return err
}

func (a *app) list(o *serverFlags) error {
	p := a.page(o.color)
	for _, c := range o.selected {
		p.Para(fmt.Sprintf("%-9s %-7s %-6s ", c.Name(), c.Requirement.Level, c.Requirement.Mark), page.Clean(c.Title))
	}
	_, err := fmt.Fprint(a.out, p)
	return err
}

// judgeServer judges, shows the report and writes the files. Its exit code is the
// report's; what kept the suite from judging is an error, and in the files too.
func (a *app) judgeServer(ctx context.Context, o *serverFlags, again []string) error {
	files, err := open(o.json, o.junit)
	if err != nil {
		return fmt.Errorf("%w%w", usage{}, err)
	}
	columns, isTerminal := terminalColumns(a.out)
	view := report.View{
		Columns: columns, Colour: a.colour(o.color), Verbose: o.verbose,
		Gate: o.gate, Only: o.config.Only, Again: again, Hints: o.hints,
	}
	status := report.Status{
		Out: a.out, Columns: columns, Colour: view.Colour,
		Live: isTerminal && os.Getenv("TERM") != "dumb",
	}
	files.head(report.Head(o.planned(), o.gate))
	o.config.Each = func(step conformance.Progress) {
		files.add(step.Result)
		status.Step(step)
	}
	status.Begin("starting " + page.Clean(o.name()) + " and learning how it speaks")
	run, err := a.judge(ctx, o.config)
	status.End()
	if err != nil && len(run.Results) == 0 {
		return joined(err, files.fail(o.planned(), o.gate, err))
	}
	_, shown := fmt.Fprint(a.out, report.Text(run, view))
	a.code = run.Exit(o.gate)
	return joined(joined(err, shown), files.close(run, o.gate))
}
