package server

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A Level is how much a console prints. Each one includes those before it.
type Level int

// The levels are those of the course's own server.
const (
	Events     Level = iota // who registers, logs in and exits (-d)
	Lists                   // and the list at each login and exit (-s)
	Everything              // and each message and connection (-a)
)

// A Console prints what a server does. Printing never makes the server wait: lines
// queue up, and when the queue is full, since nobody reads what is printed, they
// are dropped, counted, and the number is printed when it can be.
type Console struct {
	level   Level
	lines   chan string
	dropped atomic.Int64
	done    chan struct{}
}

const (
	queued    = 1024                   // lines that wait to be printed
	closeTime = 100 * time.Millisecond // for what waits when the console closes
)

// NewConsole returns a console that prints up to that level.
func NewConsole(w io.Writer, level Level) *Console {
	c := &Console{level: level, lines: make(chan string, queued), done: make(chan struct{})}
	go c.print(w)
	return c
}

// Shows says whether lines of that level are printed.
func (c *Console) Shows(level Level) bool { return level <= c.level }

// Say prints a line, or several, if the level is shown. It never waits.
func (c *Console) Say(level Level, format string, args ...any) {
	if !c.Shows(level) {
		return
	}
	select {
	case c.lines <- fmt.Sprintf(format+"\n", args...):
	default:
		c.dropped.Add(1)
	}
}

// Close prints what is queued, unless that takes long: then nobody reads. Nothing
// may be said afterwards.
func (c *Console) Close() {
	close(c.lines)
	select {
	case <-c.done:
	case <-time.After(closeTime):
	}
}

// print is the goroutine that writes. An error of w is nobody's concern here: a
// server whose output is closed serves on.
func (c *Console) print(w io.Writer) {
	defer close(c.done)
	out := bufio.NewWriter(w)
	for line := range c.lines {
		out.WriteString(line)
		if len(c.lines) > 0 {
			continue
		}
		if n := c.dropped.Swap(0); n > 0 {
			fmt.Fprintf(out, "(%d more were not printed: nobody read them in time)\n", n)
		}
		out.Flush()
	}
	out.Flush()
}

// sayOnline says what happened to who is online, how many are by now, and at level
// Lists who they are.
func (s *Server) sayOnline(format string, args ...any) {
	_, online := s.Ledger.Snapshot("")
	text := fmt.Sprintf(format, args...) + fmt.Sprintf(": %d online", len(online.Accounts))
	if s.Console.Shows(Lists) {
		for _, a := range online.Accounts {
			text += fmt.Sprintf("\n  %s#%s#%d  %d", a.Name, a.Client.Addr(), a.Port, a.Balance)
		}
	}
	s.Console.Say(Events, "%s", text)
}

// printable is a message as a terminal may see it: what is no printable ASCII is
// escaped, so that no client can write on it.
func printable(text string) string {
	odd := func(r rune) bool { return r < ' ' || r > '~' }
	if strings.IndexFunc(text, odd) < 0 {
		return text
	}
	quoted := strconv.QuoteToASCII(text)
	return quoted[1 : len(quoted)-1]
}
