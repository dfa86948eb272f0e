package model

import (
	"strconv"
	"strings"

	"paycheck/spec/edition"
)

// A Kind is what a request asks for (protocol.md, section 4).
type Kind int

// The five requests, and whatever is none of them.
const (
	Malformed Kind = iota
	Register
	Login
	List
	Exit
	Payment
)

// A Request is what a server can make of one text.
type Request struct {
	Kind   Kind
	Name   string // Register, Login: the account; Payment: the payer
	Payee  string // Payment
	Number Number // Login: the port; Payment: the amount; Register: the deposit, where there is one
	Text   string
}

// A Number is a field that should hold one. Only digits make a decimal number
// (PAY-10).
type Number struct {
	Form  Form
	Value int64 // of Proper, Padded, Zero, Large and Negative
}

// A Form is how a number is written.
type Form int

// The forms of a number.
const (
	NoNumber Form = iota // something else, or too large for 64 bits
	Proper               // from 1 to the limit, without a leading zero
	Padded               // the same, behind leading zeros: section 6 keeps senders from it
	Zero
	Large    // above the limit
	Negative // a minus sign, then digits
)

// Read tells what a text is in an edition. The verb is read first, so what begins with
// REGISTER is a registration or malformed.
func Read(text string, e edition.Edition) Request {
	r := Request{Text: text}
	fields := strings.Split(text, "#")
	wanted := 2
	if e.Deposit {
		wanted = 3
	}
	switch {
	case strings.Contains(text, "\x00"): // in a stream it separates nothing (FRM-3)
	case text == edition.List:
		r.Kind = List
	case text == edition.Exit:
		r.Kind = Exit
	case fields[0] == edition.Register:
		if len(fields) != wanted || fields[1] == edition.Register {
			return r
		}
		r.Kind, r.Name = Register, fields[1]
		if e.Deposit {
			r.Number = number(fields[2], edition.MaxAmount)
		}
	case len(fields) == 2:
		r.Kind, r.Name, r.Number = Login, fields[0], number(fields[1], edition.MaxPort)
	case len(fields) == 3:
		r.Kind, r.Name, r.Payee, r.Number = Payment, fields[0], fields[2], number(fields[1], edition.MaxAmount)
	}
	return r
}

// number reads a field that should hold a number from 1 to most.
func number(text string, most int64) Number {
	digits, negative := strings.CutPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return Number{}
	}
	value, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return Number{}
	case value == 0:
		return Number{Form: Zero}
	case negative:
		return Number{Negative, value}
	case value > most:
		return Number{Large, value}
	case digits[0] == '0':
		return Number{Padded, value}
	}
	return Number{Proper, value}
}

// Plain reports whether a name is one that section 6 allows: every server takes it.
func Plain(name string) bool {
	if name == "" || len(name) > edition.MaxName || name == edition.Register {
		return false
	}
	for _, c := range []byte(name) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}
