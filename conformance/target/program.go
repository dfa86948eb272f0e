// Package target is the program under test as the operating system sees it: a
// [Recipe] says how it is started, a [Program] is one process of it (its process
// group, output and end), and [Program.Settle] tells when it is quiet. Nothing
// here knows the protocol.
package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Bounds on what a program may take; all but the first end the wait early when
// the kernel shows that nothing will come.
const (
	StartBound = 10 * time.Second // from exec to listening
	killBound  = 2 * time.Second  // from SIGKILL of the group to the end of its output
)

// A Program is one process that serves: started from a recipe, or found running.
type Program struct {
	Port int
	Dir  string // its working directory; it is the owner's to remove

	kernel *Kernel
	cmd    *exec.Cmd // nil: it was found running
	pid    int       // of one found running; 0: not known
	stdin  *os.File  // kept open: some programs end with their input
	out    *output
	done   chan struct{} // closed when the process has ended
	death  Death         // valid once done is closed

	scanner  scanner
	restless map[int]bool // threads that never rest, by number; noted after the start
}

// Start runs the recipe's program in dir and returns when it listens on port. The
// error is a [*StartError] when the program is to blame, or cannot be judged.
func (r Recipe) Start(ctx context.Context, kernel *Kernel, scale float64, dir string, port, limit int) (*Program, error) {
	words := r.Command(port, limit)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	cmd.Env = environment(dir)
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = killBound
	// A pipe that stays open: a program that reads its input waits, as at a terminal.
	stdinRead, stdin, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	defer stdinRead.Close()
	cmd.Stdin = stdinRead
	out := &output{}
	cmd.Stdout, cmd.Stderr = out.stdout(), out.stderr()
	if err := cmd.Start(); err != nil {
		stdin.Close()
		return nil, &StartError{Recipe: r, Why: startFailure(err), Err: err}
	}
	p := &Program{
		Port: port, Dir: dir, kernel: kernel, cmd: cmd, stdin: stdin, out: out, done: make(chan struct{}),
		restless: map[int]bool{},
	}
	go p.reap()
	if err = p.awaitListening(ctx, r, scale); err == nil {
		err = p.acquaint(ctx, scale)
	}
	if err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func (p *Program) reap() {
	_ = p.cmd.Wait() // how it ended is in ProcessState
	p.death = deathOf(p.cmd.ProcessState)
	close(p.done)
}

// environment is all that a program is told of the machine: where commands are, a
// home of its own, and plain English messages.
func environment(dir string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "TERM=dumb"}
}

// awaitListening asks the kernel, never the program: a connection made to find out
// would use up a place, and kill a server that does not expect it.
func (p *Program) awaitListening(ctx context.Context, r Recipe, scale float64) error {
	bound := time.NewTimer(time.Duration(float64(StartBound) * scale))
	defer bound.Stop()
	w := newWait(p, scale, nil)
	for pause := 100 * time.Microsecond; ; pause = min(pause*3/2, 2*time.Millisecond) {
		if listening, err := p.kernel.Listening(p.Port); err != nil {
			return fmt.Errorf("target: looking for port %d: %w", p.Port, err)
		} else if listening {
			return nil
		}
		if pause >= 2*time.Millisecond && w.quiet() {
			if listening, err := p.kernel.Listening(p.Port); err == nil && listening {
				return nil
			}
			return &StartError{Recipe: r, Why: "it waits (" + p.Doing() + ") and does not listen on the port that it was given", Tail: p.Tail()}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.done:
			return &StartError{Recipe: r, Why: "it ended before it listened: " + p.death.String(), Tail: p.Tail()}
		case <-bound.C:
			return &StartError{Recipe: r, Why: fmt.Sprintf("it did not listen within %v", StartBound), Tail: p.Tail()}
		case <-time.After(pause):
		}
	}
}

// A StartError says why a program never served anybody.
type StartError struct {
	Recipe Recipe
	Why    string
	Tail   []string // the last lines that it printed
	Err    error    // of exec; nil if it ran
}

// missing is what the dynamic loader says of a library that is not there (ld.so(8)).
var missing = regexp.MustCompile(`error while loading shared libraries: ([^:]+):`)

func (e *StartError) Error() string {
	for _, line := range e.Tail {
		if m := missing.FindStringSubmatch(line); m != nil {
			return fmt.Sprintf("%s: it needs the library %s, which is not installed here", e.Recipe.Path, m[1])
		}
	}
	text := fmt.Sprintf("%s: %s", e.Recipe.Path, e.Why)
	if len(e.Tail) > 0 {
		text += fmt.Sprintf("; its last words: %q", e.Tail[len(e.Tail)-1])
	}
	return text
}

// Unwrap returns the error of exec, if there is one.
func (e *StartError) Unwrap() error { return e.Err }

func startFailure(err error) string {
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		return "it is no program for this machine"
	case errors.Is(err, os.ErrPermission):
		return "it may not be executed; try chmod +x"
	case errors.Is(err, os.ErrNotExist):
		return "it is not there, or the loader it names is not"
	}
	return "it could not be started"
}

// Done is closed when the process has ended.
func (p *Program) Done() <-chan struct{} { return p.done }

// Death tells how the process ended; false while it runs.
func (p *Program) Death() (Death, bool) {
	select {
	case <-p.done:
		return p.death, true
	default:
		return Death{}, false
	}
}

// Tail gives the last lines that the program printed on stderr, or if there are
// none, on stdout.
func (p *Program) Tail() []string {
	if p.out == nil {
		return nil
	}
	return p.out.tail()
}

// PID is the process's number; 0 if it is not known.
func (p *Program) PID() int {
	if p.cmd == nil {
		return p.pid
	}
	return p.cmd.Process.Pid
}

// Signal sends a signal, such as SIGINT, to the process and what it started, as a
// terminal does.
func (p *Program) Signal(name string) error {
	number, ok := signalNumber(name)
	if !ok {
		return fmt.Errorf("target: no signal %s on this system", name)
	}
	return syscall.Kill(-p.PID(), number)
}

// Stop ends the process and what it started, and waits until both are gone. One that
// was found running is left alone.
func (p *Program) Stop() {
	if p.cmd == nil {
		return
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL) // already gone is as good
	p.stdin.Close()
	<-p.done
	p.scanner.close()
}

// last keeps the last n lines of what is written.
func lastLines(text string, n int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-n):]
}
