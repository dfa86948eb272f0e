package target

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Recipe is how a program is started: the only thing that a person has to write,
// and only for a program that is started in no common way (see [Guesser]).
type Recipe struct {
	Path string   // the executable
	Args []string // its arguments: templates with {port} and {limit}
	Wrap []string // a command in front, such as valgrind -q

	// Stdin are lines that are typed, each when the program waits for one: templates
	// like Args. After them its input stays open, unless StdinClosed is set.
	Stdin       []string
	StdinClosed bool

	// Env are variables besides those that every program gets, as NAME=value:
	// templates like Args.
	Env []string

	// Files are copied into the directory that a process starts in, afresh for each.
	// A path below the program's directory keeps its place, so that "." is all that
	// lies beside the program; any other is put in under its last name. Nil: what
	// [Beside] finds. Empty: nothing.
	Files []string

	Port  int // the one that the program always listens on; 0: it is told one
	Limit int // how many clients the program serves at a time by itself; 0: not known
}

// The holes of a template.
const (
	portHole  = "{port}"
	limitHole = "{limit}"
)

// Stated reports whether the recipe says how the program comes to its port. If it
// does not, the common ways are tried.
func (r Recipe) Stated() bool { return len(r.Args) > 0 || len(r.Stdin) > 0 || r.Port != 0 }

// TakesLimit reports whether the program is told its limit when it starts.
func (r Recipe) TakesLimit() bool { return r.has(limitHole) }

func (r Recipe) has(hole string) bool {
	return slices.ContainsFunc(slices.Concat(r.Args, r.Stdin, r.Env), func(s string) bool { return strings.Contains(s, hole) })
}

// Validate says what no program could be started with.
func (r Recipe) Validate() error {
	for _, v := range r.Env {
		if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
			return fmt.Errorf("the variable %q is not NAME=value", v)
		}
	}
	for _, line := range r.Stdin {
		if strings.ContainsAny(line, "\n\r") {
			return fmt.Errorf("%q is more than one line to type", line)
		}
	}
	switch {
	case r.Port < 0 || r.Port > 65535:
		return fmt.Errorf("%d is no port: a number from 1 to 65535", r.Port)
	case r.Limit < 0:
		return fmt.Errorf("%d is no limit: a number of clients", r.Limit)
	case !r.Stated() || r.Port != 0 || r.has(portHole):
		return nil
	case len(r.Stdin) > 0:
		return fmt.Errorf("neither the arguments nor the lines to type have a %s: the suite must choose the port, or be told that it is always the same", portHole)
	}
	return fmt.Errorf("the arguments %q have no %s: the suite must choose the port, or be told that it is always the same", strings.Join(r.Args, " "), portHole)
}

// filler fills the holes of templates.
func filler(port, limit int) *strings.Replacer {
	return strings.NewReplacer(portHole, strconv.Itoa(port), limitHole, strconv.Itoa(limit))
}

// filled gives the templates with their holes filled.
func filled(templates []string, port, limit int) []string {
	out := make([]string, len(templates))
	for i, t := range templates {
		out[i] = filler(port, limit).Replace(t)
	}
	return out
}

// Command gives the words that start the program on a port with a limit.
func (r Recipe) Command(port, limit int) []string {
	return slices.Concat(r.Wrap, []string{r.Path}, filled(r.Args, port, limit))
}

// String gives the recipe in one line: the command as a person would type it, and
// behind it what else there is to know.
func (r Recipe) String() string {
	words := slices.Concat(r.Env, r.Wrap, []string{r.Path}, r.Args)
	parts := []string{strings.Join(words, " ")}
	if len(r.Stdin) > 0 {
		lines := make([]string, len(r.Stdin))
		for i, line := range r.Stdin {
			lines[i] = strconv.Quote(line)
		}
		parts = append(parts, "typed: "+strings.Join(lines, ", "))
	}
	if r.StdinClosed {
		parts = append(parts, "input closed")
	}
	if r.Port != 0 {
		parts = append(parts, fmt.Sprintf("always on port %d", r.Port))
	}
	switch {
	case slices.Equal(r.Files, everything):
		parts = append(parts, "in a copy of its directory")
	case len(r.Files) > 0:
		parts = append(parts, "beside copies of "+strings.Join(r.Files, ", "))
	}
	return strings.Join(parts, "; ")
}
