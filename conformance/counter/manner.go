package counter

import (
	"cmp"
	"strings"

	"paycheck/spec/edition"
)

// A Manner is how the counter speaks, where a client needs it to differ from the text.
// The zero value is the text's.
type Manner struct {
	Greeting string // the line that the server says on connect; empty: none
	End      string // of the lines of its replies; empty: CR LF
	NoKey    bool   // the list has no key line
	Notice   bool   // the payer is told at once that a payment counts
	Hello    string // what a peer says to a client that connects; empty: nothing
	Thanks   string // what a peer says when it has been paid; empty: nothing
}

// end is what ends a line.
func (m Manner) end() string { return cmp.Or(m.End, edition.ReplyEnd) }

// String says in what the manner differs, in one line; empty: in nothing.
func (m Manner) String() string {
	var parts []string
	if m.Greeting != "" {
		parts = append(parts, "waits for a greeting")
	}
	if m.End == "\n" {
		parts = append(parts, "wants replies that end in LF")
	}
	if m.NoKey {
		parts = append(parts, "wants a list without a key line")
	}
	if m.Notice {
		parts = append(parts, "waits for the news of a payment")
	}
	if m.Hello != "" {
		parts = append(parts, "waits for a greeting of the payee")
	}
	if m.Thanks != "" {
		parts = append(parts, "waits for an answer of the payee")
	}
	return strings.Join(parts, "; ")
}
