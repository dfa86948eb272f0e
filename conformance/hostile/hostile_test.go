package hostile

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var full = flag.Bool("full", false, "run every attack, against every check")

// few are the attacks of a run without -full, and only is what they are judged by.
var few = []string{"forges_results", "forks", "kills_suite", "looks_around", "prints_verdicts", "reads_suite", "stays_behind", "traces"}

const only = "REG,EXT"

// attacks are the programs, with what the report says of each.
var attacks = []struct{ program, says string }{
	{"byte_a_second", "because REG-1"},
	{"closes_directory", ""},
	{"deletes_itself", ""},
	{"fills_directory", "wrote more than 128 MiB to its directory"},
	{"floods_clients", "could not judge"},
	{"floods_output", "printed more than 64 MiB"},
	{"forges_results", ""},
	{"forks", "ran more than 128 processes"},
	{"ignores_signals", ""},
	{"kills_suite", ""},
	{"leaves_children", ""},
	{"looks_around", ""},
	{"many_files", ""},
	{"many_ports", ""},
	{"memory", ""},
	{"never_listens", ""},
	{"never_reads", "because REG-1"},
	{"prints_verdicts", "FAIL  REG-1"},
	{"reads_suite", ""},
	{"spins", "keeps 20 threads computing"},
	{"stays_behind", ""},
	{"stops_itself", ""},
	{"traces", ""},
}

// bound is how long a run may take on a busy machine: many times what the slowest
// takes on an idle one.
const bound = 3 * time.Minute

// Each attack is judged or refused in bounded time, nothing of it is left, and what it
// was after is untouched.
func TestHostile(t *testing.T) {
	paycheck := built(t)
	listed, err := filepath.Glob("programs/*.c")
	if err != nil || len(listed) != len(attacks) {
		t.Errorf("%d programs and %d attacks: %v", len(listed), len(attacks), err)
	}
	for _, a := range attacks {
		if !*full && !slices.Contains(few, a.program) {
			continue
		}
		t.Run(a.program, func(t *testing.T) {
			v := newVictim(t)
			program := filepath.Join(t.TempDir(), a.program)
			cc := exec.CommandContext(t.Context(), "cc", "-O1", "-pthread", "-o", program, filepath.Join("programs", a.program+".c"))
			if out, err := cc.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			begun := time.Now()
			text, code := v.judge(t, paycheck, program)
			t.Logf("exit %d after %.1f s\n%s", code, time.Since(begun).Seconds(), text)
			if code != 0 && code != 1 && code != 3 || !strings.Contains(text, a.says) {
				t.Errorf("exit code %d; the report must say %q", code, a.says)
			}
			if strings.Contains(text, "HOLE") || strings.ContainsAny(text, "\x1b\a") {
				t.Error("it came through")
			}
			v.check(t)
		})
	}
}

// built makes the judge, and makes sure that it contains what it runs here.
func built(t *testing.T) string {
	t.Helper()
	paycheck := filepath.Join(t.TempDir(), "paycheck")
	c := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", paycheck, "../../cmd/paycheck")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, _ := exec.CommandContext(t.Context(), paycheck, "server", "/bin/sleep", "--args", "30", "--only", "REG-1").CombinedOutput()
	if strings.Contains(string(out), "Not contained here") {
		t.Skipf("programs are not contained on this machine, so none of these is run\n%s", out)
	}
	return paycheck
}

// A victim is what the attacks are after: one process, one file, one secret, and the
// place where the suite has its files.
type victim struct {
	process      *exec.Cmd
	file, secret string
	scratch      string
}

const content = "of the suite\n"

func newVictim(t *testing.T) victim {
	t.Helper()
	scratch, err := os.MkdirTemp("/dev/shm", "paycheck-hostile-")
	if err != nil {
		t.Skipf("no place in memory: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(scratch) })
	if err := os.Chmod(scratch, 0o711); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	v := victim{exec.Command("/bin/sleep", "600"), filepath.Join(dir, "report.json"), filepath.Join(dir, "secret"), scratch}
	if err := v.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.process.Process.Kill(); _ = v.process.Wait() })
	for path, mode := range map[string]os.FileMode{v.file: 0o666, v.secret: 0o600} {
		if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// judge runs paycheck on a program, and gives all that it printed.
func (v victim) judge(t *testing.T, paycheck, program string) (text string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	selection := only
	if *full {
		selection = ""
	}
	c := exec.CommandContext(ctx, paycheck, "server", program, "--args", "{port}", "--seed", "1", "--only", selection,
		"--env", fmt.Sprintf("PID=%d", v.process.Process.Pid), "--env", "FILE="+v.file, "--env", "SECRET="+v.secret)
	c.Env = append(os.Environ(), "TMPDIR="+v.scratch, "MARK=of-the-suite")
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = 20 * time.Second
	out, err := c.CombinedOutput()
	if ctx.Err() != nil {
		t.Errorf("it was not done after %v", bound)
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}

// check looks at what the attack was after, and for what it has left.
func (v victim) check(t *testing.T) {
	t.Helper()
	if err := v.process.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process: %v", err)
	}
	for _, path := range []string{v.file, v.secret} {
		if data, err := os.ReadFile(path); err != nil || string(data) != content {
			t.Errorf("%s: %q, %v", filepath.Base(path), data, err)
		}
	}
	if left, err := os.ReadDir(v.scratch); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environments {
		if data, err := os.ReadFile(path); err == nil && bytes.Contains(data, []byte("HOME="+v.scratch)) {
			t.Errorf("a process is left: %s", path)
		}
	}
}
