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
	"strings"
	"time"
)

// Bounds on what a program may take; all but the first end the wait early when
// the kernel shows that nothing will come.
const (
	StartBound = 10 * time.Second // from exec to listening
	killBound  = 2 * time.Second  // from its end to the end of its output
)

// A Program is one process that serves: started from a recipe, or found running.
type Program struct {
	Port int
	Dir  string // its working directory; it is the owner's to remove

	kernel *Kernel
	cell   *cell    // nil: it was found running
	pid    int      // of one found running; 0: not known
	stdin  *os.File // kept open: some programs end with their input
	closed bool     // its input is
	heard  [2]int   // how much it had printed when a line was last typed
	out    *output
	done   chan struct{} // closed when the process has ended
	death  Death         // valid once done is closed

	scanner  scanner
	restless map[int]bool // threads that never rest, by number; noted after the start
	polls    map[int]bool // threads that look around again and again, noted then too
}

// Start runs the recipe's program in dir and returns when it listens on port. The
// error is a [*StartError] when the program is to blame, or cannot be judged.
func (r Recipe) Start(ctx context.Context, kernel *Kernel, scale float64, dir string, port, limit int) (*Program, error) {
	if taken, err := kernel.Listening(port); r.Port != 0 && err == nil && taken {
		return nil, &StartError{Recipe: r, Why: fmt.Sprintf("port %d is taken by another program; end that first", port)}
	}
	p, err := r.launch(kernel, dir, port, limit)
	if err != nil {
		return nil, err
	}
	at, err := p.comeUp(ctx, r, scale, []int{port}, &sheet{filled(r.Stdin, port, limit)})
	if err == nil && at != port {
		err = &StartError{Recipe: r, Why: fmt.Sprintf("it listens on port %d, and not on %d", at, port), Tail: p.Tail()}
	}
	if err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// launch starts the process, and waits for nothing.
func (r Recipe) launch(kernel *Kernel, dir string, port, limit int) (*Program, error) {
	words := r.Command(port, limit)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	cmd.Env = r.environment(dir, port, limit)
	// A pipe that stays open: a program that reads its input waits, as at a terminal.
	stdinRead, stdin, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	defer stdinRead.Close()
	cmd.Stdin = stdinRead
	out := &output{}
	cmd.Stdout, cmd.Stderr = out.stdout(), out.stderr()
	cell, err := kernel.space.start(cmd)
	if err != nil {
		stdin.Close()
		return nil, &StartError{Recipe: r, Why: startFailure(err), Err: err}
	}
	p := &Program{
		Port: port, Dir: dir, kernel: kernel, cell: cell, stdin: stdin, out: out, done: make(chan struct{}),
		restless: map[int]bool{}, polls: map[int]bool{},
	}
	go p.reap()
	return p, nil
}

func (p *Program) reap() {
	p.death = p.cell.wait()
	close(p.done)
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

// Printed gives what the program has printed, as far as it is remembered: the last
// bytes of stderr, then of stdout.
func (p *Program) Printed() string {
	if p.out == nil {
		return ""
	}
	return p.out.printed()
}

// PID is the process's number; 0 if it is not known.
func (p *Program) PID() int {
	if p.cell == nil {
		return p.pid
	}
	return p.cell.pid
}

// Signal sends a signal, such as SIGINT, to the process and what it started, as a
// terminal does.
func (p *Program) Signal(name string) error {
	number, ok := signalNumber(name)
	if !ok {
		return fmt.Errorf("target: no signal %s on this system", name)
	}
	if p.cell == nil {
		return errors.New("target: a program that was found running is not signalled")
	}
	return p.cell.signal(number)
}

// Stop ends the process and what it started, and waits until both are gone. One that
// was found running is left alone.
func (p *Program) Stop() {
	if p.cell == nil {
		return
	}
	p.cell.stop()
	p.closeStdin()
	<-p.done
	p.scanner.close()
}

// lastLines gives the last n lines of what is written.
func lastLines(text string, n int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-n):]
}
