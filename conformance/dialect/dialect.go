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

// A Dialect is what has to be known to talk to a program, and what was seen besides.
type Dialect struct {
	Ending   Ending
	LineEnd  Ending // that the program takes off a request; the zero value: none
	Greeting string // the lines that it says on connect; empty: nothing
	Served   int    // how many clients were seen to be served at once; 0: not measured
	Seen     Seen
}

// An Ending is what is sent behind each request.
type Ending struct {
	Name  string // for people: "NUL", "CRLF", ...
	Bytes string
	Fill  int // requests are filled up to so many bytes with NUL; 0: they are not
}

// After gives what is sent behind a request.
func (e Ending) After(request string) string {
	return e.Bytes + strings.Repeat("\x00", max(0, e.Fill-len(request)-len(e.Bytes)))
}

// The endings that programs understand.
var (
	NUL    = Ending{Name: "NUL", Bytes: "\x00"}
	CRLF   = Ending{Name: "CRLF", Bytes: "\r\n"}
	LF     = Ending{Name: "LF", Bytes: "\n"}
	Bare   = Ending{Name: "nothing"}
	Filled = Ending{Name: "NUL1024", Fill: 1024} // for programs that read blocks
)

// Endings gives those worth trying in an edition, the likeliest first. Of real
// programs nearly all take one NUL, while without it those that do not clear their
// buffer read the tail of an older, longer request. An edition that has an ending of
// its own is tried with that first.
func Endings(e edition.Edition) []Ending {
	if e.RequestEnd != "" {
		return []Ending{CRLF, LF, NUL, Bare, Filled}
	}
	return []Ending{NUL, Bare, CRLF, LF, Filled}
}

var all = []Ending{NUL, CRLF, LF, Bare, Filled}

// Names gives the names of the endings.
func Names() []string {
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.Name
	}
	return names
}

// Named returns the ending of that name.
func Named(name string) (Ending, error) {
	i := slices.IndexFunc(all, func(e Ending) bool { return strings.EqualFold(e.Name, name) })
	if i < 0 {
		return Ending{}, fmt.Errorf("no request ending %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return all[i], nil
}

// String says it in one line, for the head of a report.
func (d Dialect) String() string {
	parts := []string{"a request ends in " + d.Ending.Name}
	if d.Ending.Fill > 0 {
		parts[0] = fmt.Sprintf("a request is filled up with NUL to %d bytes", d.Ending.Fill)
	}
	if d.LineEnd.Name != "" {
		parts = append(parts, "line ends are understood")
	}
	if d.Greeting != "" {
		first, rest, more := strings.Cut(d.Greeting, "\n")
		greets := fmt.Sprintf("greets with %q", first)
		if more {
			greets += fmt.Sprintf(" and %d lines more", strings.Count(rest, "\n")+1)
		}
		parts = append(parts, greets)
	}
	return strings.Join(append(parts, d.Seen.parts()...), "; ")
}
