package target

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/creack/pty"
)

// The size of the terminal: no menu of a client is higher, and no line of a list wider.
const (
	TerminalRows = 50
	TerminalCols = 200
)

// A Terminal is a [Program] at a terminal of its own, as a person would run it. The
// terminal echoes nothing, so that all that comes is the program's. [Terminal.Type]
// presses keys and [Terminal.Idle] tells what the program then waits for.
type Terminal struct {
	*Program
	keys  *os.File // the person's end
	name  string   // of the program's end, a file
	fence *fence

	mu      sync.Mutex
	eyes    scanner       // apart from that of Program, for those who look meanwhile
	pending map[int]int64 // who waited for the line just typed, and how often it had run
	typed   time.Time     // when that was; zero: it has been read
}

// StartTerminal runs the recipe's program in dir, at a terminal, and waits for nothing.
// The arguments are taken as they are. What it prints goes to out, in order, from
// another goroutine. The error is a [*StartError] when the program can't be started.
func (r Recipe) StartTerminal(kernel *Kernel, dir string, out io.Writer) (*Terminal, error) {
	keys, theirs, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("target: a terminal: %w", err)
	}
	defer theirs.Close()
	err = pty.Setsize(keys, &pty.Winsize{Rows: TerminalRows, Cols: TerminalCols})
	if err == nil {
		err = echoOff(theirs)
	}
	if err != nil {
		keys.Close()
		return nil, fmt.Errorf("target: a terminal: %w", err)
	}
	words := slices.Concat(r.Wrap, []string{r.Path}, r.Args)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = dir
	cmd.Env = append(r.environment(dir, 0, 0), "TERM=xterm")
	cmd.Env = append(cmd.Env, r.Env...) // of two, the later one counts
	cmd.SysProcAttr = terminalAttributes()
	tail := &output{}
	t := &Terminal{keys: keys, name: theirs.Name(), fence: newFence(io.MultiWriter(tail.stdout(), out))}
	c, err := kernel.space.startAt(cmd, theirs, keys, t.fence)
	if err != nil {
		keys.Close()
		return nil, &StartError{Recipe: r, Why: startFailure(err), Err: err}
	}
	t.Program = &Program{
		Dir: dir, kernel: kernel, cell: c, closed: true, out: tail, done: make(chan struct{}),
		restless: map[int]bool{}, polls: map[int]bool{},
	}
	go t.reap()
	return t, nil
}

// startAt starts the command at a terminal, whose other end is read to its end.
func (n *Namespace) startAt(cmd *exec.Cmd, theirs, ours *os.File, out io.Writer) (*cell, error) {
	c := &cell{ended: make(chan Death, 1), gone: make(chan struct{}), finished: make(chan struct{})}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	c.pipes = []*os.File{ours}
	var err error
	if n == nil {
		err = startPlain(cmd, c)
	} else {
		c.limits = n.limits
		err = n.run(cmd, c)
	}
	if err != nil {
		return nil, err
	}
	c.drain([]io.Writer{out})
	if n != nil {
		go c.watch(cmd.Dir)
	}
	return c, nil
}

// typeBound is how long the terminal may take the keys; it is full when a program has
// not read some thousand of them.
const typeBound = time.Second

// Type presses keys: "\r" is Enter, "\x04" Ctrl-D. The program may wait for them or not.
// The error is [os.ErrProcessDone] if it has ended.
func (t *Terminal) Type(keys string) error {
	t.mark()
	_ = t.keys.SetWriteDeadline(time.Now().Add(typeBound)) // without one it would wait for ever
	_, err := io.WriteString(t.keys, keys)
	if errors.Is(err, os.ErrClosed) {
		err = os.ErrProcessDone
	}
	if err != nil {
		return fmt.Errorf("target: typing: %w", err)
	}
	return nil
}

// Stop ends the program and what it started, and waits until both are gone.
func (t *Terminal) Stop() {
	t.Program.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.eyes.close()
}
