// Package vectors holds messages, good and bad, that every codec of the protocol
// is tested with. They are text files, one vector a line, that a person can read
// and a program in any language can use; their heads say how they are written.
//
// A [Request] or a [Reply] has the bytes, the [Kind] that they are and the fields
// in them. What is good and what is bad is decided by spec/grammar.abnf and the
// two rules at its head, and a test holds the vectors against it.
package vectors

import (
	_ "embed"

	"paycheck/spec/edition"
)

//go:embed requests.txt
var requests string

//go:embed replies.txt
var replies string

// A Kind is what a message is: a rule of the grammar, or why it is none.
type Kind string

// The kinds of request.
const (
	Register  Kind = "register"           // name; in editions with a deposit, the deposit
	Login     Kind = "login"              // name, port
	List      Kind = "list"               // as a reply: balance, key line where there is one, count, entries
	Exit      Kind = "exit"               // no fields
	Payment   Kind = "payment"            // payer, amount, payee
	BadAmount Kind = "payment-bad-amount" // payer, what is no amount, payee
	Malformed Kind = "malformed"          // no fields; as a reply: 230 Input format error
)

// The kinds of reply, besides [List] and [Malformed]. None has fields.
const (
	OK           Kind = "ok"
	Fail         Kind = "fail"
	AuthFail     Kind = "auth-fail"
	Bye          Kind = "bye"
	LoginFirst   Kind = "login-first"
	TransferOK   Kind = "transfer-ok"
	TransferFail Kind = "transfer-fail"
	Other        Kind = "other" // none of them
)

// A Vector is what requests and replies have in common.
type Vector struct {
	Line    int             // in its file, from 1
	Edition edition.Edition // a vector of every edition is given once for each
	Kind    Kind
	Text    string
	Fields  []string
	Comment string // what it is about; may be empty
}

// A Request is one message of a client. Its text is without what ends a request
// in its edition.
type Request struct{ Vector }

// Valid says whether it is one of the five requests.
func (r Request) Valid() bool { return r.Kind != Malformed && r.Kind != BadAmount }

// A Reply is one message of a server, with its line ends.
type Reply struct {
	Vector
	Tolerated bool // not of the grammar; a reader that forgives takes it for its kind
}

// Valid says whether it is a reply or a notice of the grammar.
func (r Reply) Valid() bool { return r.Kind != Other && !r.Tolerated }

// Requests returns the vectors of requests.txt. The error names file and line.
func Requests() ([]Request, error) {
	kinds := []Kind{Register, Login, List, Exit, Payment, BadAmount, Malformed}
	var all []Request
	err := each("requests.txt", requests, kinds, func(v Vector, tolerated bool) error {
		if tolerated {
			return errTolerated
		}
		all = append(all, Request{v})
		return nil
	})
	return all, err
}

// Replies returns the vectors of replies.txt. The error names file and line.
func Replies() ([]Reply, error) {
	kinds := []Kind{OK, Fail, AuthFail, Bye, LoginFirst, Malformed, List, TransferOK, TransferFail, Other}
	var all []Reply
	err := each("replies.txt", replies, kinds, func(v Vector, tolerated bool) error {
		all = append(all, Reply{Vector: v, Tolerated: tolerated})
		return nil
	})
	return all, err
}
