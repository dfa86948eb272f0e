package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"paycheck/spec/edition"
)

// The bounds on what one server can make a client remember.
const (
	MaxLine   = 16 << 10 // bytes of one line of a reply; the rest of it is dropped
	MaxOnline = 100_000  // entries in one listing
	maxEntry  = 256      // bytes of an entry; a name, an IPv6 address and a port have 68
	maxKey    = 100      // lines of a key; one in PEM form with 4096 bits has 14
)

// ErrListing is in the chain of every [Reply.Err].
var ErrListing = errors.New("malformed list")

// A Reply is what a server said: a line, or a listing.
type Reply struct {
	Line    string   // without its end; of a listing, its first line
	Listing *Listing // nil: it is a line
	Odd     []string // lines that stand for an entry of the listing and are none
	Err     error    // why the listing is not whole; it then holds what came before
}

// Notice says whether it came unasked, to tell the payer what became of a
// payment. Its first word tells: no reply begins so, and servers word the rest in
// their own ways.
func (r Reply) Notice() bool {
	first, _, _ := strings.Cut(r.Line, " ")
	return strings.EqualFold(first, "transfer")
}

// Code is the number of three digits that a reply such as 210 FAIL begins with,
// or "".
func (r Reply) Code() string {
	first, _, _ := strings.Cut(r.Line, " ")
	if _, err := strconv.ParseUint(first, 10, 16); err != nil || len(first) != 3 || r.Listing != nil {
		return ""
	}
	return first
}

// Known says whether it is a reply of the protocol, rather than a greeting or
// another text that a server may say of its own accord.
func (r Reply) Known() bool {
	return r.Listing != nil || r.Code() != "" || r.Line == edition.LoginFirst || r.Line == edition.Bye
}

// parseEntry reads <name>#<address>#<port>, the line of one account online.
func parseEntry(line string) (Entry, bool) {
	fields := strings.Split(line, separator)
	if len(line) > maxEntry || len(fields) != 3 || fields[0] == "" || fields[1] == "" {
		return Entry{}, false
	}
	port, ok := number(fields[2], edition.MaxPort)
	return Entry{Name: fields[0], IP: fields[1], Port: int(port)}, ok
}

// parseBalance reads the line that a listing begins with. A server that lets its
// accounts overdraw shows a balance below zero.
func parseBalance(line string) (int64, bool) {
	balance, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	return balance, err == nil
}

// parseCount reads how many are online: a number, alone or among words, but not
// an entry that holds one.
func parseCount(line string) (int, error) {
	numbers := strings.FieldsFunc(line, func(c rune) bool { return c != '-' && (c < '0' || '9' < c) })
	if len(numbers) != 1 || strings.Contains(line, separator) {
		return 0, fmt.Errorf("%w: no number of users: %.60q", ErrListing, line)
	}
	n, err := strconv.Atoi(numbers[0])
	if err != nil || n < 0 || n > MaxOnline {
		return 0, fmt.Errorf("%w: no possible number of users: %.60q", ErrListing, line)
	}
	return n, nil
}
