package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paycheck/conformance"
	"paycheck/conformance/hint"
	"paycheck/conformance/pair"
	"paycheck/conformance/report"
	"paycheck/conformance/report/page"
	"paycheck/spec"
	"paycheck/spec/edition"
)

const pairLong = `paycheck pair starts your server and two of your clients, types at the clients
as two people would who pay each other, and stands between them all. It says
which side breaks which requirement, by what passes.

It tries nothing that is impolite: paycheck server and paycheck client do.`

const pairExample = `  paycheck pair --server ./server --client ./client
  paycheck pair --server ./server --client ./client --driver my.toml
  paycheck pair --server ./server --server-args '{port} -a' --client ./client
  paycheck pair --secure --server ./server --client ./client
  paycheck pair --server ./server --client ./client --json report.json`

// pairFlags are the flags of `paycheck pair`: those of a server and of a client, and what
// both share.
type pairFlags struct {
	server, client *serverFlags
	paths          struct{ server, client string }
	driver         string

	edition, gateName, lang string
	gate                    conformance.Gate
	hints                   hint.Language
	scale                   float64
	seed                    uint64
	color                   painting
	json, junit             string
	verbose, secure         bool
	only                    []string
}

func (o *pairFlags) bind(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.paths.server, "server", "", "start the server at `PATH`")
	f.StringVar(&o.paths.client, "client", "", "start the client at `PATH`, twice")
	f.StringVar(&o.server.recipe.args, "server-args", "", "the server's `ARGUMENTS`, as --args of\npaycheck server has them")
	f.StringVar(&o.driver, "driver", "", "read what is typed at the client from `FILE`,\nor from paycheck.toml if that lies beside it")
	f.BoolVar(&o.secure, "secure", false, "look for what can be read of what both encrypt,\nin whatever way, on every link")
	f.StringSliceVar(&o.only, "only", nil, "report only `WHAT`: IDs (CLI-14), sections (LST);\na list, or given again")
	f.StringVar(&o.edition, "edition", edition.Default().Name, "the course's `YEAR`: 2021 or 2020")
	f.StringVar(&o.gateName, "gate", string(conformance.GateMust), "exit code 1 rests on `WHAT`: basic, must or\nstrict")
	f.Float64Var(&o.scale, "timeout-scale", 1, "wait `N` times as long")
	f.Uint64Var(&o.seed, "seed", o.server.config.Seed, "make the random choices of the run with seed `N`")
	f.Lookup("seed").DefValue = "0" // the default is random: none is shown
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show every requirement with the conversation")
	f.StringVar(&o.json, "json", "", "write the report to `FILE` as JSON")
	f.StringVar(&o.junit, "junit", "", "write the report to `FILE` as JUnit XML")
	f.StringVar(&o.lang, "lang", string(hint.Locale(locale())), "say in `LANGUAGE` what the likely cause is: "+languages())
	bindColor(f, &o.color)
}

// read completes the configurations of both, each as its own command would.
func (o *pairFlags) read(args []string) (err error) {
	switch {
	case len(args) > 0:
		return fmt.Errorf("name the programs with --server and --client: what is %q?", args[0])
	case o.paths.server == "":
		return errors.New("which server? give its path with --server")
	case o.paths.client == "":
		return errors.New("which client? give its path with --client")
	}
	if o.gate, err = conformance.ParseGate(o.gateName); err != nil {
		return fmt.Errorf("--gate: %w", err)
	}
	if o.hints, err = hint.Named(o.lang); err != nil {
		return fmt.Errorf("--lang: %w", err)
	}
	for _, side := range []struct {
		flags *serverFlags
		path  string
	}{{o.server, o.paths.server}, {o.client, o.paths.client}} {
		s := side.flags
		s.edition, s.gateName, s.lang = o.edition, o.gateName, o.lang
		s.config.Scale, s.config.Seed, s.config.Secure = o.scale, o.seed, o.secure
		if err := s.read([]string{side.path}); err != nil {
			return err
		}
	}
	if o.json != "" && o.json == o.junit {
		return fmt.Errorf("--json and --junit name one file, %s", o.json)
	}
	o.client.config.Role = spec.Client
	return o.client.readDriver([]string{o.paths.client}, o.driver)
}

func (a *app) pairCommand() *cobra.Command {
	o := &pairFlags{server: newServerFlags(), client: newServerFlags()}
	c := &cobra.Command{
		Use:     "pair",
		Short:   "Judge a server and a client by how they talk to each other",
		Long:    pairLong + "\n\n" + exitCodes,
		Example: pairExample,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.read(args); err != nil {
				return usageError(c, err)
			}
			if err := furnishNetwork(); err != nil {
				return err
			}
			if err := a.known(o.only); err != nil {
				return err
			}
			if o.secure && !pair.Watches() {
				// What clients say to each other can be seen in a network of their own.
				if code, ok := inOwnNetwork(); ok {
					a.code = code
					return nil
				}
			}
			return a.pair(c.Context(), o, repeat(c, args))
		},
	}
	o.bind(c.Flags())
	return c
}

// known says before anything is started which word of a selection there is not.
func (a *app) known(only []string) error {
	text, err := a.spec()
	if err != nil {
		return err
	}
	var all []*conformance.Check
	for _, r := range slices.Concat(text.All(spec.Server), text.All(spec.Client)) {
		all = append(all, &conformance.Check{Requirement: r, Number: 1})
	}
	_, err = conformance.Select(all, only)
	return err
}

// chosen gives the results that any word of only names.
func chosen(results []conformance.Result, only []string) []conformance.Result {
	return slices.DeleteFunc(results, func(r conformance.Result) bool {
		_, err := conformance.Select([]*conformance.Check{r.Check}, only)
		return err != nil
	})
}

// pair lets them meet, and reports.
func (a *app) pair(ctx context.Context, o *pairFlags, again []string) error {
	files, err := open(o.json, o.junit)
	if err != nil {
		return fmt.Errorf("%w%w", usage{}, err)
	}
	columns, isTerminal := terminalColumns(a.out)
	status := report.Status{Out: a.out, Columns: columns, Colour: a.colour(o.color), Live: isTerminal && os.Getenv("TERM") != "dumb"}
	status.Begin("letting " + page.Clean(o.paths.server) + " and " + page.Clean(o.paths.client) + " meet")
	run, err := pair.Judge(ctx, pair.Config{Server: o.server.config, Client: o.client.config})
	status.End()
	run.Results = chosen(run.Results, o.only)
	if err != nil {
		return joined(err, files.fail(conformance.Run{Program: o.paths.server + " with " + o.paths.client, Edition: o.edition}, o.gate, err))
	}
	view := report.View{
		Columns: columns, Colour: a.colour(o.color), Verbose: o.verbose, Gate: o.gate, Only: o.only, Again: again, Hints: o.hints,
	}
	_, shown := fmt.Fprint(a.out, report.Text(run, view))
	a.code = run.Exit(o.gate)
	return joined(shown, files.close(run, o.gate))
}
