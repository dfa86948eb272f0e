package target

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// limit sets what the kernel itself holds: every process that the keeper starts
// inherits it. Of address space there is no limit, since a build with sanitizers
// takes terabytes of it.
func (k *keeper) limit() error {
	limits := map[int]int64{
		unix.RLIMIT_CORE:   0,
		unix.RLIMIT_FSIZE:  k.Limits.File,
		unix.RLIMIT_NOFILE: int64(k.Limits.Descriptors),
	}
	switch {
	case k.User != 0:
		limits[unix.RLIMIT_NPROC] = int64(k.Limits.Tasks)
	case k.Apart:
		limits[unix.RLIMIT_NPROC] = int64(k.Limits.Tasks) * sideBySide // they share a user
	}
	for which, most := range limits {
		var l syscall.Rlimit
		if err := syscall.Getrlimit(which, &l); err != nil {
			return err
		}
		l.Max = min(l.Max, uint64(most))
		l.Cur = l.Max
		if err := syscall.Setrlimit(which, &l); err != nil {
			return err
		}
	}
	return nil
}

// sideBySide is how many programs run at a time, at most.
const sideBySide = 16

// hurry limits the processor time of one process, and of each that it starts.
func (k *keeper) hurry(pid int) error {
	seconds := uint64(k.Limits.CPU / time.Second)
	return unix.Prlimit(pid, unix.RLIMIT_CPU, &unix.Rlimit{Cur: seconds, Max: seconds + 1}, nil)
}

// How often a program is measured: it costs about a tenth of a millisecond.
const watchPause = 100 * time.Millisecond

// watch ends the program when it takes more than its limits.
func (c *cell) watch(dir string) {
	tick := time.NewTicker(watchPause)
	defer tick.Stop()
	for {
		select {
		case <-c.finished:
			return
		case <-tick.C:
		}
		now := c.measure(dir)
		if now.memory > c.limits.Memory {
			now.memory = proportional(tree(c.roots(), c.limits.Processes))
		}
		if limit := c.limits.exceeded(now); limit != "" {
			c.exceed(limit)
			return
		}
	}
}

// measure looks at what the program takes now. Memory that processes share counts for
// each of them.
func (c *cell) measure(dir string) load {
	var now load
	for _, pid := range tree(c.roots(), c.limits.Processes+1) {
		cpu, memory, ok := usage(pid)
		if !ok {
			continue
		}
		now.processes++
		now.cpu += cpu
		now.memory += memory
	}
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // it is gone again, or closed: what is seen counts
		}
		now.entries++
		if info, err := d.Info(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				now.disk += stat.Blocks * 512
			}
		}
		if now.entries > c.limits.Entries {
			return fs.SkipAll
		}
		return nil
	})
	return now
}

// Fields of /proc/PID/stat behind the name, which is in parentheses (proc(5)).
const (
	statState = 0
	statCPU   = 11 // user, system, and both of the children it has waited for
	statRSS   = 21 // pages
)

// clockTicks is how many to a second: the same on every Linux that there is.
const clockTicks = 100

// usage is what one process takes: processor time with that of children that have
// ended, and bytes in memory. A process that has ended takes nothing.
func usage(pid int) (cpu time.Duration, memory int64, ok bool) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, false
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) <= statRSS || fields[statState] == "Z" {
		return 0, 0, false
	}
	for _, f := range fields[statCPU : statCPU+4] {
		n, _ := strconv.ParseInt(f, 10, 64)
		cpu += time.Duration(n) * time.Second / clockTicks
	}
	pages, _ := strconv.ParseInt(fields[statRSS], 10, 64)
	return cpu, pages * int64(os.Getpagesize()), true
}

// proportional is the memory of processes with what they share counted once.
func proportional(pids []int) (sum int64) {
	for _, pid := range pids {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				sum += kib << 10
			}
		}
	}
	return sum
}

// tree gives processes and all that descend from them, at most so many.
func tree(roots []int, most int) []int {
	pids := roots
	for i := 0; i < len(pids) && len(pids) <= most+len(roots); i++ {
		pids = append(pids, offspring(pids[i])...)
	}
	return pids
}

// offspring are the children of every thread of a process.
func offspring(pid int) (children []int) {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	tasks, _ := os.ReadDir(dir) // it may have ended
	for _, task := range tasks {
		data, _ := os.ReadFile(filepath.Join(dir, task.Name(), "children"))
		for field := range strings.FieldsSeq(string(data)) {
			if child, err := strconv.Atoi(field); err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}

// strays finds what a program has left to the keeper, where it has no namespace: by
// its user, or where it has none of its own, by the home that it was given.
func strays(keeper, user int, dir string) (pids []int) {
	for _, pid := range offspring(keeper) {
		proc := fmt.Sprintf("/proc/%d", pid)
		if user != 0 {
			var info unix.Stat_t
			if unix.Stat(proc, &info) == nil && int(info.Uid) == user {
				pids = append(pids, pid)
			}
			continue
		}
		if env, err := os.ReadFile(proc + "/environ"); err == nil && bytes.Contains(env, []byte("HOME="+dir+"\x00")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// huntBound is how long what is left of a program is looked for.
const huntBound = 2 * time.Second

// hunt ends what a program without a namespace has left. Everything is stopped first,
// so that nothing starts anything while it is looked for.
func (k *keeper) hunt(c *kept) {
	for begun := time.Now(); time.Since(begun) < huntBound; {
		k.mu.Lock() // so that no process is taken for a stray before it is known
		left := strays(os.Getpid(), c.User, c.Dir)
		for _, pid := range offspring(os.Getpid()) {
			if _, known := k.cells[pid]; !known {
				_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // if it has ended, nobody else waits for it
			}
		}
		k.mu.Unlock()
		if len(left) == 0 {
			return
		}
		stopped := map[int]bool{}
		for grown := true; grown && time.Since(begun) < huntBound; {
			grown = false
			for _, pid := range tree(left, 1<<16) {
				if !stopped[pid] && unix.Kill(pid, unix.SIGSTOP) == nil {
					stopped[pid], grown = true, true
				}
			}
		}
		for pid := range stopped {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		for _, pid := range left {
			_ = uninterrupted(func() error { _, err := unix.Wait4(pid, nil, 0, nil); return err })
		}
	}
}
