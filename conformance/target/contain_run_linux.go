package target

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// run starts the command in the namespace.
func (n *Namespace) run(cmd *exec.Cmd, c *cell) error {
	if n.keeper == nil {
		return startPlain(cmd, c)
	}
	user, err := n.house(cmd.Dir)
	if err != nil {
		return err
	}
	status, tell, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	defer tell.Close()
	files := []*os.File{tell}
	for _, stream := range []any{cmd.Stdin, cmd.Stdout, cmd.Stderr} {
		files = append(files, stream.(*os.File))
	}
	words := []string{cmd.Args[0]}
	for _, word := range cmd.Args[1:] {
		words = append(words, n.reached(word))
	}
	a, err := n.ask(order{Start: &launch{
		Path: n.reached(cmd.Path), Words: words, Env: cmd.Env, Dir: cmd.Dir, User: user,
		Terminal: cmd.SysProcAttr != nil && cmd.SysProcAttr.Setctty,
	}}, files...)
	if err != nil {
		status.Close()
		return err
	}
	c.pid = a.PID
	keeper := n.keeper.Process.Pid
	c.roots = func() []int {
		if a.Init != 0 {
			return []int{a.PID, a.Init}
		}
		return append(strays(keeper, user, cmd.Dir), a.PID)
	}
	c.signal = func(number syscall.Signal) error {
		_, err := n.ask(order{To: a.PID, Signal: number})
		if errors.Is(err, unix.ESRCH) {
			err = fmt.Errorf("target: a signal: %w", os.ErrProcessDone)
		}
		return err
	}
	go c.follow(status)
	return nil
}

// follow reads what the keeper tells of the process: how it has ended, and that
// nothing of it is left.
func (c *cell) follow(status *os.File) {
	defer close(c.gone)
	defer status.Close()
	var raw [4]byte
	if _, err := io.ReadFull(status, raw[:]); err != nil {
		c.ended <- Death{Exit: unknownExit}
		return
	}
	c.ended <- deathBy(syscall.WaitStatus(binary.NativeEndian.Uint32(raw[:])))
	_, _ = status.Read(raw[:]) // until it is closed
}
