package target

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A box is the suite's end of a keeper, the process in which the namespaces are and
// which starts the programs: a program cannot be put into a user namespace by a
// process with several threads, as every Go program is, unless that is in it already.
// The keeper is this same executable, started again once in a run.
type box struct {
	mu     sync.Mutex // one order at a time
	keeper *exec.Cmd  // nil: there is none, and programs run beside the suite
	words  output
	line   *line // to it
	means  means
	first  int               // the first of the users that programs run as; 0: they run as the suite does
	moved  map[string]string // copies of files that those users can't come to
}

// Contain makes the namespace of a run. The programs' directories will be in root;
// words are the command that starts them, so that what they name stays in sight. The
// error is that of a file that can't be copied.
func Contain(kernel *Kernel, root string, limits Limits, words []string) (*Namespace, error) {
	n := &Namespace{root: root, limits: limits}
	kernel.space = n
	o := opening{Root: root, Shown: shown(words), Limits: limits, Apart: true, Files: true}
	if os.Geteuid() == 0 {
		if why := n.openRoot(); why != nil {
			n.lacks("a program runs as root, too", why)
		} else {
			o.Users = []int{highUsers + os.Getpid()%10_000*users, lowUsers + os.Getpid()%4*users}
		}
	} else {
		n.lacks("a program runs as you", errors.New("only root can give it a user of its own"))
	}
	err := n.open(o)
	if err != nil {
		n.lacks("a program may write wherever its user may", err)
		o.Files = false
		if err = n.open(o); err != nil {
			o.Apart = false
			err = n.open(o)
		}
	}
	switch {
	case err != nil:
		n.lacks("a program is not limited in what it takes, and what it leaves running may stay", err)
	case !n.means.Processes:
		n.lacks("a program sees the processes of this machine, and what it leaves running is looked for and ended one by one", n.means.whyProcesses())
	}
	switch {
	case err == nil && len(o.Users) > 0 && n.first == 0:
		n.lacks("a program runs as root, too", n.means.whyUsers())
	case n.first != 0:
		return n, n.admit(o.Shown)
	}
	return n, nil
}

// lacks notes what this machine does not allow, and what follows.
func (n *Namespace) lacks(what string, why error) {
	n.notes = append(n.notes, fmt.Sprintf("Not contained here: %s (%v).", what, why))
}

// shown are the paths that the words of a command name, or the values in them.
func shown(words []string) (paths []string) {
	for _, word := range words {
		if _, value, ok := strings.Cut(word, "="); ok {
			word = value
		}
		if path, err := exec.LookPath(word); err == nil && path != word {
			word = path
		}
		if _, err := os.Stat(word); err == nil && filepath.IsAbs(word) {
			paths = append(paths, word)
		}
	}
	return paths
}

// open starts a keeper. The error says what this machine does not allow.
func (n *Namespace) open(o opening) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	theirs := os.NewFile(uintptr(pair[1]), "keeper")
	defer theirs.Close()
	k := &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{keeperName}, Env: []string{"GOMAXPROCS=2"},
		ExtraFiles: []*os.File{theirs}, Stderr: n.words.stderr(), SysProcAttr: apart(o.Apart),
	}
	if err := k.Start(); err != nil {
		return errors.Join(cause(err), unix.Close(pair[0]))
	}
	n.keeper, n.line = k, newLine(pair[0])
	a, err := n.ask(order{Open: &o})
	if err != nil {
		return errors.Join(err, n.Close())
	}
	n.means, n.first = a.means, a.User
	return nil
}

// apart are the namespaces of the keeper: files and System V's semaphores and shared
// memory. Only root can make them without a user namespace, in which everybody may
// do what root may. A session of its own keeps it from a terminal's signals.
func apart(yes bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true}
	if !yes {
		return a
	}
	a.Cloneflags = unix.CLONE_NEWNS | unix.CLONE_NEWIPC
	if uid, gid := os.Geteuid(), os.Getegid(); uid != 0 {
		a.Cloneflags |= unix.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
		a.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SYS_PTRACE}
	}
	return a
}

// cause is the error number within an error, if there is one: "operation not
// permitted", without what was tried.
func cause(err error) error {
	if number := syscall.Errno(0); errors.As(err, &number) {
		return number
	}
	return err
}

// ask sends an order with open files, and returns the answer.
func (n *Namespace) ask(o order, files ...*os.File) (reply, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var a reply
	if err := n.line.send(o, files...); err != nil {
		return a, fmt.Errorf("target: the keeper: %w", err)
	}
	if _, err := n.line.receive(&a); err != nil {
		return a, fmt.Errorf("target: the keeper: %w; its last words: %q", err, n.words.tail())
	}
	return a, a.err()
}

// closeBound is how long the keeper may take to end all programs.
const closeBound = 10 * time.Second

// Close ends every process of the namespace.
func (n *Namespace) Close() error {
	if n.keeper == nil {
		return nil
	}
	n.mu.Lock()
	err := unix.Close(n.line.fd) // which it takes for the end
	n.line.fd = -1
	n.mu.Unlock()
	late := time.AfterFunc(closeBound, func() { _ = n.keeper.Process.Kill() })
	defer late.Stop()
	err = errors.Join(err, n.keeper.Wait())
	n.keeper = nil
	if err != nil {
		return fmt.Errorf("target: ending the keeper: %w", err)
	}
	return nil
}
