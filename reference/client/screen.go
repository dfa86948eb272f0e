package client

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

// A Screen is where everything is shown, a line or several at a time. Many
// goroutines may print. While the user is asked something, what is printed goes
// below the question, and the question is asked again.
type Screen struct {
	mu     sync.Mutex
	out    io.Writer
	prompt string // that stands unanswered on the last line, or ""
}

// NewScreen shows on out.
func NewScreen(out io.Writer) *Screen { return &Screen{out: out} }

// Print shows whole lines; the last line end may be left out.
func (s *Screen) Print(format string, args ...any) {
	text := strings.TrimSuffix(fmt.Sprintf(format, args...), "\n") + "\n"
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prompt != "" {
		text = "\n" + text + s.prompt
	}
	_, _ = io.WriteString(s.out, text) // there is nowhere else to say that it fails
}

// Ask shows a question and leaves the cursor behind it.
func (s *Screen) Ask(prompt string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt = prompt
	_, _ = io.WriteString(s.out, prompt)
}

// Answered says that the user has ended the line of the question.
func (s *Screen) Answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prompt = ""
}

// Dropped says that the question will not be answered: the next line is a new one.
func (s *Screen) Dropped() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prompt != "" {
		_, _ = io.WriteString(s.out, "\n")
	}
	s.prompt = ""
}

// maxShown is how much is shown of a text that others wrote, in characters.
const maxShown = 60

// clean makes a text of others fit to be shown: short, on one line, and without
// anything that a terminal would obey.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "?")
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, text)
	if shown := []rune(text); len(shown) > maxShown {
		text = string(shown[:maxShown]) + "..."
	}
	return text
}
