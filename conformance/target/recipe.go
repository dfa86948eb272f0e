package target

import (
	"fmt"
	"strconv"
	"strings"
)

// A Recipe is how a program is started: the only thing that a person has to write.
type Recipe struct {
	Path  string   // the executable
	Args  []string // templates with {port} and {limit}; none: the common forms are tried
	Wrap  []string // a command in front, such as valgrind -q
	Limit int      // how many clients the program serves at a time by itself; 0: not known
}

// Forms are the arguments that servers commonly take, the likeliest first. A wrong
// form mostly ends a program at once.
var Forms = [][]string{
	{"{port}", "{limit}"},
	{"{port}"},
	{"{port}", "-a"},
	{"127.0.0.1", "{port}"},
}

// TakesLimit reports whether the program is told its limit when it starts.
func (r Recipe) TakesLimit() bool { return strings.Contains(strings.Join(r.Args, " "), "{limit}") }

// Validate says what no program could be started with.
func (r Recipe) Validate() error {
	if len(r.Args) > 0 && !strings.Contains(strings.Join(r.Args, " "), "{port}") {
		return fmt.Errorf("the arguments %q have no {port}: the suite must choose the port", strings.Join(r.Args, " "))
	}
	return nil
}

// Command gives the words that start the program on a port with a limit.
func (r Recipe) Command(port, limit int) []string {
	words := append(append([]string(nil), r.Wrap...), r.Path)
	holes := strings.NewReplacer("{port}", strconv.Itoa(port), "{limit}", strconv.Itoa(limit))
	for _, arg := range r.Args {
		words = append(words, holes.Replace(arg))
	}
	return words
}

// String gives the recipe as a person would type it.
func (r Recipe) String() string {
	return strings.Join(append(append(append([]string(nil), r.Wrap...), r.Path), r.Args...), " ")
}
