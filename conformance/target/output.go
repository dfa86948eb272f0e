package target

import (
	"io"
	"strings"
	"sync"
)

// keep is how much of each stream is remembered: the last bytes of what may be a flood.
const keep = 16 << 10

// tailLines is how many lines a report shows.
const tailLines = 5

// An output drains a program's streams, so that it never blocks in a write, and
// remembers the end of each.
type output struct {
	mu       sync.Mutex
	out, err []byte
}

type stream struct {
	o   *output
	buf *[]byte
}

func (o *output) stdout() io.Writer { return &stream{o, &o.out} }
func (o *output) stderr() io.Writer { return &stream{o, &o.err} }

func (s *stream) Write(data []byte) (int, error) {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	*s.buf = append(*s.buf, data...)
	if over := len(*s.buf) - keep; over > keep {
		*s.buf = append((*s.buf)[:0], (*s.buf)[over:]...)
	}
	return len(data), nil
}

// printed gives all that is remembered of both streams, stderr first.
func (o *output) printed() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.ToValidUTF8(string(o.err)+string(o.out), "?")
}

func (o *output) tail() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	data := o.err
	if len(data) == 0 {
		data = o.out
	}
	return lastLines(strings.ToValidUTF8(string(data), "?"), tailLines)
}
