package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"paycheck/conformance/dialect"
	"paycheck/conformance/target"
	"paycheck/spec/edition"
)

// compiled builds a program in C or C++ under a name, in a directory of its own.
func compiled(t *testing.T, name, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bin", name)
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	words := []string{"cc", "-pthread", "-o", path, source}
	if filepath.Ext(source) == ".cpp" {
		words = []string{"c++", "-std=c++17", "-pthread", "-o", path, source}
	}
	if strings.HasPrefix(name, "sqlite") {
		words = append(words, "-lsqlite3")
	}
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", source, err, out)
	}
	return path
}

// learned opens a suite, which learns how the program is started and how it speaks.
func learned(t *testing.T, cfg Config) (*suite, error) {
	t.Helper()
	s, err := open(context.Background(), cfg)
	if err == nil {
		t.Cleanup(func() {
			if err := s.close(); err != nil {
				t.Error(err)
			}
		})
	}
	return s, err
}

var seed = struct {
	sync.Mutex
	last uint64
}{last: uint64(os.Getpid()) * 97}

// config is that of a program, with ports of its own.
func config(path string) Config {
	seed.Lock()
	defer seed.Unlock()
	seed.last += 400
	cfg := NewConfig(path)
	cfg.Seed = seed.last
	return cfg
}

// Servers as people write them are understood without being told anything.
func TestProgramsAreUnderstood(t *testing.T) {
	const crlf, usual = "lines of a reply end in CRLF", "a list has a key line and a bare count"
	for _, test := range []struct {
		source string
		recipe string   // behind the path
		speaks []string // parts of it
	}{
		{"stdin_port.cpp", `; typed: "{port}"`, []string{"a request ends in NUL", crlf + ", then one NUL", usual}},
		{"fixed_8888.c", `; typed: "y", "y"; always on port PORT`, []string{crlf, usual, "the payer hears", "serves 64 at a time and more"}},
		{"course_manner.c", " {port} -a", []string{"lines of a reply end in LF", "Exit is not answered and closes"}},
		{"greeting.c", " {port}", []string{`greets with "Connection accepted"`, "serves 64 at a time and more"}},
		{"padded_32.c", " {port}", []string{"NUL up to 32 bytes"}},
		{"fork_mmap.c", " {port}", []string{"the payee hears of a payment"}},
		{"pool_fixed3.c", " {port}", []string{"lines of a reply end in LF", "serves 3 at a time, and the next waits"}},
		{"told_closed.c", " {port} {limit}", []string{"takes a limit"}},
		{"sqlite_store.c", " {port}", []string{"a list has a key of 6 lines and a worded count"}},
		{"stream_lines.cpp", " {port}", []string{"a request ends in CRLF", "line ends are understood"}},
		{"cores_limit.cpp", " {port} {limit}", nil},
		{"no_self.cpp", " {port}", []string{"a request ends in NUL", usual}},
	} {
		name := strings.TrimSuffix(test.source, filepath.Ext(test.source))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, want := filepath.Join("mutant", "programs", test.source), test.recipe
			if name == "sqlite_store" && exec.Command("cc", "-fsyntax-only", source).Run() != nil {
				t.Skip("there is no SQLite library for C")
			}
			if name == "fixed_8888" {
				source, want = movedPort(t, source, want)
			}
			s, err := learned(t, config(compiled(t, name, source)))
			if err != nil {
				t.Fatal(err)
			}
			if _, got, _ := strings.Cut(s.cfg.Recipe.String(), "/bin/"+name); got != want {
				t.Errorf("started as %q, not %q", got, want)
			}
			for _, part := range test.speaks {
				if !strings.Contains(s.dialect.String(), part) {
					t.Errorf("%q is not in: %s", part, s.dialect)
				}
			}
			if few := fmt.Sprintf("lowers its limit to the number of processors, %d", runtime.NumCPU()); name == "cores_limit" && runtime.NumCPU() < enough {
				if !strings.Contains(s.dialect.String(), few) {
					t.Errorf("%q is not in: %s", few, s.dialect)
				}
			}
		})
	}
}

// movedPort gives the source of a program with another port built in, one that is free.
func movedPort(t *testing.T, source, want string) (string, string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), filepath.Base(source))
	if err := os.WriteFile(moved, []byte(strings.ReplaceAll(string(text), "8888", port)), 0o600); err != nil {
		t.Fatal(err)
	}
	return moved, strings.ReplaceAll(want, "PORT", port)
}

// What is no server of this protocol for certain is not judged; what is only wrong is.
func TestForeignPrograms(t *testing.T) {
	program := compiled(t, "odd", filepath.Join("testdata", "odd.c"))
	for _, test := range []struct {
		habit  string
		fails  string   // part of the error; empty: it is judged
		speaks []string // parts of what is learnt
	}{
		{"echo", "sends back what it is sent", nil},
		{"web", "answers as a web server does: HTTP/1.1 400 Bad Request", nil},
		{"ssh", "answers as an SSH server does: SSH-2.0-OpenSSH_9.0", nil},
		{"encrypted", "wants TLS", nil},
		{"alerting", "wants TLS", nil},
		{"mute", "", []string{"a request ends in NUL"}},
		{"babbling", "", nil},
		{"refusing", "", nil},
		{"falls_silent", "", nil},
		{"filled", "", []string{"a request is filled up with NUL to 1024 bytes", "LF or CRLF"}},
		{"long_greeting", "", []string{`greets with "Welcome" and 2 lines more`, "serves 64 at a time and more"}},
		{"dies_of_six", "", []string{"a list has"}},
	} {
		t.Run(test.habit, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(filepath.Dir(program), test.habit)
			if err := os.Link(program, path); err != nil {
				t.Fatal(err)
			}
			cfg := config(path)
			cfg.Recipe.Files = []string{}
			s, err := learned(t, cfg)
			switch {
			case test.fails != "":
				if !errors.Is(err, ErrNotJudged) || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("%v, and not %q", err, test.fails)
				}
				return
			case err != nil:
				t.Fatal(err)
			case (s.unheard != "") != (test.habit == "mute" || test.habit == "babbling"):
				t.Errorf("unheard: %q", s.unheard)
			}
			for _, part := range test.speaks {
				if !strings.Contains(s.dialect.String(), part) {
					t.Errorf("%q is not in: %s", part, s.dialect)
				}
			}
			if test.habit == "dies_of_six" && (s.dialect.Served != 5 || s.dialect.Seen.Limit != "") {
				t.Errorf("%d served; %s", s.dialect.Served, s.dialect)
			}
		})
	}
}

// A program of another year is held against the year that was asked for, with a note.
func TestOtherEdition(t *testing.T) {
	deposit := compiled(t, "deposit_2020", filepath.Join("mutant", "programs", "deposit_2020.c"))
	for name, want := range map[string]bool{"2021": true, "2020": false} {
		cfg := config(deposit)
		var err error
		if cfg.Edition, err = edition.Named(name); err != nil {
			t.Fatal(err)
		}
		s, err := learned(t, cfg)
		if err != nil {
			t.Fatal(err)
		}
		noted := strings.Contains(strings.Join(s.notes, " "), "give --edition 2020")
		if noted != want || s.env.Profile.Edition.Name != name {
			t.Errorf("%s: %q, judged by %s", name, s.notes, s.env.Profile.Edition.Name)
		}
	}
}

// That what lies beside a program was not copied is said where that may be why it does
// not come up.
func TestTooMuchBeside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "server")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat film || exit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for size, hint := range map[int64]bool{1 << 10: false, 5 << 20: true} {
		if err := os.WriteFile(filepath.Join(dir, "film"), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := learned(t, config(path))
		if !errors.Is(err, ErrNotJudged) || strings.Contains(err.Error(), "--files") != hint {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// An ending that is pinned is the only one that is tried.
func TestPinnedEnding(t *testing.T) {
	program := compiled(t, "odd", filepath.Join("testdata", "odd.c"))
	for _, ending := range []dialect.Ending{dialect.Bare, dialect.LF} {
		cfg := config(program)
		cfg.Ending = ending
		s, err := learned(t, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if s.dialect.Ending != ending {
			t.Errorf("%s: %s", ending.Name, s.dialect)
		}
	}
}

// The recipe as it was completed is told once, and a limit that was measured is in it.
func TestFoundIsTold(t *testing.T) {
	cfg := config(compiled(t, "pool_fixed3", filepath.Join("mutant", "programs", "pool_fixed3.c")))
	var found []target.Recipe
	cfg.Found = func(r target.Recipe) error {
		found = append(found, r)
		return nil
	}
	if _, err := learned(t, cfg); err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Limit != 3 || strings.Join(found[0].Args, " ") != "{port}" {
		t.Errorf("%+v", found)
	}
	failure := errors.New("no room")
	cfg.Found = func(target.Recipe) error { return failure }
	if _, err := learned(t, cfg); !errors.Is(err, failure) {
		t.Errorf("%v, and not %v", err, failure)
	}
}
