// Package dialect is how one program speaks: the request ending it understands and
// the habits that content checks must allow for. [Probe] finds it out.
package dialect

import (
	"fmt"
	"strings"
)

// A Dialect is what has to be known to talk to a program. The zero value is the
// form that the 2021 hand-out prescribes: nothing behind a request.
type Dialect struct {
	Name     string // of the ending, for people: "NUL", "CRLF", ...
	End      string // what is sent behind each request
	Stream   bool   // the program takes line ends off: requests may be split and joined
	Greeting string // what it says on connect; empty: nothing
	Served   int    // how many clients were seen to be served at once; 0: not measured
	Seen     []string
}

// Endings are the request endings that programs understand, in the order in which
// they are tried: of real servers nearly all take one NUL, while without it those
// that do not clear their buffer read the tail of an older, longer request.
var Endings = []Dialect{
	{Name: "NUL", End: "\x00"},
	{Name: "nothing", End: ""},
	{Name: "CRLF", End: "\r\n"},
	{Name: "LF", End: "\n"},
}

// Named returns the dialect with that request ending.
func Named(name string) (Dialect, error) {
	var names []string
	for _, d := range Endings {
		if strings.EqualFold(d.Name, name) {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return Dialect{}, fmt.Errorf("no request ending %q; there are %s", name, strings.Join(names, ", "))
}

// String says it in one line, for the head of a report.
func (d Dialect) String() string {
	parts := []string{"requests end in " + d.Name}
	if d.Stream {
		parts = append(parts, "line ends understood")
	}
	if d.Greeting != "" {
		parts = append(parts, fmt.Sprintf("greets with %q", d.Greeting))
	}
	return strings.Join(append(parts, d.Seen...), "; ")
}
