package wire

import (
	"strconv"

	"paycheck/spec/edition"
)

// Line is a reply of one line (protocol.md, section "Replies"), or one that comes
// unasked.
func Line(text string) []byte { return appendLine(nil, text) }

// A Listing is the answer to a login and to List (the hand-out, 2.C(2) and (3)).
type Listing struct {
	Balance int64   // of the account that asks, in whole units
	Key     string  // the server's public key, one line; empty: the edition has none
	Online  []Entry // every account online, the one that asks included
}

// An Entry is one account that is online.
type Entry struct {
	Name string
	IP   string // the address that its client connects from
	Port int    // the port that its client listens on
}

// Encode is the whole listing: balance, key, number online, and a line for each.
func (l Listing) Encode() []byte { return l.AppendTo(nil, EncodeOnline(l.Online)) }

// AppendTo appends what Encode returns to b, where the part that EncodeOnline
// renders is at hand. It is the same for everybody who asks, and the longest by far.
func (l Listing) AppendTo(b, online []byte) []byte {
	b = appendLine(b, strconv.FormatInt(l.Balance, 10))
	if l.Key != "" {
		b = appendLine(b, l.Key)
	}
	return append(b, online...)
}

// EncodeOnline is the number online, and a line for each.
func EncodeOnline(online []Entry) []byte {
	b := appendLine(nil, strconv.Itoa(len(online)))
	for _, e := range online {
		b = appendLine(b, e.Name+separator+e.IP+separator+strconv.Itoa(e.Port))
	}
	return b
}

// appendLine is the one place that ends a line of a reply.
func appendLine(b []byte, text string) []byte {
	b = append(b, text...)
	return append(b, edition.ReplyEnd...)
}
