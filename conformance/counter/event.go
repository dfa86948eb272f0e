package counter

import (
	"time"

	"paycheck/conformance/wire"
)

// An Event is one thing that happened at the counter.
type Event struct {
	Kind    Kind
	At      time.Time
	Visit   int          // which connection of the client to the server, from 1; 0: it was with a peer
	Peer    string       // of the events with a peer: whose name
	Name    string       // the account that is logged in on the visit, if it is
	Raw     []byte       // of Asked and Paid: what came, or what was sealed in it
	Block   string       // of Asked and Paid: what came, if it was sealed for who got it
	Request wire.Request // the same, read
	Reply   string       // of Told: what was sent, its last line end left out
	Reset   bool         // of Left: by an RST
}

// A Kind is what kind of thing happened.
type Kind int

// The kinds of events.
const (
	Connected Kind = iota // the client has connected to the server
	Asked                 // the client has sent something to the server
	Told                  // the server has sent something to the client
	Left                  // the client has ended a connection to the server
	Visited               // the client has connected to a peer
	Paid                  // the client has sent something to a peer
	Reached               // a peer has connected to the client
	Unreached             // a peer could not
	Pays                  // a peer has sent a payment to the client, which is Raw
)
