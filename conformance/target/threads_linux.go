package target

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A thread is what one thread of the program is doing at this moment.
type thread struct {
	pid, id int
	running bool
	call    uint64    // the system call that it sits in
	args    [6]uint64 //
	slices  int64     // how often it was given a processor so far
	cpu     time.Duration
}

// threads lists those of the process and of every process that it started. The
// error says that this machine does not let the suite look.
func (p *Program) threads() ([]thread, error) {
	var all []thread
	pids := []int{p.PID()}
	for len(pids) > 0 {
		pid := pids[0]
		pids = pids[1:]
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			continue // it has ended meanwhile
		}
		for _, task := range tasks {
			dir := filepath.Join("/proc", strconv.Itoa(pid), "task", task.Name())
			t, err := readThread(dir)
			if os.IsPermission(err) {
				return nil, err
			}
			if err != nil {
				continue
			}
			t.pid = pid
			t.id, _ = strconv.Atoi(task.Name())
			all = append(all, t)
			children, _ := os.ReadFile(filepath.Join(dir, "children"))
			for field := range bytes.FieldsSeq(children) {
				if child, err := strconv.Atoi(string(field)); err == nil {
					pids = append(pids, child)
				}
			}
		}
	}
	return all, nil
}

func readThread(dir string) (thread, error) {
	var t thread
	line, err := os.ReadFile(filepath.Join(dir, "syscall"))
	if err != nil {
		return t, err
	}
	fields := bytes.Fields(line)
	if len(fields) < 8 { // "running", or "-1" with two numbers: not in a system call
		t.running = true
	} else {
		t.call, _ = strconv.ParseUint(string(fields[0]), 10, 64)
		for i := range t.args {
			t.args[i], _ = strconv.ParseUint(string(fields[i+1]), 0, 64)
		}
	}
	stat, err := os.ReadFile(filepath.Join(dir, "schedstat"))
	if err != nil {
		return t, err
	}
	if fields := bytes.Fields(stat); len(fields) == 3 {
		nanoseconds, _ := strconv.ParseInt(string(fields[0]), 10, 64)
		t.cpu = time.Duration(nanoseconds)
		t.slices, _ = strconv.ParseInt(string(fields[2]), 10, 64)
	}
	return t, nil
}

// A rest is how a thread waits.
type rest int

const (
	awake   rest = iota // it computes, writes to disk, or sleeps for a time: it may still act
	forever             // it waits for something to happen, however long
	timed               // it waits for something, or for a time to pass
)

// long is from where a timeout counts as none: no bound of protocol.md is longer,
// and a Go program's watcher thread wakes once a minute.
const long = 5 * time.Second

// rest tells how the thread waits, from the system call and its arguments.
func (t thread) rest() rest {
	if t.running {
		return awake
	}
	switch t.call {
	case unix.SYS_READ, unix.SYS_READV, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_WAIT4, unix.SYS_WAITID, unix.SYS_RT_SIGSUSPEND, unix.SYS_FLOCK:
		return forever
	case unix.SYS_FUTEX:
		return t.withFutex()
	case unix.SYS_PPOLL:
		return t.withTimespec(t.args[2])
	case unix.SYS_PSELECT6:
		return t.withTimespec(t.args[4])
	case unix.SYS_EPOLL_PWAIT2:
		return t.withTimespec(t.args[3])
	case unix.SYS_RT_SIGTIMEDWAIT:
		return t.withTimespec(t.args[2])
	case unix.SYS_EPOLL_PWAIT:
		return withMilliseconds(t.args[3])
	}
	return t.restOld()
}

func withMilliseconds(arg uint64) rest {
	switch ms := int32(arg); {
	case ms < 0, time.Duration(ms)*time.Millisecond >= long:
		return forever
	default:
		return timed
	}
}

// withTimespec reads the timeout that the argument points to; a timeval has the
// same layout, and its microseconds do not matter here.
func (t thread) withTimespec(address uint64) rest {
	seconds, ok := t.seconds(address)
	return restFor(seconds, ok)
}

// withFutex reads the timeout of futex(2), which is a point in time for a
// FUTEX_WAIT_BITSET (what a condition variable waits with).
func (t thread) withFutex() rest {
	const waitBitset, realtime = 9, 256
	seconds, ok := t.seconds(t.args[3])
	if t.args[3] != 0 && t.args[1]&0x7f == waitBitset {
		clock := int32(unix.CLOCK_MONOTONIC)
		if t.args[1]&realtime != 0 {
			clock = unix.CLOCK_REALTIME
		}
		var now unix.Timespec
		if unix.ClockGettime(clock, &now) != nil {
			return timed
		}
		seconds -= now.Sec
	}
	return restFor(seconds, ok)
}

func restFor(seconds int64, known bool) rest {
	if known && seconds >= int64(long/time.Second) {
		return forever
	}
	return timed
}

// seconds reads the whole seconds of a timespec in the program's memory; no
// timespec means no end.
func (t thread) seconds(address uint64) (int64, bool) {
	if address == 0 {
		return 1 << 40, true
	}
	var raw [16]byte
	local := []unix.Iovec{{Base: &raw[0], Len: uint64(len(raw))}}
	remote := []unix.RemoteIovec{{Base: uintptr(address), Len: len(raw)}}
	n, err := unix.ProcessVMReadv(t.pid, local, remote, 0)
	if err != nil || n != len(raw) {
		return 0, false
	}
	return int64(binary.NativeEndian.Uint64(raw[:])), true
}
