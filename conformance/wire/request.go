package wire

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A Request is what a client has sent in one go, as it came: whether its form is
// right is for whoever judges it.
type Request struct {
	Odd    bool          // it is none of the five, and Kind means nothing
	Kind   scenario.Kind //
	Text   string        // without what ends it
	Tail   string        // what ends it: the bytes behind the text, a NUL and padding included
	Fields []string      // Register: name, and a deposit if there is one; Login: name, port; Payment: payer, amount, payee
}

// Is reports whether it is a request of that kind.
func (r Request) Is(kind scenario.Kind) bool { return !r.Odd && r.Kind == kind }

var (
	nameForm   = regexp.MustCompile(`^[A-Za-z0-9]{1,16}$`)
	numberForm = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
)

// ReadRequest reads one request. It ends at the first NUL, and a line end before that
// belongs to its tail. Verbs in another letter case are read as what they mean, and
// keep their text.
func ReadRequest(raw []byte, e edition.Edition) Request {
	text := raw
	if n := bytes.IndexByte(raw, 0); n >= 0 {
		text = raw[:n]
	}
	text = bytes.TrimRight(text, "\r\n")
	r := Request{Odd: true, Text: string(text), Tail: string(raw[len(text):])}
	fields := strings.Split(r.Text, "#")
	switch {
	case strings.EqualFold(r.Text, edition.List):
		r.Odd, r.Kind = false, scenario.List
	case strings.EqualFold(r.Text, edition.Exit):
		r.Odd, r.Kind = false, scenario.Exit
	case fields[0] == edition.Register:
		if registers(fields, e) {
			r.Odd, r.Kind, r.Fields = false, scenario.Register, fields[1:]
		}
	case len(fields) == 2 && isName(fields[0]) && isNumber(fields[1], edition.MaxPort):
		r.Odd, r.Kind, r.Fields = false, scenario.Login, fields
	case len(fields) == 3 && isName(fields[0]) && isNumber(fields[1], edition.MaxAmount) && isName(fields[2]):
		r.Odd, r.Kind, r.Fields = false, scenario.Payment, fields
	}
	return r
}

func registers(fields []string, e edition.Edition) bool {
	if e.Deposit {
		return len(fields) == 3 && isName(fields[1]) && isNumber(fields[2], edition.MaxAmount)
	}
	return len(fields) == 2 && isName(fields[1])
}

func isName(text string) bool { return nameForm.MatchString(text) && text != edition.Register }

func isNumber(text string, most int64) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && numberForm.MatchString(text) && n <= most
}

// Number is the port of a login or the amount of a payment; 0: it has none.
func (r Request) Number() int64 {
	if !r.Is(scenario.Login) && !r.Is(scenario.Payment) {
		return 0
	}
	n, _ := strconv.ParseInt(r.Fields[1], 10, 64) // it has been read before
	return n
}

// Ending says how a tail ends a request: "nothing", "NUL", "LF", "CRLF", "NUL and
// padding"; false: there is more than an ending in it.
func (r Request) Ending() (name string, ok bool) {
	switch r.Tail {
	case "":
		return "nothing", true
	case "\x00":
		return "NUL", true
	case "\n":
		return "LF", true
	case "\r\n":
		return "CRLF", true
	case "\n\x00", "\r\n\x00":
		return "a line end and NUL", true
	}
	if strings.Contains(r.Tail, "\x00") { // what stands behind it is an old buffer
		return "NUL and padding", true
	}
	return "several line ends", false
}
