package target

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"time"
)

// Usage looks at what the program takes now. The error says that this machine does
// not let the suite look.
func (p *Program) Usage() (Usage, error) {
	threads, err := p.scanner.scan(p.PID())
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Threads: len(threads)}
	of, parent := map[int]int{}, map[int]int{}
	for _, t := range threads {
		of[t.pid]++
		u.Widest = max(u.Widest, of[t.pid])
	}
	for _, process := range p.scanner.processes {
		for _, child := range process.started() {
			parent[child] = process.pid
		}
	}
	for pid := range of {
		files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just ended
		}
		if err != nil {
			return Usage{}, errHidden
		}
		u.Descriptors += len(files)
		if own := executable(pid); own != "" && own == executable(parent[pid]) {
			u.Forked++
		}
	}
	return u, nil
}

// Spinning is how many threads of the program were found to compute without a rest
// while nobody had asked it for anything.
func (p *Program) Spinning() int {
	threads, err := p.scanner.scan(p.PID())
	if err != nil {
		return 0
	}
	n := 0
	for _, t := range threads {
		if p.restless[t.id] && !t.sleeps() {
			n++
		}
	}
	return n
}

// executable is the file that a process runs; empty if it can't be told. A shell
// that starts the program runs another one, a forked child the same.
func executable(pid int) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return ""
	}
	return path
}

// What tells a thread that computes without end, by the scheduler's figures and not
// by the clock: so much processor time, in slices that it used up. Among forty others
// it gets half a millisecond at a time; one that looks around and sleeps again takes
// a few microseconds, and is let off after a while.
const (
	burnt     = 150 * time.Millisecond
	fullSlice = 200 * time.Microsecond
	letOff    = time.Second
	burnBound = 20 * time.Second
)

// Busy watches the program while nobody asks it for anything. It returns the
// processor time that one thread has used meanwhile without a rest, or 0 as soon as
// all threads rest or only wake up now and then.
func (p *Program) Busy(ctx context.Context, scale float64) (time.Duration, error) {
	var before map[int]thread
	var last map[int]int64
	begun := time.Now()
	for {
		threads, err := p.scanner.scan(p.PID())
		if err != nil {
			return 0, err
		}
		now, slices, resting := make(map[int]thread, len(threads)), make(map[int]int64, len(threads)), true
		for _, t := range threads {
			now[t.id], slices[t.id] = t, t.slices
			resting = resting && !t.running
		}
		if before == nil {
			before = now
		}
		if resting && last != nil && maps.Equal(last, slices) {
			return 0, nil
		}
		last = slices
		top, full := hottest(before, now)
		waited := time.Since(begun)
		switch {
		case full && top >= burnt:
			return top, nil
		case !full && waited > time.Duration(float64(letOff)*scale), waited > time.Duration(float64(burnBound)*scale):
			return 0, nil
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(lastLook):
		}
	}
}

// hottest finds the thread that has used most processor time between two looks, and
// says whether it used up its slices.
func hottest(before, now map[int]thread) (used time.Duration, full bool) {
	for id, t := range now {
		old, ok := before[id]
		if !ok || t.cpu-old.cpu <= used {
			continue
		}
		used = t.cpu - old.cpu
		full = used >= fullSlice*time.Duration(max(1, t.slices-old.slices))
	}
	return used, full
}
