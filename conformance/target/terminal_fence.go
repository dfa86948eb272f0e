package target

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"
)

// mark is what the suite writes at the program's end of a terminal to know that all
// that was written there before has come out at its own. No program writes this: it
// is an application program command (ECMA-48, 8.3.2), which terminals ignore.
var mark = []byte("\x1b_paycheck\x1b\\")

// A fence passes on what a program prints, takes the marks out and counts them.
type fence struct {
	to io.Writer

	gate sync.Mutex
	put  int // marks written

	mu    sync.Mutex
	held  []byte // what may become a mark
	seen  int    // marks that have come
	total int64  // bytes of the program's
	last  time.Time
	moved chan struct{} // closed and made anew when a mark comes
}

func newFence(to io.Writer) *fence {
	return &fence{to: to, last: time.Now(), moved: make(chan struct{})}
}

func (f *fence) Write(data []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := append(f.held, data...)
	for {
		before, after, found := bytes.Cut(text, mark)
		if !found {
			break
		}
		if err := f.pass(before); err != nil {
			return 0, err
		}
		text = after
		f.seen++
		close(f.moved)
		f.moved = make(chan struct{})
	}
	keep := beginning(text)
	err := f.pass(text[:len(text)-keep])
	f.held = bytes.Clone(text[len(text)-keep:])
	return len(data), err
}

// beginning is how many bytes at the end of the text are the beginning of a mark.
func beginning(text []byte) int {
	for n := min(len(text), len(mark)-1); n > 0; n-- {
		if bytes.HasSuffix(text, mark[:n]) {
			return n
		}
	}
	return 0
}

func (f *fence) pass(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	f.total += int64(len(text))
	f.last = time.Now()
	_, err := f.to.Write(text)
	return err
}

// printed is how much the program has printed, and when it last did.
func (f *fence) printed() (int64, time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.total, f.last
}

// wait lets put write a mark and waits until it is there, done is closed, or the bound
// is over. It reports whether the mark came.
func (f *fence) wait(ctx context.Context, done <-chan struct{}, put func([]byte) error) bool {
	f.gate.Lock()
	err := put(mark)
	if err == nil {
		f.put++
	}
	number := f.put
	f.gate.Unlock()
	if err != nil {
		return false
	}
	bound := time.NewTimer(fenceBound)
	defer bound.Stop()
	for {
		f.mu.Lock()
		there, moved := f.seen >= number, f.moved
		f.mu.Unlock()
		if there {
			return true
		}
		select {
		case <-moved:
		case <-done:
			return false
		case <-bound.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// fenceBound is how long a mark may take: it passes through a queue of the kernel's.
const fenceBound = 2 * time.Second
