package target

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A scanner looks at the threads of a process and of every process that it started.
// It keeps the files of /proc open, since a look is repeated many times: reading
// again costs a tenth of opening again.
//
// A quick look takes a thread that has not run since the last look to be where it was.
// It may have been woken, and wait for a processor: so to see that a program is quiet
// needs a thorough look after it, in which every thread is off the processor and none
// has run since. What is off the processor then was so all the time in between. A
// thread that has run during a look has moved, wherever it was seen.
type scanner struct {
	processes []*process
	restless  map[int]bool // threads that are awake by nature
}

type process struct {
	pid   int
	links uint64 // of its task directory: one for each thread, and two
	tasks []*task
	still bool // no thread has run between the last two looks
	known bool // what it has started is, since when no thread has run
}

type task struct {
	id                          int
	syscall, schedstat, kinfolk int    // open files
	last                        thread // as it was seen last
	over                        bool   // it had ended
}

// scan returns what every thread does now. The error is errHidden, or nil. While a
// process is at work it does not matter what else it has started.
func (s *scanner) scan(pid int) ([]thread, error) { return s.look(pid, false) }

// glance is scan by a quick look.
func (s *scanner) glance(pid int) ([]thread, error) { return s.look(pid, true) }

func (s *scanner) look(pid int, quick bool) ([]thread, error) {
	if pid == 0 {
		return nil, errHidden
	}
	if len(s.processes) == 0 {
		s.processes = []*process{{pid: pid}}
	}
	var all []thread
	known := map[int]bool{}
	for i := 0; i < len(s.processes); i++ {
		p := s.processes[i]
		known[p.pid] = true
		threads, err := p.scan(quick)
		if errors.Is(err, os.ErrPermission) {
			return nil, errHidden
		}
		if err != nil { // it has ended
			p.close()
			s.processes = append(s.processes[:i], s.processes[i+1:]...)
			i--
			continue
		}
		all = append(all, threads...)
		if p.known = p.known && p.still; p.known || !s.rests(threads) {
			continue
		}
		p.known = true
		for _, child := range p.started() {
			if !known[child] && !s.has(child) {
				s.processes = append(s.processes, &process{pid: child})
			}
		}
	}
	return all, nil
}

func (s *scanner) rests(threads []thread) bool {
	return !slices.ContainsFunc(threads, func(t thread) bool {
		r, _ := t.rest()
		return r == awake && !s.restless[t.id]
	})
}

func (s *scanner) has(pid int) bool {
	for _, p := range s.processes {
		if p.pid == pid {
			return true
		}
	}
	return false
}

func (s *scanner) close() {
	for _, p := range s.processes {
		p.close()
	}
	s.processes = nil
}

func (p *process) close() {
	for _, t := range p.tasks {
		for _, fd := range []int{t.syscall, t.schedstat, t.kinfolk} {
			_ = unix.Close(fd)
		}
	}
	p.tasks, p.links, p.known = nil, 0, false
}

// scan reads every thread of the process. If the threads are not those of the last
// time, it opens them afresh.
func (p *process) scan(quick bool) (threads []thread, err error) {
	for range 10 { // a program that starts threads all the time is not at rest anyway
		if err := p.open(); err != nil {
			return nil, err
		}
		threads, err = p.read(quick)
		if !errors.Is(err, unix.ESRCH) {
			return threads, err
		}
		p.close()
	}
	return threads, nil
}

func (p *process) open() error {
	dir := fmt.Sprintf("/proc/%d/task", p.pid)
	var info unix.Stat_t
	if err := unix.Stat(dir, &info); err != nil {
		return err
	}
	links := uint64(info.Nlink) //nolint:unconvert // narrower on other architectures
	if links == p.links {
		return nil
	}
	p.close()
	names, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	p.links = links
	for _, name := range names {
		t, err := openTask(filepath.Join(dir, name.Name()))
		switch {
		case errors.Is(err, os.ErrNotExist):
			p.links = 0 // it has ended meanwhile; look again
		case err != nil:
			return err
		default:
			p.tasks = append(p.tasks, t)
		}
	}
	return nil
}

func openTask(dir string) (t *task, err error) {
	t = &task{syscall: -1, schedstat: -1, kinfolk: -1, last: thread{moved: true}}
	if t.id, err = strconv.Atoi(filepath.Base(dir)); err != nil {
		return nil, err
	}
	files := []struct {
		name string
		fd   *int
	}{{"children", &t.kinfolk}, {"schedstat", &t.schedstat}, {"syscall", &t.syscall}}
	for _, f := range files {
		*f.fd, err = unix.Open(filepath.Join(dir, f.name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil && f.fd != &t.kinfolk { // which not every kernel has
			for _, open := range files {
				_ = unix.Close(*open.fd) // -1 is no descriptor, and is refused
			}
			return nil, err
		}
	}
	return t, nil
}

func (p *process) read(quick bool) (threads []thread, err error) {
	p.still = true
	for _, task := range p.tasks {
		before := task.last.slices
		if quick {
			err = task.glance()
		} else {
			err = task.look()
		}
		if err != nil {
			return nil, err
		}
		p.still = p.still && task.last.slices == before
		if !task.over {
			task.last.pid, task.last.id = p.pid, task.id
			threads = append(threads, task.last)
		}
	}
	return threads, nil
}

// glance is look, unless the thread has not run since it was last seen.
func (t *task) glance() error {
	before := t.last.slices
	if err := t.count(); err != nil || !t.last.moved && !t.last.running && t.last.slices == before {
		return err
	}
	return t.look()
}

// look sees where the thread is, and whether it has run since it was last counted.
func (t *task) look() error {
	var buf [512]byte
	n, err := unix.Pread(t.syscall, buf[:], 0)
	if err != nil {
		return err
	}
	seen, before := parseSyscall(buf[:n]), t.last.slices
	t.last.running, t.last.call, t.last.args, t.over = seen.running, seen.call, seen.args, isOver(buf[:n])
	err = t.count()
	t.last.moved = t.last.slices != before
	return err
}

// count sees how often the thread has run, and how long.
func (t *task) count() error {
	var buf [64]byte
	n, err := unix.Pread(t.schedstat, buf[:], 0)
	if fields := bytes.Fields(buf[:max(n, 0)]); len(fields) == 3 {
		t.last.cpu, t.last.slices = time.Duration(integer(fields[0])), integer(fields[2])
	}
	return err
}

// started gives the processes that the process has started and that are still there.
func (p *process) started() (children []int) {
	var buf [512]byte
	for _, task := range p.tasks {
		n, err := unix.Pread(task.kinfolk, buf[:], 0)
		if err != nil {
			continue // it has just ended
		}
		for field := range bytes.FieldsSeq(buf[:n]) {
			children = append(children, int(integer(field)))
		}
	}
	return children
}

// isOver reports whether the thread has ended, though it is still there: a process that
// nobody has waited for, or a main that left by pthread_exit(3). It has no stack.
func isOver(line []byte) bool { return bytes.Equal(bytes.TrimSpace(line), []byte("-1 0x0 0x0")) }

// parseSyscall reads /proc/PID/task/TID/syscall (proc(5)): the number, six
// arguments, the stack pointer and the program counter; or "running"; or -1, which
// is blocked outside of a system call.
func parseSyscall(line []byte) (t thread) {
	i := 0
	for field := range bytes.FieldsSeq(line) {
		text := string(field)
		switch {
		case i == 0 && (text == "running" || text[0] == '-'):
			t.running = true
			return t
		case i == 0:
			t.call, _ = strconv.ParseUint(text, 10, 64)
		case i <= len(t.args):
			t.args[i-1], _ = strconv.ParseUint(text, 0, 64)
		}
		i++
	}
	return t
}

func integer(field []byte) (n int64) {
	for _, c := range field {
		n = n*10 + int64(c-'0')
	}
	return n
}
