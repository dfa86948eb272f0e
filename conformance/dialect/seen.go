package dialect

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance/wire"
)

// Seen are habits that nobody needs to know in order to talk to the program. Each is
// a few words; empty where it was not seen.
type Seen struct {
	Reply string // how replies end
	List  string // what form a list has
	Exit  string // what becomes of Exit
	Told  string // who hears of a payment
	Limit string // how many clients are served at a time
}

func (s Seen) parts() []string {
	return slices.DeleteFunc([]string{s.Reply, s.List, s.Exit, s.Told, s.Limit}, func(part string) bool { return part == "" })
}

// ReplyForm says how replies end, from the bytes of each with all that followed it.
func ReplyForm(replies [][]byte) string {
	var ends, tails []string
	add := func(list *[]string, what string) {
		if !slices.Contains(*list, what) {
			*list = append(*list, what)
		}
	}
	for _, raw := range replies {
		lines := wire.Lines(raw)
		if len(lines) == 0 {
			continue
		}
		for _, line := range lines {
			switch line.End {
			case "\r\n":
				add(&ends, "CRLF")
			case "\n":
				add(&ends, "LF")
			default:
				add(&ends, "no line end")
			}
		}
		last := lines[len(lines)-1]
		stop := last.Stop
		if last.End == "\x00" {
			stop-- // it is padding, and no ending
		}
		switch tail := raw[stop:]; {
		case len(tail) == 0:
		case len(bytes.Trim(tail, "\x00")) > 0:
			add(&tails, "an empty line")
		case len(tail) == 1:
			add(&tails, "one NUL")
		default:
			add(&tails, fmt.Sprintf("NUL up to %d bytes", len(raw)))
		}
	}
	if len(ends) == 0 {
		return ""
	}
	text := "lines of a reply end in " + strings.Join(ends, " or ")
	if len(ends) == 1 && ends[0] == "no line end" {
		text = "replies have no line end"
	}
	if len(tails) > 2 {
		tails = append(tails[:2], "more")
	}
	if len(tails) > 0 {
		text += ", then " + strings.Join(tails, " or ")
	}
	return text
}

// ListForm says what form a list has.
func ListForm(l wire.List) string {
	key := "no key line"
	switch n := len(l.Key); {
	case n == 1:
		key = "a key line"
	case n > 1:
		key = fmt.Sprintf("a key of %d lines", n)
	}
	count := "a bare count"
	if l.WordedCount {
		count = "a worded count"
	}
	text := fmt.Sprintf("a list has %s and %s", key, count)
	if l.WordedBalance {
		text += ", and words around the balance"
	}
	return text
}

// ExitForm says what becomes of Exit: the answer, if one came, and whether the
// connection is closed.
func ExitForm(answer string, answered, closed bool) string {
	text := "Exit is not answered"
	if answered {
		text = fmt.Sprintf("Exit is answered %q", answer)
	}
	if closed {
		return text + " and closes"
	}
	return text + " and leaves the connection open"
}

// ToldForm says who hears of a payment.
func ToldForm(payer, payee bool) string {
	switch {
	case payer && payee:
		return "payer and payee hear of a payment"
	case payer:
		return "the payer hears of a payment"
	case payee:
		return "the payee hears of a payment"
	}
	return "nobody hears of a payment"
}
