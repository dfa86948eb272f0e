package target_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"paycheck/conformance/target"
)

// A workshop makes servers that are started in odd ways, and guesses how.
type workshop struct {
	program string
	port    int // that is built in
}

func newWorkshop(t *testing.T) workshop {
	t.Helper()
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	w := workshop{program: filepath.Join(t.TempDir(), "launch"), port: port}
	build := exec.Command("cc", "-Wall", "-O1", "-pthread", fmt.Sprintf("-DPORT=%d", port), "-o", w.program, "testdata/launch.c")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building testdata/launch.c: %v\n%s", err, out)
	}
	return w
}

// as gives the path of the server with a habit.
func (w workshop) as(t *testing.T, habit string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bin", habit)
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(w.program, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// guesser counts the processes that it starts.
func guesser(t *testing.T) (*target.Guesser, *atomic.Int64) {
	var starts atomic.Int64
	return &target.Guesser{
		Kernel: kernel, Scale: 1, Port: ports.Free,
		Dir: func(r target.Recipe) (string, error) {
			starts.Add(1)
			dir := t.TempDir()
			return dir, r.Furnish(dir)
		},
	}, &starts
}

// How a program is started is found out without being told, in few starts, and then it
// starts that way.
func TestFind(t *testing.T) {
	w := newWorkshop(t)
	for _, test := range []struct {
		habit  string
		want   string
		starts int64 // at most
	}{
		{"port_and_limit", "{port} {limit}", 1},
		{"surplus", "{port} {limit}", 1},
		{"console", "{port} {limit}", 1},
		{"port", "{port}", 2},
		{"mode", "{port} -a", 2},
		{"flags", "--listen {port} --clients {limit}", 2},
		{"host_and_port", "127.0.0.1 {port}", 2},
		{"limit_and_port", "{limit} {port}", 7},
		{"asks_late", `{port} {limit}; typed: "{limit}"`, 1},
		{"asks", `; typed: "{port}"`, 2},
		{"asks_unseen", `; typed: "{port}"`, 2},
		{"asks_limit_too", `; typed: "{port}", "{limit}"`, 2},
		{"asks_host_too", `; typed: "127.0.0.1", "{port}"`, 2},
		{"offers_default", `; typed: "n", "{port}"`, 2},
		{"insists", `; typed: "y"; always on port PORT`, 2},
		{"insists_unseen", `; typed: "{port}", "{limit}", "y"; always on port PORT`, 2},
		{"fixed", "; always on port PORT", 2},
		{"fixed_and_limit", "{limit}; always on port PORT", 10},
	} {
		t.Run(test.habit, func(t *testing.T) {
			g, starts := guesser(t)
			r, err := g.Find(t.Context(), target.Recipe{Path: w.as(t, test.habit)})
			if err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(r.String(), "/bin/"+test.habit)
			if want := strings.ReplaceAll(test.want, "PORT", fmt.Sprint(w.port)); strings.TrimSpace(got) != want {
				t.Errorf("%q, not %q", strings.TrimSpace(got), want)
			}
			if n := starts.Load(); n > test.starts {
				t.Errorf("%d starts, and %d are enough", n, test.starts)
			}
			port := r.Port
			if port == 0 {
				if port, err = ports.Free(); err != nil {
					t.Fatal(err)
				}
			}
			p, err := r.Start(t.Context(), kernel, 1, t.TempDir(), port, 16)
			if err != nil {
				t.Fatal(err)
			}
			p.Stop()
		})
	}
}

// What can't be found out is said in a sentence that helps.
func TestFindGivesUp(t *testing.T) {
	w := newWorkshop(t)
	for habit, want := range map[string][]string{
		"ends_early":  {"it died of SIGABRT", "--args"},
		"idle":        {"does not listen", "PORT LIMIT, PORT, PORT -a, 127.0.0.1 PORT, nothing", "--args"},
		"questions":   {"it waits for input and does not listen", `What is the password? "`, "--stdin"},
		"certificate": {"keys/cert.pem: no such file"},
		"variable":    {"cannot listen on 0"},
	} {
		t.Run(habit, func(t *testing.T) {
			g, _ := guesser(t)
			_, err := g.Find(t.Context(), target.Recipe{Path: w.as(t, habit)})
			guess := (*target.GuessError)(nil)
			if !errors.As(err, &guess) {
				t.Fatalf("the error is %v", err)
			}
			for _, part := range want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

// A position is no limit if nothing shows that the program reads it.
func TestWithoutLimit(t *testing.T) {
	w := newWorkshop(t)
	for habit, needless := range map[string]bool{
		"surplus": true, "optional_limit": false, "reads_limit": false, "port_and_limit": false,
	} {
		g, _ := guesser(t)
		r, ok := g.WithoutLimit(t.Context(), target.Recipe{Path: w.as(t, habit), Args: []string{"{port}", "{limit}"}})
		if ok != needless || r.TakesLimit() == needless {
			t.Errorf("%s: %v, %v", habit, r, ok)
		}
	}
}

// A recipe that is written down is kept to.
func TestStartByRecipe(t *testing.T) {
	w := newWorkshop(t)
	certified := w.as(t, "certificate")
	keys := filepath.Join(filepath.Dir(certified), "keys")
	if err := os.Mkdir(keys, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(keys, "cert.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all, _ := target.Beside(certified)
	for _, test := range []struct {
		recipe target.Recipe
		fails  string // part of the error; empty: none
	}{
		{target.Recipe{Path: w.as(t, "variable"), Env: []string{"PORT={port}"}}, ""},
		{target.Recipe{Path: w.as(t, "variable"), Env: []string{"PORT=x"}}, "it ended before it listened: it exited with status 3"},
		{target.Recipe{Path: w.as(t, "until_end"), Stdin: []string{"1", "{port}"}, StdinClosed: true}, ""},
		{target.Recipe{Path: w.as(t, "until_end"), Stdin: []string{"1", "{port}"}}, "it waits for input"},
		{target.Recipe{Path: w.as(t, "selects"), Stdin: []string{"{port}"}}, ""},
		{target.Recipe{Path: w.as(t, "asks"), StdinClosed: true}, "it exited with status 2"},
		{target.Recipe{Path: w.as(t, "console"), Args: []string{"{port}"}, Stdin: []string{"quit"}}, "it listened and ended"},
		{target.Recipe{Path: w.as(t, "insists"), Stdin: []string{"maybe", "", "Y", "left over"}, Port: w.port}, ""},
		{target.Recipe{Path: w.as(t, "fixed"), Port: 1}, fmt.Sprintf("it listens on port %d, and not on 1", w.port)},
		{target.Recipe{Path: certified, Args: []string{"{port}"}, Files: all}, ""},
		{target.Recipe{Path: certified, Args: []string{"{port}"}, Files: []string{"keys/cert.pem"}}, ""},
		{target.Recipe{Path: certified, Args: []string{"{port}"}}, "keys/cert.pem"},
		{target.Recipe{Path: w.as(t, "port"), Args: []string{"{port}"}, Wrap: []string{"nice"}}, ""},
		{target.Recipe{Path: w.as(t, "asks"), Stdin: []string{"{port}"}, Wrap: []string{"sh", "-c", `"$0" "$@"; true`}}, ""},
	} {
		port := test.recipe.Port
		if port == 0 {
			var err error
			if port, err = ports.Free(); err != nil {
				t.Fatal(err)
			}
		}
		dir := t.TempDir()
		if err := test.recipe.Furnish(dir); err != nil {
			t.Fatal(err)
		}
		p, err := test.recipe.Start(t.Context(), kernel, 1, dir, port, 2)
		switch {
		case err == nil && test.fails == "":
			p.Stop()
		case err == nil:
			p.Stop()
			t.Errorf("%v started", test.recipe)
		case test.fails == "" || !strings.Contains(err.Error(), test.fails):
			t.Errorf("%v: %v, and not %q", test.recipe, err, test.fails)
		}
	}
}

// A port that is built in and taken is not mistaken for the program's own.
func TestFixedPortTaken(t *testing.T) {
	w := newWorkshop(t)
	r := target.Recipe{Path: w.as(t, "fixed"), Port: w.port}
	p, err := r.Start(t.Context(), kernel, 1, t.TempDir(), w.port, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if _, err := r.Start(t.Context(), kernel, 1, t.TempDir(), w.port, 2); err == nil || !strings.Contains(err.Error(), "taken by another program") {
		t.Errorf("the second start: %v", err)
	}
}

func TestSaysLimit(t *testing.T) {
	for text, want := range map[string]bool{
		"usage: ./server <port>":                            false,
		"Usage: ./server PORT [LIMIT]":                      true,
		"usage: server [flags] <port> [limit]":              true,
		"Usage:\n  ./server <port> <max_clients>":           true,
		"usage: ./server -p port [-n threads]":              true,
		"用法: ./server <port>":                               false,
		"bind: Address already in use":                      false,
		"usage: ./server <port> <certificate> <limit>":      false, // not understood
		"usage: ./server <port> -d|-s|-a":                   false,
		"usage: ./server <port> [-d] [-n <number of users>": true,
	} {
		if got := target.SaysLimit(strings.Split(text, "\n")); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
