package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-shellwords"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paycheck/conformance"
	"paycheck/conformance/dialect"
	"paycheck/conformance/hint"
	"paycheck/conformance/target"
	"paycheck/spec/edition"
)

// serverFlags are the flags of `paycheck server`. Those that a Config holds are
// bound to it; the rest are read into it.
type serverFlags struct {
	config   conformance.Config
	gate     conformance.Gate
	selected []*conformance.Check

	set    *pflag.FlagSet
	recipe recipeFlags

	edition, gateName string
	lang              string
	hints             hint.Language
	ending            string
	color             painting
	json, junit       string
	list, verbose     bool
}

func newServerFlags() *serverFlags {
	config := conformance.NewConfig("")
	config.Seed = uint64(rand.Uint32()) // short enough to type again
	return &serverFlags{config: config}
}

func (o *serverFlags) bind(f *pflag.FlagSet) {
	f.SortFlags = false
	o.set = f
	o.bindRecipe(f)
	f.StringVar(&o.ending, "dialect", "", "send requests with this `ENDING`, one of\n"+strings.Join(dialect.Names(), ", ")+";\nwithout it they are tried")
	f.StringVar(&o.config.Connect, "connect", "", "judge the server that runs at `ADDRESS`, such as\n127.0.0.1:8888")
	f.BoolVar(&o.config.Secure, "secure", false, "say everything inside TLS, and judge phase 3 too")
	o.bindJudging(f)
}

// bindJudging binds the flags that say what is judged and what is written of it.
func (o *serverFlags) bindJudging(f *pflag.FlagSet) {
	f.StringSliceVar(&o.config.Only, "only", nil, "judge only `WHAT`: IDs (REG-2), sections (REG),\nphases (phase1); a list, or given again")
	f.BoolVar(&o.list, "list", false, "show what is selected, and run nothing")
	f.StringVar(&o.edition, "edition", edition.Default().Name, "the course's `YEAR`: "+strings.Join(edition.Names(), " or "))
	f.StringVar(&o.gateName, "gate", string(conformance.GateMust), "`WHAT` exit code 1 rests on: basic (MUSTs of the\nbasic grade), must (every MUST), strict (SHOULDs\nand accepted forms as well)")
	f.Float64Var(&o.config.Scale, "timeout-scale", o.config.Scale, "wait `N` times as long")
	f.Uint64Var(&o.config.Seed, "seed", o.config.Seed, "make the random choices of the run with seed `N`")
	f.Lookup("seed").DefValue = "0" // the default is random: none is shown
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show every check with its conversation")
	f.StringVar(&o.json, "json", "", "write the report to `FILE` as JSON")
	f.StringVar(&o.junit, "junit", "", "write the report to `FILE` as JUnit XML")
	f.StringVar(&o.lang, "lang", string(hint.Locale(locale())), "say in `LANGUAGE` what the likely cause is: "+languages())
	bindColor(f, &o.color)
}

// languages lists those of the hints.
func languages() string {
	var names []string
	for _, l := range hint.Languages() {
		names = append(names, string(l))
	}
	return strings.Join(names, ",\n")
}

// locale is that of the environment's messages (locale(7)).
func locale() string {
	return cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
}

// bindColor binds --color, which every subcommand has.
func bindColor(f *pflag.FlagSet, when *painting) {
	*when = "auto"
	f.Var(when, "color", "paint `WHEN`: auto, always, never")
}

// read checks what was given and completes the Config.
func (o *serverFlags) read(args []string) (err error) {
	for i, word := range o.config.Only { // as in --only "REG-1, REG-2"
		o.config.Only[i] = strings.TrimSpace(word)
	}
	if o.config.Edition, err = edition.Named(o.edition); err != nil {
		return fmt.Errorf("--edition: %w", err)
	}
	if o.gate, err = conformance.ParseGate(o.gateName); err != nil {
		return fmt.Errorf("--gate: %w", err)
	}
	if o.hints, err = hint.Named(o.lang); err != nil {
		return fmt.Errorf("--lang: %w", err)
	}
	if o.given("dialect") {
		if o.config.Ending, err = dialect.Named(o.ending); err != nil {
			return fmt.Errorf("--dialect: %w", err)
		}
	}
	switch {
	case !(o.config.Scale >= 1 && o.config.Scale <= 1000):
		return fmt.Errorf("--timeout-scale %g: a number from 1 to 1000", o.config.Scale)
	case o.config.Recipe.Limit < 0:
		return fmt.Errorf("--limit %d: a number of clients", o.config.Recipe.Limit)
	case o.json != "" && o.json == o.junit:
		return fmt.Errorf("--json and --junit name one file, %s", o.json)
	case o.list && len(args) == 0:
		return nil
	case o.config.Connect != "":
		return o.readConnect(args)
	case len(args) == 0:
		return errors.New("which program? give its path")
	case len(args) > 1:
		return fmt.Errorf("one program at a time, not %q as well; its arguments go into --args", args[1])
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
	if wrap := o.config.Recipe.Wrap; len(wrap) > 0 {
		if _, err := exec.LookPath(wrap[0]); err != nil {
			return fmt.Errorf("--wrap: %w", err)
		}
	}
	return nil
}

func (o *serverFlags) readConnect(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("--connect judges a server that already runs: no path, such as %q, beside it", args[0])
	}
	for _, name := range []string{"args", "stdin", "stdin-closed", "port", "env", "files", "wrap", "recipe", "save-recipe"} {
		if o.given(name) {
			return fmt.Errorf("--connect judges a server that already runs: there is no use for --%s", name)
		}
	}
	host, port, err := net.SplitHostPort(o.config.Connect)
	if err != nil {
		return fmt.Errorf("--connect %q: give it as HOST:PORT", o.config.Connect)
	}
	if n, err := strconv.Atoi(port); host == "" || err != nil || n < 1 || n > edition.MaxPort {
		return fmt.Errorf("--connect %q: give it as HOST:PORT, the port from 1 to %d", o.config.Connect, edition.MaxPort)
	}
	o.config.Recipe = target.Recipe{Limit: o.config.Recipe.Limit}
	return nil
}

// words splits text as a shell would, with quotes, and expands nothing. An
// operator of the shell has no meaning here, so it must be quoted.
func words(flag, text string) ([]string, error) {
	p := shellwords.NewParser()
	split, err := p.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--%s %q: a quote or a bracket is left open", flag, text)
	case p.Position >= 0:
		return nil, fmt.Errorf("--%s %q: no shell reads this; put quotes around ; & | < and >", flag, text)
	}
	return split, nil
}

// executable says in plain words why a path cannot be started.
func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("no such file: %s", path)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory, not a program", path)
	case info.Mode().Perm()&0o111 == 0:
		return fmt.Errorf("%s is not executable; try chmod +x", path)
	}
	return nil
}

// name is the program as the report names it.
func (o *serverFlags) name() string {
	if o.config.Connect != "" {
		return o.config.Connect
	}
	return o.config.Recipe.Path
}

// planned is what is known of the run before it begins.
func (o *serverFlags) planned() conformance.Run {
	run := conformance.Run{
		Program: o.name(), Edition: o.config.Edition.Name, Seed: o.config.Seed,
		Scale: o.config.Scale, Started: time.Now(),
	}
	if o.config.Connect == "" {
		run.Recipe = o.config.Recipe.String()
	}
	return run
}

// notRepeated are the flags that do not change what a check sees.
var notRepeated = []string{"only", "list", "verbose", "json", "junit", "lang", "color", "save-recipe"}

// repeat gives the words that run the same again, without its selection.
func repeat(c *cobra.Command, args []string) []string {
	all := append([]string{"paycheck", c.Name()}, args...)
	c.Flags().Visit(func(f *pflag.Flag) {
		switch list, many := f.Value.(pflag.SliceValue); {
		case slices.Contains(notRepeated, f.Name):
		case many:
			for _, value := range list.GetSlice() {
				all = append(all, "--"+f.Name, value)
			}
		case f.Value.Type() == "bool":
			all = append(all, "--"+f.Name+"="+f.Value.String())
		default:
			all = append(all, "--"+f.Name, f.Value.String())
		}
	})
	return all
}
