package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/spec"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// An app is what the subcommands share. What they ask of other packages are
// fields, so that a test can put a made-up judge or text in their place.
type app struct {
	out, err     io.Writer
	judge        func(context.Context, conformance.Config) (conformance.Run, error)
	checks       func() ([]*conformance.Check, error) // for servers
	clientChecks func() ([]*conformance.Check, error)
	spec         func() (*spec.Spec, error)
	text         func() []byte
	code         int // what a command that ran without an error asks for
}

func newApp(out, err io.Writer) *app {
	return &app{
		out: out, err: err,
		judge: conformance.Judge, checks: conformance.Checks, clientChecks: conformance.ClientChecks, spec: spec.Load, text: spec.Text,
	}
}

// run gives the exit code: what the command asked for, or what its error means.
// An error that is nobody's usage kept the suite from judging.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return a.code
	}
	// One line, whatever the error holds.
	text := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
	_, _ = fmt.Fprintln(a.err, "paycheck: "+page.Clean(text))
	if errors.Is(err, conformance.ErrUsage) {
		return conformance.ExitUsage
	}
	return conformance.ExitNotJudged
}

const rootLong = `paycheck judges programs that speak the micropayment protocol.

It starts your program, talks to it as its clients would, and says which
requirements of the protocol hold, which do not, and what it saw.`

const rootExample = `  paycheck server ./server              judge a server
  paycheck server ./server --only REG   judge only how it registers accounts
  paycheck client ./client              judge a client
  paycheck pair --server S --client C   judge both by how they get on
  paycheck fuzz server ./server         look for what no check has thought of
  paycheck observe                      watch a client that you use by hand
  paycheck record ./client              teach it how a client is used
  paycheck spec                         list the requirements
  paycheck explain REG-2                what it means, how to try it by hand`

const exitCodes = `Exit codes:
  0  the program conforms
  1  it does not
  2  wrong usage: an unknown flag or ID, no such file, nothing selected
  3  the suite could not judge: it says why, and what to do`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "paycheck",
		Short:         "Judge programs that speak the micropayment protocol",
		Long:          rootLong + "\n\n" + exitCodes,
		Example:       rootExample,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          a.noCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	useOwnTemplate(root)
	root.SetVersionTemplate("paycheck {{.Version}}\n")
	root.Flags().Bool("version", false, "print the version")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError(c, err) })
	root.AddCommand(a.serverCommand(), a.clientCommand(), a.fuzzCommand(), a.replayCommand(), a.pairCommand(), a.observeCommand(), a.recordCommand(), a.specCommand(), a.explainCommand())
	return root
}

// noCommand names a word that is no subcommand, and the one it is nearest to.
func (a *app) noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %q", args[0])
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		text += ", perhaps " + near[0]
	}
	return usageError(c, errors.New(text))
}

// usageError is an error of the command line, with where to look.
func usageError(c *cobra.Command, err error) error {
	return fmt.Errorf("%w%w; see %s --help", usage{}, err, c.CommandPath())
}

// usage puts ErrUsage into the chain of an error without adding to its text.
type usage struct{}

func (usage) Error() string { return "" }
func (usage) Unwrap() error { return conformance.ErrUsage }

// version names the build and the text that it judges by.
func version() string {
	text := "(unknown build)"
	if info, ok := debug.ReadBuildInfo(); ok {
		text = info.Main.Version
	}
	return text
}

// terminalColumns gives how wide a page is on w, and whether w is a terminal.
func terminalColumns(w io.Writer) (int, bool) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return page.Width, false
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil || columns <= 0 {
		return page.Width, true
	}
	return min(max(columns, narrowest), page.Width), true
}

// narrowest is the fewest columns in which a report can be read.
const narrowest = 40
