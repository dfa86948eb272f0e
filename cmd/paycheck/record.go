package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"paycheck/conformance"
	"paycheck/conformance/driver"
	"paycheck/conformance/rehearsal"
	"paycheck/conformance/report/page"
	"paycheck/conformance/target"
	"paycheck/spec/edition"
)

const recordLong = `paycheck record starts your client in this terminal, before a friendly server.
Register, log in, ask for the list, pay and exit, once each. From what you type
and what your client sends it writes a driver, and tries it with other names,
ports and amounts. paycheck client then types what you have typed.`

const recordExample = `  paycheck record ./client                   write paycheck.toml beside it
  paycheck record ./client --out mine.toml
  paycheck record ./client --args ''         for one that asks where the server is`

// recordExit says what the exit codes mean here.
const recordExit = `Exit codes:
  0  the driver is written, and does all five operations
  2  wrong usage, or there is no terminal to type at
  3  not all five: it says which are missing, and writes what there is`

// recordFlags are the flags of `paycheck record`.
type recordFlags struct {
	recipe  target.Recipe
	edition string
	args    string
	wrap    string
	out     string
	scale   float64
}

func (o *recordFlags) bind(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.args, "args", "{host} {port}", "start the client with these `ARGUMENTS`")
	f.StringVar(&o.out, "out", "", "write to `FILE`; without it, to "+target.RecipeFile+"\nbeside the client")
	f.StringVar(&o.edition, "edition", edition.Default().Name, "the course's `YEAR`: "+strings.Join(edition.Names(), " or "))
	f.StringArrayVar(&o.recipe.Env, "env", nil, "set a variable: `NAME=VALUE`, can be given again")
	f.StringSliceVar(&o.recipe.Files, "files", nil, "copy `FILES`, seen from the client, into the\ndirectory that it starts in")
	f.StringVar(&o.wrap, "wrap", "", "put `COMMAND` in front")
	f.Float64Var(&o.scale, "timeout-scale", 1, "wait `N` times as long")
}

func (a *app) recordCommand() *cobra.Command {
	o := &recordFlags{}
	c := &cobra.Command{
		Use:     "record PROGRAM",
		Short:   "Write a driver for a client by using it once",
		Long:    recordLong + "\n\n" + recordExit,
		Example: recordExample,
		RunE: func(c *cobra.Command, args []string) error {
			e, err := o.read(args)
			if err != nil {
				return usageError(c, err)
			}
			if !term.IsTerminal(int(os.Stdin.Fd())) {
				return usageError(c, errors.New("you type at the client here: standard input has to be a terminal"))
			}
			return a.record(c.Context(), o, e, os.Stdin)
		},
	}
	o.bind(c.Flags())
	return c
}

func (o *recordFlags) read(args []string) (e edition.Edition, err error) {
	if len(args) != 1 {
		return e, errors.New("which program? give its path, and its arguments with --args")
	}
	if err := executable(args[0]); err != nil {
		return e, err
	}
	if e, err = edition.Named(o.edition); err != nil {
		return e, fmt.Errorf("--edition: %w", err)
	}
	if o.recipe.Wrap, err = words("wrap", o.wrap); err != nil {
		return e, err
	}
	if !(o.scale >= 1 && o.scale <= 1000) {
		return e, fmt.Errorf("--timeout-scale %g: a number from 1 to 1000", o.scale)
	}
	if err := (driver.Driver{Args: o.args}).Validate(); err != nil {
		return e, fmt.Errorf("--args: %w", err)
	}
	o.recipe.Path = args[0]
	if o.out == "" {
		o.out = filepath.Join(filepath.Dir(args[0]), target.RecipeFile)
	}
	if _, err := os.Lstat(o.out); err == nil {
		return e, fmt.Errorf("%s is there already; remove it, or name another with --out", o.out)
	}
	return e, o.recipe.Validate()
}

// hangUp is the key that ends a recording: Ctrl-], as in telnet.
const hangUp = 0x1d

// record lets the person at the terminal use the client, and writes what comes of it.
func (a *app) record(ctx context.Context, o *recordFlags, e edition.Edition, terminal *os.File) error {
	hall, err := rehearsal.Open(o.recipe, e, o.scale, rand.Uint64())
	if err != nil {
		return err
	}
	defer hall.Close()
	stage, err := hall.Stage(ctx)
	if err != nil {
		return err
	}
	defer stage.Close()
	v := stage.Values()
	p := a.page("auto")
	p.Para("", fmt.Sprintf("The server is at %s, port %d. Register a name, log in (with port %d, say), ask for the list, "+
		"pay %s an amount such as %d, and exit. Ctrl-] ends it earlier.", v.Host, v.Port, v.LoginPort, v.Payee, v.Amount))
	p.Blank()
	if _, err := fmt.Fprint(a.out, p); err != nil {
		return err
	}
	draft, err := a.session(ctx, hall, o.args, stage, terminal)
	if err != nil {
		return err
	}
	return a.recorded(ctx, hall, o, draft)
}

// session passes keys to the client until it ends, or the person does.
func (a *app) session(ctx context.Context, hall *rehearsal.Hall, args string, stage driver.Stage, terminal *os.File) (driver.Draft, error) {
	before, err := term.MakeRaw(int(terminal.Fd()))
	if err != nil {
		return driver.Draft{}, err
	}
	defer term.Restore(int(terminal.Fd()), before) //nolint:errcheck // there is nobody to tell
	r, err := hall.Record(ctx, args, stage, a.out)
	if err != nil {
		return driver.Draft{}, err
	}
	defer r.Stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go r.Attend(ctx)
	go func() { // it ends with the program, or with the next key
		defer cancel()
		for keys := make([]byte, 256); ; {
			n, err := terminal.Read(keys)
			at := slices.Index(keys[:n], hangUp)
			if at >= 0 {
				n = at
			}
			if r.Keys(keys[:n]) != nil || at >= 0 || err != nil || ctx.Err() != nil {
				return
			}
		}
	}()
	select {
	case <-r.Session.Done():
	case <-ctx.Done():
	}
	return r.Draft(), nil
}

// recorded tries what was recorded, and writes it down.
func (a *app) recorded(ctx context.Context, hall *rehearsal.Hall, o *recordFlags, draft driver.Draft) error {
	p := a.page("auto")
	p.Blank()
	var guess driver.Guess
	if len(draft.Driver.Ops) > 0 {
		guess = hall.Guesser().Check(ctx, draft.Driver)
		if err := driver.Save(o.out, o.recipe, draft.Driver); err != nil {
			return fmt.Errorf("%w--out: %w", usage{}, err)
		}
		p.Para("", "Written to "+o.out+".")
	}
	for _, op := range driver.Ops() {
		text := fmt.Sprintf("%-8s ", op)
		switch {
		case slices.Contains(guess.Verified, op):
			p.Para("  ", text+"done again, with other values")
		case draft.Driver.Can(op):
			p.Para("  ", text+"recorded, and did not reach the wire when it was done again")
		default:
			p.Para("  ", text+"not seen")
		}
	}
	for _, m := range guess.Missing {
		p.Para("  ", page.Clean(m.Error()))
	}
	for _, q := range draft.Questions {
		p.Para("  ? ", page.Clean(q))
	}
	if len(guess.Verified) < len(driver.Ops()) {
		a.code = conformance.ExitNotJudged
	} else {
		p.Para("", "Now: paycheck client "+o.recipe.Path)
	}
	_, err := io.WriteString(a.out, p.String())
	return err
}
