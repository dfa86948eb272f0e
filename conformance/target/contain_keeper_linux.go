package target

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// What this executable is called when it is started again as a keeper, and as the
// first process of a process namespace.
const (
	keeperName = "paycheck-keeper"
	initName   = "paycheck-init"
)

// ordersFD is the descriptor by which the orders come.
const ordersFD = 3

// Whoever runs this suite has a keeper in the same executable, before its own main.
func init() {
	if len(os.Args) == 0 {
		return
	}
	switch os.Args[0] {
	case keeperName:
		os.Exit(runKeeper())
	case initName:
		os.Exit(0) // it was never to run; with it the namespace ends
	}
}

// A keeper starts and ends programs for the suite, and ends with it.
type keeper struct {
	opening
	means
	spare *first // for the next program

	mu    sync.Mutex
	cells map[int]*kept
	all   sync.WaitGroup
}

// A first is the first process of a process namespace: without it there is none, and
// with it all others there end. A program can't be it, since the first process does
// not die of the signals that others die of. It has nothing to do but to be there: it
// is this executable, stopped before its first instruction by being traced.
type first struct {
	pid, fd int // its number, and a descriptor of it (pidfd_open(2))
}

// A kept is one process and all that it has started.
type kept struct {
	launch
	pid   int
	first *first // nil: it has no namespace
}

func runKeeper() int {
	runtime.LockOSThread() // the tracer of the firsts has to be one thread
	// No program gets the line, nor what whoever started the suite has left open.
	if unix.CloseRange(ordersFD, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		unix.CloseOnExec(ordersFD)
	}
	k, line := &keeper{cells: map[int]*kept{}}, newLine(ordersFD)
	for {
		var o order
		fds, err := line.receive(&o)
		if err != nil {
			break // the suite has gone, or is done
		}
		var a reply
		switch {
		case o.Open != nil:
			a = k.open(*o.Open)
		case o.Start != nil:
			a = k.start(*o.Start, fds)
		default:
			a.Errno = syscall.Errno(number(k.signal(o.To, o.Signal)))
		}
		if line.send(a) != nil {
			break
		}
		if k.spare == nil && k.Processes {
			k.spare, _ = newFirst() // if there is none, the next start tries again, and says so
		}
	}
	for _, pid := range k.pids() {
		_ = k.signal(pid, unix.SIGKILL) // one that has just ended is as good
	}
	k.all.Wait()
	return 0
}

// open makes the keeper what its programs are to inherit.
func (k *keeper) open(o opening) reply {
	k.opening = o
	if o.Files {
		if err := o.mount(); err != nil {
			return reply{Error: err.Error()}
		}
	}
	for _, user := range o.Users {
		err := mayBe(user)
		if k.Whys[1] = number(err); err == nil {
			k.User = user
			break
		}
	}
	if err := k.limit(); err != nil {
		return reply{Error: "limits", Errno: syscall.Errno(number(err))}
	}
	// What loses its parent becomes a child of the keeper, if there is no namespace.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return reply{Error: "orphans", Errno: syscall.Errno(number(err))}
	}
	err := error(unix.EPERM)
	if o.Apart {
		k.spare, err = newFirst()
	}
	k.Processes, k.Whys[0] = err == nil, number(err)
	return reply{means: k.means}
}

// number is the error number within an error.
func number(err error) int {
	if n := syscall.Errno(0); errors.As(err, &n) {
		return int(n)
	}
	if err != nil {
		return int(unix.EINVAL)
	}
	return 0
}

// mayBe tries to become a user, on a thread that ends with it.
func mayBe(user int) error {
	return onThread(func() error {
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(user), uintptr(user), uintptr(user)); errno != 0 {
			return errno
		}
		return nil
	})
}

// onThread runs f on a thread of its own, which ends with all that f made of it.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

func newFirst() (*first, error) {
	f := &first{}
	pid, err := syscall.ForkExec("/proc/self/exe", []string{initName}, &syscall.ProcAttr{
		Env: []string{}, Sys: &syscall.SysProcAttr{Ptrace: true, Cloneflags: unix.CLONE_NEWPID, PidFD: &f.fd},
	})
	if err != nil {
		return nil, err
	}
	f.pid = pid
	err = uninterrupted(func() error { _, err := unix.Wait4(pid, nil, 0, nil); return err }) // until it stops
	if err == nil {
		err = syscall.PtraceSetOptions(pid, unix.PTRACE_O_EXITKILL)
	}
	if err == nil && f.fd < 0 {
		err = unix.ENOSYS
	}
	if err != nil {
		f.end()
		return nil, err
	}
	return f, nil
}

// end ends the namespace, and waits until nothing is left in it.
func (f *first) end() {
	_ = unix.Kill(f.pid, unix.SIGKILL)
	var status unix.WaitStatus
	for !status.Signaled() && !status.Exited() {
		if uninterrupted(func() error { _, err := unix.Wait4(f.pid, &status, 0, nil); return err }) != nil {
			break
		}
	}
	_ = unix.Close(f.fd)
}

// start starts a process. The files are its end's pipe and its three streams.
func (k *keeper) start(l launch, fds []int) reply {
	defer func() {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}()
	if len(fds) != 4 {
		return reply{Errno: unix.EBADF}
	}
	c := &kept{launch: l}
	if k.Processes {
		if k.spare == nil {
			var err error
			if k.spare, err = newFirst(); err != nil {
				return reply{Error: "a process namespace", Errno: syscall.Errno(number(err))}
			}
		}
		c.first, k.spare = k.spare, nil
	}
	k.mu.Lock() // until it is known, so that nobody takes it for a stray
	defer k.mu.Unlock()
	err := onThread(func() error { return c.run(fds[1:]) })
	if err != nil {
		if c.first != nil {
			k.spare = c.first
		}
		return reply{Errno: syscall.Errno(number(err))}
	}
	tell, err := unix.FcntlInt(uintptr(fds[0]), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		tell = -1
	}
	k.cells[c.pid] = c
	k.all.Go(func() { k.await(c, tell) })
	a := reply{PID: c.pid}
	if c.first != nil {
		a.Init = c.first.pid
	}
	_ = k.hurry(c.pid)
	return a
}

// run starts the process from a thread that joins the namespace, and gives up what
// the keeper may do and a program may not.
func (c *kept) run(streams []int) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return err
	}
	if c.first != nil {
		if err := unix.Setns(c.first.fd, unix.CLONE_NEWPID); err != nil {
			return err
		}
	}
	sys := &syscall.SysProcAttr{Setsid: true, Setctty: c.Terminal}
	if c.User != 0 {
		sys.Credential = &syscall.Credential{Uid: uint32(c.User), Gid: uint32(c.User)}
	}
	var files []uintptr
	for _, fd := range streams {
		files = append(files, uintptr(fd))
	}
	var err error
	c.pid, err = syscall.ForkExec(c.Path, c.Words, &syscall.ProcAttr{Dir: c.Dir, Env: c.Env, Files: files, Sys: sys})
	return err
}

// await waits for the end of the process, which ends all that it has started, tells
// how it came, and says by closing the pipe that nothing is left.
func (k *keeper) await(c *kept, tell int) {
	awaitEnd(c.pid)
	k.mu.Lock() // until it is waited for, its number is its own
	var status unix.WaitStatus
	if c.first == nil {
		_ = unix.Kill(-c.pid, unix.SIGKILL)
	}
	_ = uninterrupted(func() error { _, err := unix.Wait4(c.pid, &status, 0, nil); return err })
	delete(k.cells, c.pid)
	k.mu.Unlock()
	_, _ = unix.Write(tell, binary.NativeEndian.AppendUint32(nil, uint32(status)))
	if c.first != nil {
		c.first.end()
	} else {
		k.hunt(c)
	}
	_ = unix.Close(tell)
}

// signal sends a signal to the group of a process, or ends all that it has started.
func (k *keeper) signal(pid int, number syscall.Signal) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.cells[pid]
	switch {
	case !ok: // its number may be another's by now
		return unix.ESRCH
	case c.first != nil && number == unix.SIGKILL:
		return unix.Kill(c.first.pid, number)
	}
	return unix.Kill(-c.pid, number)
}

func (k *keeper) pids() (pids []int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for pid := range k.cells {
		pids = append(pids, pid)
	}
	return pids
}
