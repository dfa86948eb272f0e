package target

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ample is how long a test waits for what comes at once on an idle machine.
const ample = 20 * time.Second

// ground gives a root in memory, where other users may pass.
func ground(t *testing.T) string {
	t.Helper()
	root, err := os.MkdirTemp("/dev/shm", "paycheck-test-")
	if err != nil {
		t.Skipf("no place in memory: %v", err)
	}
	t.Cleanup(func() {
		if err := Remove(root); err != nil {
			t.Error(err)
		}
	})
	return root
}

// contained gives a namespace with all that this machine allows.
func contained(t *testing.T, limits Limits, words ...string) *Namespace {
	t.Helper()
	n, err := Contain(&Kernel{}, ground(t), limits, words)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.close(t) })
	return n
}

// bare gives one with a keeper, and without any namespace: what is left where the
// machine allows none.
func bare(t *testing.T, limits Limits) *Namespace {
	t.Helper()
	n := &Namespace{root: ground(t), limits: limits}
	o := opening{Root: n.root, Limits: limits}
	if os.Geteuid() == 0 && n.openRoot() == nil {
		o.Users = []int{highUsers, lowUsers}
	}
	if err := n.open(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.close(t) })
	return n
}

func (n *Namespace) close(t *testing.T) {
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// A trial is a command that runs, or has.
type trial struct {
	*cell
	dir string
	out *output
}

// try runs a command in a directory of its own.
func (n *Namespace) try(t *testing.T, words ...string) (trial, error) {
	t.Helper()
	dir, err := os.MkdirTemp(n.root, "")
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	out := &output{}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir, cmd.Env = dir, Recipe{}.environment(dir, 0, 0)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nothing, out.stdout(), out.stderr()
	c, err := n.start(cmd)
	if err == nil {
		t.Cleanup(c.stop)
	}
	return trial{c, dir, out}, err
}

// shell runs a script.
func (n *Namespace) shell(t *testing.T, script string) trial {
	t.Helper()
	c, err := n.try(t, "/bin/sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// says gives what a script prints, once it has ended.
func (n *Namespace) says(t *testing.T, script string) string {
	t.Helper()
	c := n.shell(t, script)
	if d := c.wait(); d != (Death{}) {
		t.Fatalf("%s: %v; %s", script, d, c.out.err)
	}
	return strings.TrimSpace(string(c.out.out))
}

// until waits for something.
func until(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(ample); !yes(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come within %v", what, ample)
		}
	}
}

// alive gives the processes whose environment names a directory.
func alive(t *testing.T, dir string) (pids []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if env, err := os.ReadFile(f); err == nil && bytes.Contains(env, []byte("HOME="+dir+"\x00")) {
			pids = append(pids, filepath.Base(filepath.Dir(f)))
		}
	}
	return pids
}
