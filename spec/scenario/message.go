package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"paycheck/spec/edition"
)

// A Message is one of the five requests, typed once parsed. A deposit is not in
// it: the edition adds one where it has one.
type Message struct {
	Kind   Kind
	Name   string   // Register, Login: the account; Payment: the payer
	Port   Template // Login
	Amount Template // Payment
	Payee  string   // Payment
}

// A Kind is which request a message is.
type Kind int

// The five requests, in the order of protocol.md.
const (
	Register Kind = iota
	Login
	List
	Exit
	Payment
)

func (k Kind) String() string {
	return [...]string{"registration", "login", "List", "Exit", "payment"}[k]
}

// HasReply reports whether the request is answered on its own connection.
// A payment is not: who hears of it is the payer.
func (k Kind) HasReply() bool { return k != Payment }

var nameRule = regexp.MustCompile(`^[A-Za-z0-9]{1,16}$`)

// isName reports whether an account can be named so: the verb is read first, so
// REGISTER is no name.
func isName(text string) bool { return nameRule.MatchString(text) && text != edition.Register }

// parseMessage reads a valid request.
func parseMessage(text string, actors map[string]bool) (Message, error) {
	fields := strings.Split(text, "#")
	name := func(i int) bool { return isName(fields[i]) }
	switch {
	case text == edition.List:
		return Message{Kind: List}, nil
	case text == edition.Exit:
		return Message{Kind: Exit}, nil
	case len(fields) == 2 && fields[0] == edition.Register && name(1):
		return Message{Kind: Register, Name: fields[1]}, nil
	case len(fields) == 2 && name(0):
		port, err := parseNumber(fields[1], edition.MaxPort, actors)
		return Message{Kind: Login, Name: fields[0], Port: port}, err
	case len(fields) == 3 && name(0) && name(2):
		amount, err := parseNumber(fields[1], edition.MaxAmount, actors)
		return Message{Kind: Payment, Name: fields[0], Amount: amount, Payee: fields[2]}, err
	}
	return Message{}, fmt.Errorf("%q is none of the five requests; write other bytes with sends", text)
}

// parseNumber reads a port or an amount: from 1 to most, or one hole for it.
func parseNumber(text string, most int64, actors map[string]bool) (Template, error) {
	t, err := parseTemplate(text, actors)
	if err != nil {
		return nil, err
	}
	if len(t) == 1 && (t[0].Hole == Value || t[0].Hole == Port) {
		return t, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > most || strconv.FormatInt(n, 10) != text {
		return nil, fmt.Errorf("%q is no number from 1 to %d; write other bytes with sends", text, most)
	}
	return t, nil
}

// String gives the message as the 2021 edition writes it, holes as in the notation.
func (m Message) String() string {
	switch m.Kind {
	case Register:
		return "REGISTER#" + m.Name
	case Login:
		return m.Name + "#" + m.Port.String()
	case List:
		return "List"
	case Exit:
		return "Exit"
	}
	return m.Name + "#" + m.Amount.String() + "#" + m.Payee
}
