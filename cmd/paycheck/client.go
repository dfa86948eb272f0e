package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
	"paycheck/spec"
)

const clientLong = `paycheck client starts your client in a terminal, types at it as a person
would, plays the server and the people who pay and are paid, and says which
requirements hold. Each check runs on a process of its own.

What has to be typed is in a driver: [driver] in paycheck.toml beside the
client, or one that is built in, for a menu like that of the reference.`

const clientExample = `  paycheck client ./client                    typed at by a driver that fits
  paycheck client ./client --driver my.toml   by the driver in this file
  paycheck client ./client --only CLI-12 -v   one, with what was said
  paycheck client ./client --list             what would be judged
  paycheck client ./client --secure           one that speaks TLS, phase 3
  paycheck client ./client --check-driver     only see whether it can be driven
  paycheck client ./client --json report.json --junit report.xml
  paycheck observe                            for one that you use by hand`

// clientOnly are the flags of `paycheck client` alone.
type clientOnly struct {
	file  string // with the driver
	check bool   // only see whether the client can be driven
}

func (a *app) clientCommand() *cobra.Command {
	o := newServerFlags()
	o.config.Role = spec.Client
	var own clientOnly
	c := &cobra.Command{
		Use:     "client PROGRAM",
		Short:   "Judge a client",
		Long:    clientLong + "\n\n" + exitCodes,
		Example: clientExample,
		RunE: func(c *cobra.Command, args []string) error {
			if own.check {
				o.config.Only, o.config.Whole = []string{driven}, true
			}
			if err := o.read(args); err != nil {
				return usageError(c, err)
			}
			if err := o.readDriver(args, own.file); err != nil {
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
	o.bindClient(c.Flags(), &own)
	return c
}

// driven is the check that every client passes which can be driven at all: before it
// the whole session is tried.
const driven = "CLI-1/1"

func (o *serverFlags) bindClient(f *pflag.FlagSet, own *clientOnly) {
	f.SortFlags = false
	o.set = f
	r := &o.config.Recipe
	f.StringVar(&own.file, "driver", "", "read what is typed from `FILE`, or from\n"+target.RecipeFile+" if that lies beside the client")
	f.BoolVar(&own.check, "check-driver", false, "only see whether the client can be driven")
	f.StringArrayVar(&r.Env, "env", nil, "set a variable: `NAME=VALUE`, can be given again")
	f.StringSliceVar(&o.recipe.files, "files", nil, "copy `FILES`, seen from the client, into the\ndirectory of each process; . for all beside it\n(what is done if that is little), none for none")
	f.StringVar(&o.recipe.wrap, "wrap", "", "put `COMMAND` in front, such as 'valgrind -q'")
	f.BoolVar(&o.config.Secure, "secure", false, "say everything inside TLS, and judge phase 3 too")
	o.bindJudging(f)
}

// readDriver reads the driver from the file, or from the one beside the client if there
// is one with a driver in it.
func (o *serverFlags) readDriver(args []string, file string) error {
	if len(args) == 0 {
		return nil
	}
	named := file != ""
	if !named {
		file = filepath.Join(filepath.Dir(args[0]), target.RecipeFile)
	}
	if _, err := os.Stat(file); err != nil {
		if named {
			return fmt.Errorf("--driver: no such file: %s", file)
		}
		return nil
	}
	d, err := driver.Load(file)
	switch {
	case errors.Is(err, driver.ErrNone) && !named:
		return nil
	case err != nil:
		return fmt.Errorf("--driver: %w", err)
	}
	if d.Name == "" {
		d.Name = "in " + file
	}
	o.config.Driver = &d
	return nil
}
