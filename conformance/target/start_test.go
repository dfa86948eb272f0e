package target_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"paycheck/conformance/target"
)

// A program that never serves is told from one that cannot be judged, in words that
// say what to do, and long before the bound where the kernel shows that it is done.
func TestStartErrors(t *testing.T) {
	file := func(name, text string, mode fs.FileMode) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	at := func(path string) target.Recipe { return target.Recipe{Path: path, Args: []string{"{port}"}} }
	tests := []struct {
		name   string
		recipe target.Recipe
		want   string
		tail   string
		cause  error // of exec
	}{
		{"never listens", with("never listens"), "it waits (threads: 1 in pause()) and does not listen on the port that it was given", "", nil},
		{"ends at once", with("ends at once"), "it ended before it listened: it exited with status 3", "no database", nil},
		{"dies at once", with("dies at once"), "it ended before it listened: it died of SIGABRT", "", nil},
		{"aborts after listen()", with("aborts after"), "it died of SIGABRT", "", nil},
		{"another port", with("wrong port"), "it listens on port ", "", nil},
		{"may not be executed", at(file("server", "#!/bin/sh\n", 0o600)), "it may not be executed; try chmod +x", "", syscall.EACCES},
		{"no program", at(file("server", "hello\n", 0o700)), "it is no program for this machine", "", syscall.ENOEXEC},
		{"not there", at(filepath.Join(t.TempDir(), "server")), "it is not there", "", syscall.ENOENT},
		{"no interpreter", at(file("server", "#!/no/such/shell\n", 0o700)), "or the loader it names is not", "", syscall.ENOENT},
		{
			"a library is missing", at(file("server", "#!/bin/sh\necho \"server: error while loading shared libraries: libx.so.1: cannot open\" >&2\nexit 127\n", 0o700)),
			"it ended before it listened: it exited with status 127", "error while loading shared libraries", nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			begun := time.Now()
			_, err := try(t, test.recipe)
			e := (*target.StartError)(nil)
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(e.Why, test.want) || e.Recipe.Path != test.recipe.Path || !strings.HasPrefix(err.Error(), test.recipe.Path+": ") {
				t.Errorf("%v, and not: %s", err, test.want)
			}
			if got := strings.Join(e.Tail, "\n"); !strings.Contains(got, test.tail) || test.tail == "" && got != "" {
				t.Errorf("its last words are %q", got)
			}
			if test.cause == nil && e.Unwrap() != nil || !errors.Is(err, test.cause) && test.cause != nil {
				t.Errorf("the cause is %v", e.Unwrap())
			}
			if took := time.Since(begun); took > target.StartBound {
				t.Errorf("it took %v to find out", took)
			}
		})
	}
}

func TestStartErrorNamesTheLibrary(t *testing.T) {
	e := target.StartError{
		Recipe: target.Recipe{Path: "./server"}, Why: "it ended",
		Tail: []string{"hello", "./server: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file"},
	}
	if got, want := e.Error(), "./server: it needs the library libssl.so.1.1, which is not installed here"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	e.Tail = e.Tail[:1]
	if got, want := e.Error(), `./server: it ended; its last words: "hello"`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// Some come up slowly, and that is no fault.
func TestStartSlowly(t *testing.T) {
	p := start(t, "sleeps before")
	if listening, err := kernel.Listening(p.Port); err != nil || !listening {
		t.Errorf("started, and listening: %v, %v", listening, err)
	}
}

// A port that somebody else has is not taken for the program's own.
func TestStartOnAPortThatIsTaken(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	p, err := with("answers").Start(t.Context(), kernel, 1, t.TempDir(), port, 2)
	if err == nil {
		p.Stop()
	}
	if e := (*target.StartError)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), "Address already in use") {
		t.Errorf("error %v", err)
	}
}

// The end of the run ends the wait for a program, and the program.
func TestStartIsCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	dir := t.TempDir()
	pid := filepath.Join(dir, "pid")
	r := target.Recipe{Path: "/bin/sh", Args: []string{"-c", "echo $$ >" + pid + "; while :; do :; done", "{port}"}}
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Start(ctx, kernel, 1, dir, port, 2)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		return // it had not come so far
	}
	if n, _ := strconv.Atoi(strings.TrimSpace(string(text))); n > 1 && len(group(t, n)) > 0 {
		t.Errorf("the processes %v are left", group(t, n))
	}
}

// A program has its own directory and hardly any environment, and its input stays
// open.
func TestStartSurroundings(t *testing.T) {
	t.Setenv("SECRET", "x")
	dir := t.TempDir()
	r := target.Recipe{Path: "/bin/sh", Args: []string{"-c", "pwd >out; env >>out; exec " + server + " $0 answers", "{port}"}}
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Start(t.Context(), kernel, 1, dir, port, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	text, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if real, _ := filepath.EvalSymlinks(dir); lines[0] != real && lines[0] != dir {
		t.Errorf("it runs in %s, not %s", lines[0], dir)
	}
	if !slices.Contains(lines, "HOME="+dir) || strings.Contains(string(text), "SECRET") {
		t.Errorf("its environment is\n%s", text)
	}
	if p.Dir != dir || p.Port != port {
		t.Errorf("%s, port %d", p.Dir, p.Port)
	}
}

// taken gives a port of the range that a listener of the test has just taken.
func taken(t *testing.T) int {
	t.Helper()
	for port := 20_000; port < 20_100; port++ {
		if l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			t.Cleanup(func() { l.Close() })
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

func TestPorts(t *testing.T) {
	busy := taken(t)
	p := target.NewPorts(uint64(busy - 10_000 - 5))
	seen := map[int]bool{}
	for range 20 {
		port, err := p.Free()
		if err != nil || seen[port] || port == busy || port < busy-5 || port >= 32_000 {
			t.Errorf("port %d, %v, after %v; %d is taken", port, err, seen, busy)
		}
		seen[port] = true
	}
	// From the last of them on it begins again.
	last := target.NewPorts(21_999)
	for range 3 {
		if port, err := last.Free(); err != nil || port < 10_000 || port >= 32_000 {
			t.Errorf("port %d, %v", port, err)
		}
	}
	if got := p.String(); got != "ports 10000 to 31999" {
		t.Errorf("%s", got)
	}
}
