package driver

import (
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

// kept is how much of what a client prints is remembered: many screens of it.
const kept = 256 << 10

// A tape remembers what a client prints. It is safe for use by several goroutines.
type tape struct {
	mu    sync.Mutex
	shown []byte        // all of it, and what was typed where the terminal would echo it
	fresh []byte        // since a line was last typed
	moved chan struct{} // closed and made anew when something comes
}

func newTape() *tape { return &tape{moved: make(chan struct{})} }

func (t *tape) Write(data []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown, t.fresh = limited(append(t.shown, data...)), limited(append(t.fresh, data...))
	close(t.moved)
	t.moved = make(chan struct{})
	return len(data), nil
}

// typed notes a line that was typed.
func (t *tape) typed(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown, t.fresh = limited(append(t.shown, line+"\r\n"...)), nil
}

// text is what was printed since a line was last typed.
func (t *tape) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return plain(t.fresh)
}

func (t *tape) screen() string {
	t.mu.Lock()
	shown := append([]byte(nil), t.shown...)
	t.mu.Unlock()
	return screen(shown)
}

// more is closed when something more is printed.
func (t *tape) more() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.moved
}

// limited drops the beginning of what is too long, seldom and much at once.
func limited(data []byte) []byte {
	if len(data) <= 2*kept {
		return data
	}
	return append(data[:0], data[len(data)-kept:]...)
}

// plain is printed text without what only the terminal obeys, which adds a CR to one that
// a client prints as it got it. A NUL, which many a
// client prints out of a buffer, shows as nothing.
func plain(printed []byte) string {
	text := ansi.Strip(strings.ToValidUTF8(string(printed), "?"))
	return strings.NewReplacer("\r\r\n", "\n", "\r\n", "\n", "\r", "\n", "\x00", "").Replace(text)
}
