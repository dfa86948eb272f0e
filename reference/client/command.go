package client

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"paycheck/reference/wire"
	"paycheck/spec/edition"
)

// A command is what the user can tell the client to do.
type command struct {
	number    string // in the menu; empty: not there
	word      string
	questions []question // what it needs, in order
	run       func(ctx context.Context, c *Console, answers []string) error
}

// A question asks for one thing that a command needs.
type question struct {
	word   string // in the usage
	prompt string
	check  func(answer string) error
}

// The questions.
var (
	askName    = question{"name", "Name", checkName}
	askDeposit = question{"deposit", "Deposit", within(1, edition.MaxAmount)}
	askPort    = question{"port", "Port to listen on for payments (0: a free one)", within(0, edition.MaxPort)}
	askPayee   = question{"payee", "Payee", checkName}
	askAmount  = question{"amount", "Amount", within(1, edition.MaxAmount)}
	askSeconds = question{"seconds", "Seconds at most", within(0, 3600)}
)

// commands lists them for an edition, the menu first.
func commands(e edition.Edition) []command {
	register := []question{askName}
	if e.Deposit {
		register = append(register, askDeposit)
	}
	return []command{
		{"1", "register", register, registers},
		{"2", "login", []question{askName, askPort}, logsIn},
		{"3", "list", nil, lists},
		{"4", "pay", []question{askPayee, askAmount}, pays},
		{"5", "exit", nil, exits},
		{"", "wait", []question{askSeconds}, waits},
		{"", "help", nil, helps},
	}
}

// find looks a command up by its number or its word.
func find(commands []command, name string) (command, bool) {
	for _, c := range commands {
		if name == c.number || strings.EqualFold(name, c.word) {
			return c, true
		}
	}
	return command{}, false
}

// menu is the line of all that have a number.
func menu(commands []command) string {
	var items []string
	for _, c := range commands {
		if c.number != "" {
			items = append(items, c.number+") "+c.word)
		}
	}
	return strings.Join(items, "   ")
}

// usage is how the command is written in one line.
func (c command) usage() string {
	text := c.word
	for _, q := range c.questions {
		text += " <" + q.word + ">"
	}
	return text
}

// checkName keeps to what every server takes.
func checkName(answer string) error {
	if answer == edition.Register {
		return fmt.Errorf("%s is no name, it would be read as the request", answer)
	}
	if !wire.ValidName(answer) {
		return fmt.Errorf("a name has 1 to %d letters and digits", edition.MaxName)
	}
	return nil
}

// within checks for a whole number from least to most.
func within(least, most int64) func(answer string) error {
	return func(answer string) error {
		n, err := strconv.ParseInt(answer, 10, 64)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%q is no number from %d to %d", clean(answer), least, most)
		}
		return nil
	}
}
