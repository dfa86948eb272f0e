package target

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"
)

// rest tells how the thread waits, from the system call and its arguments, and how
// long a timeout was set for at most.
func (t thread) rest() (rest, time.Duration) {
	if t.running {
		return awake, 0
	}
	switch t.call {
	case unix.SYS_READ, unix.SYS_READV, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_WAIT4, unix.SYS_WAITID, unix.SYS_RT_SIGSUSPEND, unix.SYS_FLOCK:
		return forever, 0
	case unix.SYS_FUTEX:
		return t.futexRest()
	case unix.SYS_PPOLL:
		return t.timespecRest(t.args[2])
	case unix.SYS_PSELECT6:
		return t.timespecRest(t.args[4])
	case unix.SYS_EPOLL_PWAIT2:
		return t.timespecRest(t.args[3])
	case unix.SYS_RT_SIGTIMEDWAIT:
		return t.timespecRest(t.args[2])
	case unix.SYS_EPOLL_PWAIT:
		return millisecondRest(t.args[3])
	}
	return t.oldRest()
}

// sleeps reports whether the thread lets a time pass and waits for nothing else.
func (t thread) sleeps() bool {
	return !t.running && (t.call == unix.SYS_NANOSLEEP || t.call == unix.SYS_CLOCK_NANOSLEEP)
}

// sleep is how long a thread that sleeps lets pass at most; 0: it can't be told.
func (t thread) sleep() time.Duration {
	request, absolute := t.args[0], false
	if t.call == unix.SYS_CLOCK_NANOSLEEP {
		const timerAbsolute = 1 // TIMER_ABSTIME
		request, absolute = t.args[2], t.args[1]&timerAbsolute != 0
	}
	d, ok := t.timespec(request)
	var now unix.Timespec
	switch {
	case !ok:
		return 0
	case !absolute:
		return d
	case unix.ClockGettime(int32(t.args[0]), &now) != nil:
		return 0
	}
	return d - time.Duration(now.Nano())
}

func millisecondRest(arg uint64) (rest, time.Duration) {
	if ms := int32(arg); ms >= 0 {
		return restFor(time.Duration(ms) * time.Millisecond)
	}
	return forever, 0
}

func restFor(timeout time.Duration) (rest, time.Duration) {
	if timeout >= long {
		return forever, 0
	}
	return timed, timeout
}

// timespecRest reads the timeout that the argument points to. A timeval has the same
// layout; that its fraction counts microseconds makes it look shorter, by less than
// a second.
func (t thread) timespecRest(address uint64) (rest, time.Duration) {
	if address == 0 {
		return forever, 0
	}
	timeout, ok := t.timespec(address)
	if !ok {
		return timed, 0
	}
	return restFor(timeout)
}

// futexRest reads the timeout of futex(2), which for FUTEX_WAIT_BITSET (what a
// condition variable waits with) is a point in time.
func (t thread) futexRest() (rest, time.Duration) {
	const waitBitset, realtime = 9, 256
	if t.args[1]&0x7f != waitBitset || t.args[3] == 0 {
		return t.timespecRest(t.args[3])
	}
	until, ok := t.timespec(t.args[3])
	clock := int32(unix.CLOCK_MONOTONIC)
	if t.args[1]&realtime != 0 {
		clock = unix.CLOCK_REALTIME
	}
	var now unix.Timespec
	if !ok || unix.ClockGettime(clock, &now) != nil {
		return timed, 0
	}
	return restFor(until - time.Duration(now.Nano()))
}

// timespec reads a struct timespec in the program's memory.
func (t thread) timespec(address uint64) (time.Duration, bool) {
	var raw [16]byte
	local := []unix.Iovec{{Base: &raw[0], Len: uint64(len(raw))}}
	remote := []unix.RemoteIovec{{Base: uintptr(address), Len: len(raw)}}
	n, err := unix.ProcessVMReadv(t.pid, local, remote, 0)
	if err != nil || n != len(raw) {
		return 0, false
	}
	seconds, fraction := binary.NativeEndian.Uint64(raw[:8]), binary.NativeEndian.Uint64(raw[8:])
	if seconds > 1<<33 {
		return 1 << 62, true // the end of time, as good as never
	}
	return time.Duration(seconds)*time.Second + time.Duration(fraction), true
}
