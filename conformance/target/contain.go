package target

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Namespace is where programs under test run: what they may see of this machine's
// processes and files, whose they are, and what they may take. [Contain] makes one;
// what the machine does not allow is in its notes.
//
// The network is still the machine's own. A namespace with one of its own would make
// the sockets of the suite in it, those of its [Kernel] among them.
type Namespace struct {
	limits Limits
	root   string // the directories of the programs are made in it
	notes  []string
	box                 // how processes are kept apart here
	made   atomic.Int64 // processes so far
}

// Notes say what this machine does not let the suite keep a program from.
func (n *Namespace) Notes() []string { return n.notes }

// A cell is one process of a program and all that it starts.
type cell struct {
	pid    int
	roots  func() []int               // the processes whose descendants they are
	signal func(syscall.Signal) error // to the process and its group; SIGKILL to all
	ended  chan Death                 // gets one when the process has ended
	gone   chan struct{}              // closed when nothing of it is left

	limits   Limits
	over     atomic.Pointer[string] // the limit for which it was ended, in words
	drained  sync.WaitGroup         // its output
	pipes    []*os.File             // the suite's ends of it
	finished chan struct{}          // closed by stop
	once     sync.Once
}

// start runs the command, whose standard input has to be a file. Without a
// namespace it runs in a group of its own, and that is all.
func (n *Namespace) start(cmd *exec.Cmd) (*cell, error) {
	c := &cell{ended: make(chan Death, 1), gone: make(chan struct{}), finished: make(chan struct{})}
	writers := []io.Writer{cmd.Stdout, cmd.Stderr}
	given, err := c.pipe(&cmd.Stdout, &cmd.Stderr)
	defer func() { closeAll(given) }()
	switch {
	case err != nil:
	case n == nil:
		err = startPlain(cmd, c)
	default:
		c.limits = n.limits
		err = n.run(cmd, c)
	}
	if err != nil {
		closeAll(c.pipes)
		return nil, err
	}
	c.drain(writers)
	if n != nil {
		go c.watch(cmd.Dir)
	}
	return c, nil
}

// pipe puts a pipe in the place of each writer. The ends that it returns are for the
// program.
func (c *cell) pipe(writers ...*io.Writer) (given []*os.File, err error) {
	for _, w := range writers {
		out, in, err := os.Pipe()
		if err != nil {
			return given, fmt.Errorf("target: %w", err)
		}
		*w = in
		given, c.pipes = append(given, in), append(c.pipes, out)
	}
	return given, nil
}

// drain reads what comes through the pipes, and counts it.
func (c *cell) drain(writers []io.Writer) {
	var printed atomic.Int64
	for i, from := range c.pipes {
		c.drained.Go(func() {
			defer from.Close()
			chunk := make([]byte, 32<<10)
			for {
				k, err := from.Read(chunk)
				if most := c.limits.Output; printed.Add(int64(k)) > most && most > 0 {
					c.exceed(fmt.Sprintf("printed more than %s", size(most)))
				}
				if _, bad := writers[i].Write(chunk[:k]); err != nil || bad != nil {
					return
				}
			}
		})
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// startPlain runs the command beside the suite, as a child of it.
func startPlain(cmd *exec.Cmd, c *cell) error {
	if cmd.SysProcAttr == nil { // a terminal has others
		cmd.SysProcAttr = attributes()
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var mu sync.Mutex
	gone := false // the system may give its number to another process
	forget := func() { mu.Lock(); gone = true; mu.Unlock() }
	c.pid = cmd.Process.Pid
	c.roots = func() []int { return []int{c.pid} }
	c.signal = func(number syscall.Signal) error {
		mu.Lock()
		defer mu.Unlock()
		if gone {
			return fmt.Errorf("target: a signal: %w", os.ErrProcessDone)
		}
		return syscall.Kill(-c.pid, number)
	}
	// Its number, and that of its group, are its own until it is waited for, and not a
	// moment longer.
	go func() {
		if awaitEnd(c.pid) {
			c.kill()
			forget()
		}
		_ = cmd.Wait() // how it ended is in ProcessState
		forget()
		c.ended <- deathOf(cmd.ProcessState)
		close(c.gone)
	}()
	return nil
}

// kill ends all of it, and waits for nothing.
func (c *cell) kill() { _ = c.signal(syscall.SIGKILL) } // already gone is as good

// exceed ends the program for a limit, of which the first counts.
func (c *cell) exceed(limit string) {
	if c.over.CompareAndSwap(nil, &limit) {
		c.kill()
	}
}

// wait returns how the process has ended, once it has and all that it printed is read.
func (c *cell) wait() Death {
	death := <-c.ended
	if limit := c.over.Load(); limit != nil {
		death = Death{Exceeded: *limit}
	} else if limit := c.limits.signalled(death.Signal); limit != "" {
		death = Death{Exceeded: limit}
	}
	read := make(chan struct{})
	go func() { c.drained.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(killBound): // something that it has left behind holds the pipe
		closeAll(c.pipes)
	}
	return death
}

// stop ends all of it, and waits until it is gone.
func (c *cell) stop() {
	c.once.Do(func() { close(c.finished) })
	c.kill()
	<-c.gone
}

// Remove removes a program's directory with all that the program has made of it,
// such as directories that nobody may look into.
func Remove(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && err == nil {
			_ = os.Chmod(path, 0o700) //nolint:gosec // whoever removes it has to look into it
		}
		return nil
	})
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("target: the directory of the program: %w", err)
	}
	return nil
}
