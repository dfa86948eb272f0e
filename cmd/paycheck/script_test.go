package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/conformance/report/page"
	"paycheck/spec"
)

// The scripts know three commands: paycheck, whose judge and text are made up here,
// so that every exit code and line is known; paycheck-real, the program as it is; and
// columns, which fails if a line is wider than a page.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"paycheck":      func() { os.Exit(madeUp(os.Stdout, os.Stderr).run(interruptible(), os.Args[1:])) },
		"paycheck-real": main,
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:               programs,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "columns": columns,
		},
	})
}

// programs puts what is to be judged into the directory of a script: empty files,
// since the judge is made up, but executable, since the command line looks at that.
func programs(env *testscript.Env) error {
	for _, name := range []string{"good", "bad", "mute", "blocked", "slow"} {
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), nil, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// exits runs a command and demands that exit code: exits 2 paycheck server.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// columns demands that every line of a file fits a page.
func columns(ts *testscript.TestScript, _ bool, args []string) {
	for i, line := range strings.Split(ts.ReadFile(args[0]), "\n") {
		if n := page.Len(line); n > page.Width {
			ts.Fatalf("%s: line %d has %d columns: %s", args[0], i+1, n, line)
		}
	}
}

//go:embed testdata/sample.md
var sample []byte

// madeUp gives an app that judges by the name of the program: see fakeJudge.
func madeUp(out, err io.Writer) *app {
	a := newApp(out, err)
	a.spec = func() (*spec.Spec, error) { return spec.Parse("sample.md", sample) }
	a.text = func() []byte { return sample }
	a.checks = func() ([]*conformance.Check, error) {
		s, err := a.spec()
		if err != nil {
			return nil, err
		}
		var all []*conformance.Check
		for _, r := range s.All(spec.Server) {
			for i, sc := range r.Scenarios {
				all = append(all, &conformance.Check{Requirement: r, Number: i + 1, Title: sc.Title, Line: sc.Line})
			}
		}
		return all, nil
	}
	a.clientChecks = func() ([]*conformance.Check, error) { return nil, nil }
	a.judge = func(ctx context.Context, cfg conformance.Config) (conformance.Run, error) {
		all, err := a.checks()
		if err != nil {
			return conformance.Run{}, err
		}
		return fakeJudge(ctx, cfg, all)
	}
	return a
}

// fakeJudge passes every check but those that the name of the program speaks of:
// "bad" fails REG-2, "mute" is not judged, "blocked" cannot be judged in part, and "slow" gets
// a Ctrl-C after its first result.
func fakeJudge(ctx context.Context, cfg conformance.Config, all []*conformance.Check) (conformance.Run, error) {
	name := filepath.Base(cfg.Recipe.Path)
	run := conformance.Run{
		Program: cfg.Recipe.Path, Recipe: cfg.Recipe.String(), Dialect: "a request ends in NUL",
		Edition: cfg.Edition.Name, Seed: cfg.Seed, Scale: cfg.Scale,
		Started: time.Date(2021, 12, 24, 18, 0, 0, 0, time.UTC), Elapsed: time.Second,
	}
	if cfg.Connect != "" {
		run.Program, run.Recipe = cfg.Connect, ""
	}
	if name == "mute" {
		return conformance.Run{}, fmt.Errorf("%w: %s never listened on its port\nsee what it prints", conformance.ErrNotJudged, cfg.Recipe.Path)
	}
	checks, err := conformance.Select(all, cfg.Only)
	if err != nil {
		return conformance.Run{}, err
	}
	if cfg.Found != nil {
		found := cfg.Recipe
		if !found.Stated() {
			found.Args = []string{"{port}", "{limit}"}
		}
		if err := cfg.Found(found); err != nil {
			return conformance.Run{}, err
		}
	}
	for i, c := range checks {
		r := conformance.Result{Check: c, Result: play.Result{Outcome: play.Held}, Elapsed: time.Millisecond}
		switch {
		case name == "bad" && c.Requirement.ID == "REG-2":
			r.Result = play.Result{
				Outcome: play.Violated, Why: "the name was given away again",
				Finding: &play.Finding{Want: "210 FAIL", Got: []byte("210 FALL\r\n"), At: 6},
			}
		case name == "blocked" && c.Requirement.ID == "REG-2":
			r.Result = play.Result{Outcome: play.Broken, Why: "nothing can be seen of this process"}
		}
		run.Results = append(run.Results, r)
		if cfg.Each != nil {
			cfg.Each(conformance.Progress{Result: r, Done: i + 1, Total: len(checks)})
		}
		if name == "slow" {
			if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
				return run, err
			}
			<-ctx.Done()
			run.Incomplete = true
			return run, nil
		}
	}
	return run, nil
}

// The words that a report gives to run one check alone are those that a shell splits
// back into the arguments that were given.
func TestRepeatKeepsWhatWasGiven(t *testing.T) {
	program := filepath.Join(t.TempDir(), "good one")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	a := madeUp(&out, &errs)
	var got []string
	root := a.root()
	server, _, err := root.Find([]string{"server"})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.ParseFlags([]string{
		"--args", `{port} 'a b'`, "--only", "REG", "-v", "--seed", "7", "--json", "r.json", "--color=never", "--limit=4",
		"--stdin", "y", "--stdin", "", "--stdin-closed", "--env", "A=b c", "--save-recipe",
	}); err != nil {
		t.Fatal(err)
	}
	got = repeat(server, []string{program})
	want := []string{
		"paycheck", "server", program, "--args", `{port} 'a b'`, "--limit", "4", "--seed", "7",
		"--stdin", "y", "--stdin", "", "--stdin-closed=true", "--env", "A=b c",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string][]string{
		"{port} {limit}":        {"{port}", "{limit}"},
		`{port} -m 'two words'`: {"{port}", "-m", "two words"},
		`{port} ""`:             {"{port}", ""},
		`{port} a\ b`:           {"{port}", "a b"},
		"{port} $HOME $(date)":  {"{port}", "$HOME", "$(date)"},
	} {
		if got, err := words("args", text); err != nil || !slices.Equal(got, want) {
			t.Errorf("words(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`{port} 'open`, "{port}; rm x", "{port} > log"} {
		if got, err := words("args", text); err == nil {
			t.Errorf("words(%q) = %q and no error", text, got)
		}
	}
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"REG-2", "REG-2", 0}, {"REG-2", "REG2", 1}, {"REG-2", "LOG-2", 2}, {"", "abc", 3}, {"LST-1", "EXT-1", 2}} {
		if got := changes(c.a, c.b); got != c.want {
			t.Errorf("changes(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
