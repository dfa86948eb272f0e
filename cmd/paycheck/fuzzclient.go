package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paycheck/conformance/target"
	"paycheck/fuzz"
	"paycheck/spec"
	"paycheck/spec/edition"
)

const fuzzClientLong = `paycheck fuzz client types at your client as a person would, while the server
and the people around it do what a network and strangers may do: replies cut
in pieces, numbers at their bounds, lists with odd rows, nonsense, connections
that end at any moment. Your client must not crash, not compute with nothing
to do, send nothing but requests, pay nothing twice, and end with its input.`

// fuzzClientCodes says what the exit codes mean for a client.
const fuzzClientCodes = `Exit codes:
  0  nothing was found
  1  something was
  2  wrong usage: an unknown flag, no such file
  3  the client could not be fuzzed: it says why, and what to do`

const fuzzClientExample = `  paycheck fuzz client ./client                     for a minute
  paycheck fuzz client ./client --driver my.toml    typed at as this file says
  paycheck replay ./client fuzz-CLI-23.txt          one finding, once more`

func newClientFlags() *fuzzFlags {
	o := &fuzzFlags{serverFlags: newServerFlags(), plan: fuzz.NewPlan()}
	o.config.Role = spec.Client
	return o
}

func (a *app) fuzzClientCommand() *cobra.Command {
	o := newClientFlags()
	c := &cobra.Command{
		Use:     "client PROGRAM",
		Short:   "Fuzz a client",
		Long:    fuzzClientLong + "\n\n" + fuzzClientCodes,
		Example: fuzzClientExample,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.read(args); err != nil {
				return usageError(c, err)
			}
			return a.fuzzClient(c.Context(), o)
		},
	}
	f := c.Flags()
	o.bindClientProgram(f)
	o.bindPlan(f)
	return c
}

// bindClientProgram binds the flags that say what client it is and how it is used.
func (o *fuzzFlags) bindClientProgram(f *pflag.FlagSet) {
	f.SortFlags = false
	o.set = f
	f.StringVar(&o.driver, "driver", "", "read what is typed from `FILE`, or from\n"+target.RecipeFile+" if that lies beside the client")
	f.StringArrayVar(&o.config.Recipe.Env, "env", nil, "set a variable: `NAME=VALUE`, can be given again")
	f.StringVar(&o.edition, "edition", edition.Default().Name, "the course's `YEAR`")
	f.Float64Var(&o.config.Scale, "timeout-scale", o.config.Scale, "wait `N` times as long")
}

func (a *app) fuzzClient(ctx context.Context, o *fuzzFlags) error {
	client, err := fuzz.PrepareClient(ctx, o.config)
	if err != nil {
		return err
	}
	defer client.Close()
	return a.follow(ctx, o, client.Head(), func() (fuzz.Status, error) { return fuzz.RunClient(ctx, client, o.plan) })
}
