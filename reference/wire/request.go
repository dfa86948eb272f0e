// Package wire is the codec of the reference pair: what travels between client
// and server, as bytes and as values. It is pure: no network, no clock.
//
// A [Request] is one of [Register], [Login], [List], [Exit] and [Payment]; [Parse]
// reads one and [Encode] writes one. A [Framer] cuts what a connection reads into
// requests, and forgives much. [Line] and [Listing] write replies, and are exact.
package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"paycheck/spec/edition"
)

// MaxRequest is the longest request that is read, in bytes without its ending.
// The longest that means anything has 44 (16 + 1 + 10 + 1 + 16, a payment), so
// this is only the bound on what one client can make a server remember.
const MaxRequest = 1024

// separator stands between the fields of a request.
const separator = "#"

// ErrMalformed is in the chain of every error of [Parse].
var ErrMalformed = errors.New("malformed request")

// A Request is one of the five messages that a server answers.
type Request interface {
	// Text is the request as it is sent, without an ending.
	Text() string
}

// Register asks for a new account (the hand-out, 2.C(1)).
type Register struct {
	Name    string
	Deposit int64 // opening balance in whole units; 0 where the edition has none
}

// Login brings an account online (the hand-out, 2.C(2)).
type Login struct {
	Name string
	Port int // where the client listens for other clients
}

// List asks for the balance and who is online (the hand-out, 2.C(3)).
type List struct{}

// Exit says goodbye (the hand-out, 2.C(4)).
type Exit struct{}

// Payment moves money from payer to payee (the hand-out, 2.C(5)). The payer sends
// it to the payee, and the payee sends the same text to the server.
type Payment struct {
	Payer  string
	Amount int64 // whole units; 0 if what was sent is no amount, to be refused
	Payee  string
}

// Text is REGISTER#<name>, with #<deposit> if there is one.
func (r Register) Text() string {
	text := edition.Register + separator + r.Name
	if r.Deposit != 0 {
		text += separator + strconv.FormatInt(r.Deposit, 10)
	}
	return text
}

// Text is <name>#<port>.
func (r Login) Text() string { return r.Name + separator + strconv.Itoa(r.Port) }

// Text is List.
func (List) Text() string { return edition.List }

// Text is Exit.
func (Exit) Text() string { return edition.Exit }

// Text is <payer>#<amount>#<payee>.
func (r Payment) Text() string {
	return r.Payer + separator + strconv.FormatInt(r.Amount, 10) + separator + r.Payee
}

// Encode is the request as the edition wants it sent, its ending included.
func Encode(r Request, e edition.Edition) []byte {
	return []byte(r.Text() + e.RequestEnd)
}

// Parse reads one request, without its ending. The verb is read first, so
// REGISTER#5000 asks for the name 5000 and is no login.
//
// A payment between two well-formed names whose amount is none is still a
// payment, of 0: somebody is to be told that it failed. Everything else that is
// not of the grammar is an error with [ErrMalformed] in its chain.
func Parse(text string, e edition.Edition) (Request, error) {
	fields := strings.Split(text, separator)
	switch {
	case text == edition.List:
		return List{}, nil
	case text == edition.Exit:
		return Exit{}, nil
	case fields[0] == edition.Register:
		return parseRegister(fields[1:], e)
	case len(fields) == 2:
		return parseLogin(fields[0], fields[1])
	case len(fields) == 3:
		return parsePayment(fields[0], fields[1], fields[2])
	}
	return nil, malformed("none of the five requests", text)
}

// parseRegister reads what follows the verb: the name, and in an edition that has
// one the deposit.
func parseRegister(fields []string, e edition.Edition) (Request, error) {
	want := 1
	if e.Deposit {
		want = 2
	}
	if len(fields) != want {
		return nil, malformed("wrong number of fields", edition.Register)
	}
	if !ValidName(fields[0]) {
		return nil, malformed("no name", fields[0])
	}
	r := Register{Name: fields[0]}
	if e.Deposit {
		deposit, ok := number(fields[1], edition.MaxAmount)
		if !ok {
			return nil, malformed("no deposit", fields[1])
		}
		r.Deposit = deposit
	}
	return r, nil
}

func parseLogin(name, port string) (Request, error) {
	n, ok := number(port, edition.MaxPort)
	switch {
	case !ValidName(name):
		return nil, malformed("no name", name)
	case !ok:
		return nil, malformed("no port", port)
	}
	return Login{Name: name, Port: int(n)}, nil
}

func parsePayment(payer, amount, payee string) (Request, error) {
	switch {
	case !ValidName(payer):
		return nil, malformed("no name", payer)
	case !ValidName(payee):
		return nil, malformed("no name", payee)
	}
	n, ok := number(amount, edition.MaxAmount)
	if !ok {
		n = 0
	}
	return Payment{Payer: payer, Amount: n, Payee: payee}, nil
}

// ValidName says whether a name can be registered: 1 to edition.MaxName letters
// and digits, and not the verb that would be read first.
func ValidName(name string) bool {
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

// number reads a decimal number from 1 to most in its one spelling: no sign, no
// leading zero, no space.
func number(s string, most int64) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	ok := err == nil && 1 <= n && n <= most && s == strconv.FormatInt(n, 10)
	return n, ok
}

// shown is how much of a request an error quotes.
const shown = 40

func malformed(reason, text string) error {
	if len(text) > shown {
		text = text[:shown]
	}
	return fmt.Errorf("%w: %s: %q", ErrMalformed, reason, text)
}
