// Package driver types at an interactive client as a person would. A [Driver] is what
// has to be known of one client: how it is started, and for each [Op] the lines to
// type and what to wait for before each. [Driver.Start] gives a [Session], one process
// of the client at a terminal of its own, and [Session.Do] performs an operation.
//
// When to type is asked of the kernel: the client reads the terminal, and all that it
// has printed has come. No quiet time is waited for.
package driver

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mattn/go-shellwords"
)

// An Op is something that a person does with a client.
type Op string

// The operations.
const (
	Register Op = "register"
	Login    Op = "login"
	List     Op = "list"
	Pay      Op = "pay"
	Exit     Op = "exit"
)

// Ops lists the operations in the order of a session.
func Ops() []Op { return []Op{Register, Login, List, Pay, Exit} }

// A Step types one line.
type Step struct {
	// Wait is a regular expression (RE2) that is searched in what the client has printed
	// since the last line was typed, without the terminal's control sequences, once it
	// wants a line. Empty: anything will do.
	Wait string
	// Type is the line, a template: see [Values]. Empty: Enter alone.
	Type string
	// Optional: where Wait is not found the step is left out: a question that is not always
	// asked, or an Enter before a menu.
	Optional bool
}

// A Driver is how one client is operated.
type Driver struct {
	Name  string
	Args  string        // its arguments, quoted as for a shell: a template
	Env   []string      // variables of its environment, as NAME=value: templates
	Begin []Step        // after the start, before anything else
	Ops   map[Op][]Step // what is missing can't be done with it
	Fatal []Op          // operations after which the process ends
}

// Can reports whether the client can be made to do it.
func (d Driver) Can(op Op) bool { return len(d.Ops[op]) > 0 }

// Ends reports whether the process ends with the operation.
func (d Driver) Ends(op Op) bool { return slices.Contains(d.Fatal, op) }

// Validate says what is wrong with the driver: a pattern, a hole or an operation that
// there is not, or an operation that is missing.
func (d Driver) Validate() error {
	if _, err := shellwords.Parse(d.Args); err != nil {
		return fmt.Errorf("the arguments %q can't be taken apart: %w", d.Args, err)
	}
	for _, text := range append([]string{d.Args}, d.Env...) {
		if err := known(text); err != nil {
			return err
		}
	}
	if err := validate("start", d.Begin); err != nil {
		return err
	}
	for op, steps := range d.Ops {
		if !slices.Contains(Ops(), op) {
			return fmt.Errorf("there is no operation %q", op)
		}
		if err := validate(string(op), steps); err != nil {
			return err
		}
	}
	for _, op := range d.Fatal {
		if !slices.Contains(Ops(), op) {
			return fmt.Errorf("there is no operation %q that could end it", op)
		}
	}
	return nil
}

func validate(what string, steps []Step) error {
	for i, s := range steps {
		_, err := regexp.Compile(s.Wait)
		switch {
		case err != nil:
			return fmt.Errorf("%s, step %d: %w", what, i+1, err)
		case strings.ContainsAny(s.Type, "\r\n"):
			return fmt.Errorf("%s, step %d: %q is more than one line", what, i+1, s.Type)
		case s.Optional && s.Wait == "":
			return fmt.Errorf("%s, step %d is optional and waits for nothing", what, i+1)
		}
		if err := known(s.Type); err != nil {
			return fmt.Errorf("%s, step %d: %w", what, i+1, err)
		}
	}
	return nil
}
