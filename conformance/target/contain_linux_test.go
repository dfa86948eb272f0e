package target

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What a program finds of the machine.
func TestContain(t *testing.T) {
	n := contained(t, DefaultLimits(1))
	for _, note := range n.Notes() {
		t.Log(note)
	}
	field := func(name string) string {
		return n.says(t, "sed -n 's/^"+name+":[[:space:]]*//p' /proc/self/status")
	}
	same := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, not %q", what, got, want)
		}
	}
	same("privileges that it may gain", field("NoNewPrivs"), "1")
	same("capabilities", strings.TrimLeft(field("CapEff"), "0"), "")
	same("open files", n.says(t, "cd /proc/self/fd && echo *"), "0 1 2 3") // 3 is the directory
	same("size of a file", n.says(t, "ulimit -f"), strconv.FormatInt(n.limits.File/512, 10))
	same("open files at most", n.says(t, "ulimit -n"), strconv.Itoa(n.limits.Descriptors))
	same("size of a core", n.says(t, "ulimit -c"), "0")
	same("its home", n.says(t, `[ "$HOME" = "$PWD" ] && [ "$TMPDIR" = "$PWD" ] && touch here && echo ours`), "ours")
	t.Setenv("SECRET", "of the suite")
	same("its environment", n.says(t, "env | sed 's/=.*//' | sort | tr '\\n' ' '"), "HOME LANG PATH PWD TERM TMPDIR")
	if id := n.says(t, "ps -o sid= -p $$ 2>/dev/null || echo $$"); id == strconv.Itoa(unix.Getpgrp()) {
		t.Error("it is in the suite's session")
	}
	if n.first == 0 {
		same("its user", n.says(t, "id -u"), strconv.Itoa(os.Geteuid()))
	} else {
		user, err := strconv.Atoi(n.says(t, "id -u"))
		if err != nil || user < n.first || user >= n.first+users {
			t.Errorf("its user is %d, not from %d on: %v", user, n.first, err)
		}
		if again := n.says(t, "id -u"); again == strconv.Itoa(user) {
			t.Errorf("two processes have the user %s", again)
		}
		same("its groups", n.says(t, "id -G"), strconv.Itoa(user+2))
	}
	if !n.means.Processes {
		t.Skip("no process namespace here: ", n.means.whyProcesses())
	}
	if pid, _ := strconv.Atoi(n.says(t, "echo $$")); pid > 10 {
		t.Errorf("its number is %d, as among all processes of the machine", pid)
	}
	same("a signal to the suite", n.says(t, fmt.Sprintf("kill -0 %d 2>/dev/null || echo refused", os.Getpid())), "refused")
	if len(n.notes) > 1 {
		t.Skip("files are not read-only here")
	}
	same("the files of others", n.says(t, "touch /etc/x 2>/dev/null || echo refused"), "refused")
	mark := filepath.Base(n.root)
	same("the shared directories", n.says(t, "ls -A /tmp /var/tmp && cd /tmp && touch "+mark+" /var/tmp/"+mark+" /dev/shm/"+mark+".x && echo empty"), "/tmp:\n\n/var/tmp:\nempty")
	for _, path := range []string{"/tmp/" + mark, "/var/tmp/" + mark, "/dev/shm/" + mark + ".x"} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is on the machine itself", path)
		}
	}
}

// How a process ends, and what it leaves.
func TestContainedDeath(t *testing.T) {
	for name, n := range map[string]*Namespace{
		"contained": contained(t, DefaultLimits(1)), "bare": bare(t, DefaultLimits(1)), "plain": nil,
	} {
		t.Run(name, func(t *testing.T) {
			for script, want := range map[string]Death{
				"exit 7":                     {Exit: 7},
				"kill -PIPE $$":              {Signal: "SIGPIPE"},
				"kill -INT $$":               {Signal: "SIGINT"},
				"ulimit -c 0; kill -SEGV $$": {Signal: "SIGSEGV"},
				"(sleep 300 &); setsid sleep 300 & exit 0": {},
			} {
				space := n
				if space == nil {
					space = &Namespace{root: ground(t), limits: DefaultLimits(1)}
				}
				begun := time.Now()
				c := space.shell(t, script)
				if got := c.wait(); got != want {
					t.Errorf("%s: %v, not %v", script, got, want)
				}
				c.stop()
				if left := alive(t, c.dir); n != nil && len(left) > 0 {
					t.Errorf("%s: left %v", script, left)
				}
				if d := time.Since(begun); d > ample {
					t.Errorf("%s: took %v", script, d)
				}
			}
		})
	}
}

// A signal goes to the program and its group, an end to all that it has started.
func TestContainedSignal(t *testing.T) {
	for name, n := range map[string]*Namespace{"contained": contained(t, DefaultLimits(1)), "bare": bare(t, DefaultLimits(1))} {
		t.Run(name, func(t *testing.T) {
			c := n.shell(t, "trap 'exit 5' INT; (trap '' INT TERM HUP; setsid sleep 300 & sleep 300 &); echo up; while :; do sleep 0.01; done")
			until(t, "its word", func() bool { return len(c.out.tail()) > 0 })
			if err := c.signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if d := c.wait(); d.Exit != 5 {
				t.Errorf("it ended as %v", d)
			}
			c.stop()
			if left := alive(t, c.dir); len(left) > 0 {
				t.Errorf("left %v", left)
			}
			if err := c.signal(syscall.SIGINT); !errors.Is(err, os.ErrProcessDone) {
				t.Errorf("a signal to the dead: %v", err)
			}
		})
	}
}

// What cannot be executed is said as without a keeper.
func TestContainedStartErrors(t *testing.T) {
	n := contained(t, DefaultLimits(1))
	text := filepath.Join(n.root, "text")
	if err := os.WriteFile(text, []byte("no program\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		text: syscall.ENOEXEC, "/etc/passwd": os.ErrPermission, "/nowhere/server": os.ErrNotExist,
	} {
		if _, err := n.try(t, path); !errors.Is(err, want) {
			t.Errorf("%s: %v, not %v", path, err, want)
		}
	}
	if got := n.says(t, "echo still there"); got != "still there" {
		t.Error(got)
	}
}

// A limit that is exceeded ends the program, and is said.
func TestLimits(t *testing.T) {
	limits := Limits{
		CPU: time.Minute, Memory: 64 << 20, Processes: 12, Tasks: 64, Descriptors: 64,
		File: 8 << 20, Disk: 16 << 20, Entries: 50, Output: 1 << 20,
	}
	n := contained(t, limits)
	hurried := limits
	hurried.CPU = time.Second
	for _, test := range []struct {
		n            *Namespace
		script, want string
	}{
		{n, "head -c 120000000 /dev/zero | tail -n 1 | sleep 60", "took more than 64 MiB of memory"},
		{n, "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do setsid sleep 60 & done; wait", "ran more than 12 processes"},
		{n, "for i in 1 2 3 4; do head -c 6000000 /dev/zero > f$i; done; sleep 60", "wrote more than 16 MiB to its directory"},
		{n, "for i in $(seq 60); do : > f$i; done; sleep 60", "made more than 50 files in its directory"},
		{n, "head -c 3000000 /dev/zero; sleep 60", "printed more than 1 MiB"},
		{contained(t, hurried), "(while :; do :; done) & (while :; do :; done) & wait", "used more than 1s of processor time"},
	} {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			c := test.n.shell(t, test.script)
			if d := c.wait(); d.Exceeded != test.want {
				t.Errorf("%s: %+v", test.script, d)
			}
			c.stop()
			if left := alive(t, c.dir); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
	c := n.shell(t, "exec head -c 9000000 /dev/zero > f")
	if d := c.wait(); d.Exceeded != "wrote a file of more than 8 MiB" {
		t.Errorf("a file of 9 MB: %+v", d)
	}
}

// The user of a program can run it, wherever it lies.
func TestAdmit(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho run with $1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	n := contained(t, DefaultLimits(1), program)
	c, err := n.try(t, program, "7")
	if err != nil {
		t.Fatal(err)
	}
	if d := c.wait(); d != (Death{}) || string(c.out.out) != "run with 7\n" {
		t.Errorf("%v, %q, %q", d, c.out.out, c.out.err)
	}
}

// A directory in which a program ran before is its user's still.
func TestHouse(t *testing.T) {
	n := contained(t, DefaultLimits(1))
	if n.first == 0 {
		t.Skip("programs have no users of their own here")
	}
	dir := filepath.Join(n.root, "house")
	if err := os.MkdirAll(filepath.Join(dir, "room"), 0o700); err != nil {
		t.Fatal(err)
	}
	var users []int
	for range 2 {
		user, err := n.house(dir)
		if err != nil {
			t.Fatal(err)
		}
		var info unix.Stat_t
		if err := unix.Stat(filepath.Join(dir, "room"), &info); err != nil || int(info.Uid) != user {
			t.Errorf("a room in it is %d's, not %d's: %v", info.Uid, user, err)
		}
		users = append(users, user)
	}
	if users[0] != users[1] {
		t.Errorf("it is given to %v", users)
	}
}

func TestRemove(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	outside := filepath.Join(t.TempDir(), "outside")
	for _, d := range []string{filepath.Join(dir, "closed", "inner"), outside} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "closed", "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "closed"), 0); err != nil {
		t.Fatal(err)
	}
	if err := Remove(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if info, err := os.Stat(outside); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("what a link leads to: %v, %v", info, err)
	}
}
