package client

import "paycheck/reference/wire"

// A Kind says what an [Event] is about.
type Kind int

// The kinds of events.
const (
	Paid    Kind = iota // a peer paid, and the payment was passed on to the server
	Notice              // the server says what became of a payment
	Said                // the server says something else unasked, a greeting for one
	Waiting             // the server takes long to answer
	Ignored             // a peer sent something that was not passed on
)

// An Event is what happens without the user having asked for it.
type Event struct {
	Kind    Kind
	Payment wire.Payment // of Paid
	Text    string       // of Notice and Said: the line; of Ignored: why, from whom, and what
}
