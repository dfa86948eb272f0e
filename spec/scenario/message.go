package scenario

import (
	"fmt"
	"regexp"
	"strings"
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

// parseMessage reads a valid request; the verb is read first, so REGISTER is no name.
func parseMessage(text string, actors map[string]bool) (Message, error) {
	switch text {
	case "List":
		return Message{Kind: List}, nil
	case "Exit":
		return Message{Kind: Exit}, nil
	}
	fields := strings.Split(text, "#")
	malformed := fmt.Errorf("%q is none of the five requests; write other bytes with sends", text)
	name := func(i int) bool { return nameRule.MatchString(fields[i]) }
	switch {
	case len(fields) == 2 && fields[0] == "REGISTER" && name(1):
		return Message{Kind: Register, Name: fields[1]}, nil
	case len(fields) == 2 && name(0):
		port, err := parseTemplate(fields[1], actors)
		if err != nil {
			return Message{}, err
		}
		return Message{Kind: Login, Name: fields[0], Port: port}, nil
	case len(fields) == 3 && fields[0] != "REGISTER" && name(0) && name(2):
		amount, err := parseTemplate(fields[1], actors)
		if err != nil {
			return Message{}, err
		}
		return Message{Kind: Payment, Name: fields[0], Amount: amount, Payee: fields[2]}, nil
	}
	return Message{}, malformed
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
