package target

import (
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// environment is all that a program is told of the machine: where commands are, a
// home of its own, and plain English messages; and what its recipe says.
func (r Recipe) environment(dir string, port, limit int) []string {
	plain := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "TERM=dumb"}
	return append(plain, filled(r.Env, port, limit)...) // of two, the later one counts
}

// A typist answers what a program asks on its input.
type typist interface {
	// next gives the line for a prompt, without its end; false: there is nothing to
	// type.
	next(prompt string) (string, bool)
	// sure reports whether the lines are for this program: they are typed though it takes
	// connections already, and though it is not seen to read.
	sure() bool
}

// A sheet has its lines written down: what a recipe says.
type sheet struct{ lines []string }

func (s *sheet) next(string) (string, bool) {
	if len(s.lines) == 0 {
		return "", false
	}
	line := s.lines[0]
	s.lines = s.lines[1:]
	return line, true
}

func (s *sheet) sure() bool { return true }

// promptGrace is how long a program that waits for input is given to have its prompt
// drained from the pipe. It may have none, or keep it in a buffer.
const promptGrace = 100 * time.Millisecond

// prompt is what the program has printed since it was last typed to.
func (p *Program) prompt() string {
	for end := time.Now().Add(promptGrace); ; time.Sleep(time.Millisecond) {
		text := p.out.since(p.heard)
		if strings.TrimSpace(text) != "" || time.Now().After(end) {
			return text
		}
	}
}

// answer types one line if the program waits for one, or ends its input if there are
// no more and the recipe says so. It reports whether it did either. A program that is
// stuck waits for a line too, if the lines are sure: it may wait in another way.
func (p *Program) answer(r Recipe, t typist, stuck bool) bool {
	if p.closed || !p.reads() && !(stuck && t.sure()) {
		return false
	}
	prompt := "" // what is sure needs none
	if !t.sure() {
		prompt = p.prompt()
	}
	line, ok := t.next(prompt)
	if !ok {
		if r.StdinClosed {
			p.closeStdin()
		}
		return r.StdinClosed
	}
	p.heard = p.out.seen()
	_, _ = io.WriteString(p.stdin, line+"\n") // that its input is closed, or it has ended, is seen
	return true
}

// closeStdin ends the program's input.
func (p *Program) closeStdin() {
	if !p.closed {
		p.closed = true
		p.stdin.Close()
	}
}

// reads reports whether a thread of the program waits for input.
func (p *Program) reads() bool { return p.anyThread(thread.readsInput) }

// takes reports whether a thread of the program waits for a connection.
func (p *Program) takes() bool { return p.anyThread(thread.awaitsConnection) }

func (p *Program) anyThread(is func(thread) bool) bool {
	threads, err := p.scanner.scan(p.PID())
	return err == nil && slices.ContainsFunc(threads, is)
}

// seen is how much the program has printed on its standard output and error.
func (o *output) seen() (n [2]int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return [2]int{len(o.out), len(o.err)}
}

// since is what the program has printed since then, as far as it is remembered.
func (o *output) since(then [2]int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.out[min(then[0], len(o.out)):]) + string(o.err[min(then[1], len(o.err)):])
}
