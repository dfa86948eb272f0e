// Package dialect is how one program speaks: the request ending that it understands
// and the habits that content checks must allow for. The suite finds it out before
// it judges; a person may pin it.
package dialect

import (
	"fmt"
	"slices"
	"strings"

	"paycheck/spec/edition"
)

// A Dialect is what has to be known to talk to a program.
type Dialect struct {
	Ending   Ending
	LineEnd  Ending // that the program takes off a request; the zero value: none
	Greeting string // what it says on connect; empty: nothing
	Served   int    // how many clients were seen to be served at once; 0: not measured
}

// An Ending is what is sent behind each request.
type Ending struct {
	Name  string // for people: "NUL", "CRLF", ...
	Bytes string
}

// The endings that programs understand.
var (
	NUL  = Ending{"NUL", "\x00"}
	CRLF = Ending{"CRLF", "\r\n"}
	LF   = Ending{"LF", "\n"}
	Bare = Ending{"nothing", ""}
)

// Endings gives those worth trying in an edition, the likeliest first. Of real
// programs nearly all take one NUL, while without it those that do not clear their
// buffer read the tail of an older, longer request. An edition that has an ending of
// its own is tried with that first.
func Endings(e edition.Edition) []Ending {
	if e.RequestEnd != "" {
		return []Ending{CRLF, LF, NUL, Bare}
	}
	return []Ending{NUL, Bare, CRLF, LF}
}

// Named returns the ending of that name.
func Named(name string) (Ending, error) {
	all := []Ending{NUL, CRLF, LF, Bare}
	i := slices.IndexFunc(all, func(e Ending) bool { return strings.EqualFold(e.Name, name) })
	if i < 0 {
		return Ending{}, fmt.Errorf("no request ending %q; there are NUL, CRLF, LF, nothing", name)
	}
	return all[i], nil
}

// String says it in one line, for the head of a report.
func (d Dialect) String() string {
	parts := []string{"a request ends in " + d.Ending.Name}
	if d.LineEnd.Name != "" {
		parts = append(parts, "line ends are understood")
	}
	if d.Greeting != "" {
		parts = append(parts, fmt.Sprintf("greets with %q", d.Greeting))
	}
	return strings.Join(parts, "; ")
}
