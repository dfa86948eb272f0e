package target

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// terminalAttributes of a started process: a session of its own with the terminal that
// is its standard input, and the end that attributes has.
func terminalAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
}

// echoOff makes the terminal show only what the program prints.
func echoOff(terminal *os.File) error {
	settings, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	settings.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(int(terminal.Fd()), unix.TCSETS, settings)
}

// there opens the program's end of the terminal for a moment.
func (t *Terminal) there(use func(fd int) error) error {
	fd, err := unix.Open(t.name, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("target: the program's end of the terminal: %w", err)
	}
	defer unix.Close(fd)
	return use(fd)
}

// writeThere writes at the program's end of the terminal.
func (t *Terminal) writeThere(text []byte) error {
	return t.there(func(fd int) error {
		n, err := unix.Write(fd, text)
		if err == nil && n < len(text) {
			err = unix.EAGAIN
		}
		return err
	})
}

// waiting is how much of what was typed the program has not read.
func (t *Terminal) waiting() (n int, err error) {
	err = t.there(func(fd int) error {
		n, err = unix.IoctlGetInt(fd, unix.TIOCINQ)
		return err
	})
	return n, err
}

// mark notes who waits for the line that is about to be typed.
func (t *Terminal) mark() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.typed, t.pending = time.Now(), map[int]int64{}
	threads, err := t.eyes.scan(t.PID())
	if err != nil {
		return
	}
	for _, thread := range threads {
		if terminal, _ := t.waitsFor(thread); terminal {
			t.pending[thread.id] = thread.slices
		}
	}
}

// blindRead is how long a line that nobody waited for is given to come to the program's
// end of the terminal, where it is then seen to lie unread, or not.
const blindRead = 50 * time.Millisecond

// unread reports whether the line that was typed is still to be read. A line that is on
// its way through the kernel lies nowhere: that the thread which waited for it has run
// tells that it has come.
func (t *Terminal) unread(slices map[int]int64) bool {
	if t.typed.IsZero() {
		return false
	}
	ran := len(t.pending) == 0 && time.Since(t.typed) > blindRead
	for id, before := range t.pending {
		now, there := slices[id]
		ran = ran || !there || now != before
	}
	if !ran {
		return true
	}
	if n, err := t.waiting(); err == nil && n > 0 {
		return true
	}
	t.typed = time.Time{}
	return false
}

// look sees what the program does now.
func (t *Terminal) look() look {
	t.mu.Lock()
	defer t.mu.Unlock()
	threads, err := t.eyes.scan(t.PID())
	if err != nil || len(threads) == 0 {
		return look{hidden: err != nil}
	}
	l := look{rests: true, slices: make(map[int]int64, len(threads))}
	wants, runs, sleeps := false, false, false
	for _, thread := range threads {
		l.slices[thread.id] = thread.slices
		terminal, sockets := t.waitsFor(thread)
		l.sockets = append(l.sockets, sockets...)
		kind, _ := thread.rest()
		switch {
		case terminal:
			wants = true
		case thread.sleeps():
			sleeps = true
		case kind == awake:
			runs, l.rests = true, false
		}
	}
	l.unread = t.unread(l.slices)
	switch {
	case wants && !l.unread:
		l.doing = WantsLine
	case runs:
		l.doing = Computes
	case !sleeps && len(l.sockets) > 0:
		l.doing = WaitsPeer
	default:
		l.doing = Sleeps
	}
	if runs {
		l.user, l.system = t.processorTime(threads)
	}
	return l
}

// waitsFor tells whether a thread that is parked waits for the terminal, perhaps among
// others, and the inodes of the sockets that it waits for.
func (t *Terminal) waitsFor(thread thread) (terminal bool, sockets []uint64) {
	for _, fd := range thread.waitsOn() {
		var info unix.Stat_t
		if unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", thread.pid, fd), &info) != nil {
			continue
		}
		switch info.Mode & unix.S_IFMT {
		case unix.S_IFCHR:
			terminal = terminal || t.is(uint64(info.Rdev)) //nolint:unconvert // narrower on other architectures
		case unix.S_IFSOCK:
			sockets = append(sockets, info.Ino)
		}
	}
	return terminal, sockets
}

// is reports whether a device is the terminal, by its own name or as /dev/tty.
func (t *Terminal) is(device uint64) bool {
	var info unix.Stat_t
	own := unix.Stat(t.name, &info) == nil && uint64(info.Rdev) == device //nolint:unconvert // as above
	return own || device == unix.Mkdev(5, 0)
}

// waitsOn gives the descriptors that the thread, parked, waits to read from.
func (t thread) waitsOn() []int {
	if t.running {
		return nil
	}
	name := callNames[t.call]
	if name == "" {
		name = oldCallNames[t.call]
	}
	switch name {
	case "read()", "recv()", "recvmsg()", "accept()":
		return []int{int(t.args[0])}
	case "poll()":
		return t.polled()
	case "select()":
		return t.selected()
	case "epoll_wait()":
		return t.epolled()
	}
	if t.call == unix.SYS_READV || t.call == unix.SYS_CONNECT {
		return []int{int(t.args[0])}
	}
	return nil
}

// most descriptors that are looked at: those of a program with no more clients than fit.
const manyWatched = 1024

// polled reads the array of poll(2) in the program's memory.
func (t thread) polled() (fds []int) {
	const size = 8 // struct pollfd: int fd; short events, revents
	raw := t.memory(t.args[0], int(min(t.args[1], manyWatched))*size)
	for ; len(raw) >= size; raw = raw[size:] {
		if binary.NativeEndian.Uint16(raw[4:])&unix.POLLIN != 0 {
			fds = append(fds, int(int32(binary.NativeEndian.Uint32(raw))))
		}
	}
	return fds
}

// selected reads the set of select(2) in the program's memory.
func (t thread) selected() (fds []int) {
	n := int(min(t.args[0], manyWatched))
	if t.args[1] == 0 {
		return nil
	}
	raw := t.memory(t.args[1], (n+63)/64*8)
	for fd := range n {
		if word := fd / 64 * 8; word+8 <= len(raw) && binary.NativeEndian.Uint64(raw[word:])>>(fd%64)&1 != 0 {
			fds = append(fds, fd)
		}
	}
	return fds
}

// epolled reads what an epoll(7) descriptor watches (proc_pid_fdinfo(5)).
func (t thread) epolled() (fds []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", t.pid, int(t.args[0])))
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == "tfd:" {
			if fd, err := strconv.Atoi(string(fields[1])); err == nil {
				fds = append(fds, fd)
			}
		}
	}
	return fds
}

// memory reads the program's memory; empty if it can't be.
func (t thread) memory(address uint64, n int) []byte {
	if n == 0 {
		return nil
	}
	raw := make([]byte, n)
	local := []unix.Iovec{{Base: &raw[0], Len: uint64(n)}}
	remote := []unix.RemoteIovec{{Base: uintptr(address), Len: n}}
	got, err := unix.ProcessVMReadv(t.pid, local, remote, 0)
	if err != nil {
		return nil
	}
	return raw[:got]
}

// processorTime is what the processes have used, in hundredths of a second.
func (t *Terminal) processorTime(threads []thread) (user, system time.Duration) {
	pids := map[int]bool{}
	for _, thread := range threads {
		pids[thread.pid] = true
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux
	for _, pid := range slices.Sorted(maps.Keys(pids)) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:]) // the name may have anything in it
		if len(fields) > 12 {
			user += time.Duration(integer(fields[11])) * tick
			system += time.Duration(integer(fields[12])) * tick
		}
	}
	return user, system
}

// Reads reports whether the program waits, at this moment, to read from the connection,
// perhaps among others. The link is the other end of it.
func (t *Terminal) Reads(link Link) (bool, error) {
	mine, its := link.Ends()
	inode, err := t.kernel.inode(its, mine)
	if err != nil || inode == 0 {
		return false, err
	}
	return slices.Contains(t.look().sockets, inode), nil
}
