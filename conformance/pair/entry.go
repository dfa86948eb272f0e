package pair

import (
	"time"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
)

// An entry is one thing that was seen between the programs.
type entry struct {
	at      time.Duration // since the meeting began
	link    *link         // nil: it was on none
	kind    kind
	data    []byte // of says and answers: what came
	passed  []byte // of says: what was passed on in its place; nil: the same
	reset   bool   // of leaves and hangsUp
	text    string // of acts, remarks, shows and dies
	by      *party // of acts, shows and waits: whose user, or screen; of dies: whose client, nil: the server
	op      driver.Op
	whom    *party // of acts: who is paid
	amount  int
	balance int64 // of shows: what that of by is by all payments
	acted   bool  // of shows: it is the screen of who acted last
	death   *target.Death
	screen  string   // of dies, of a client
	stderr  []string // of dies, of the server
}

// A kind is what kind of thing was seen.
type kind int

const (
	opens   kind = iota // a client has connected
	refused             // and nobody takes the connection
	says                // who has connected sends something
	answers             // who was connected to does
	leaves              // who has connected ends its side
	hangsUp             // who was connected to does
	acts                // a user does something
	remark              // what the suite has done or seen besides
	rests               // every program is at rest
	shows               // what a screen shows, since a line was last typed
	waits               // a client waits for a server that says nothing
	dies                // a program has ended though nobody told it to
)

// event is the entry in a transcript; false: it has no place there.
func (e entry) event() (transcript.Event, bool) {
	t := transcript.Event{At: e.at, Bytes: e.data, Text: e.text}
	if len(t.Bytes) > transcript.MaxBytes {
		t.Bytes = t.Bytes[:transcript.MaxBytes:transcript.MaxBytes]
	}
	if e.link != nil {
		t.Who = e.link.who()
	}
	switch e.kind {
	case opens:
		t.Kind, t.Text = transcript.Act, e.link.from.nick+" connects to "+e.link.target()
		if e.link.to == nil && e.link.from.ip != loopback {
			t.Text += " from " + e.link.from.ip
		}
	case refused:
		t.Kind, t.Text = transcript.Note, "nobody listens where "+e.link.target()+" is"
	case says:
		t.Kind = transcript.Sent
	case answers:
		t.Kind = transcript.Received
	case leaves:
		t.Kind, t.Text = transcript.Act, t.Who+" closes"
		if e.reset {
			t.Text = t.Who + " resets"
		}
	case hangsUp:
		t.Kind = transcript.Ended
		if e.reset {
			t.Kind = transcript.Reset
		}
	case acts:
		t.Kind, t.Who = transcript.Act, "user"
	case remark:
		t.Kind, t.Who = transcript.Note, "paycheck"
	case dies:
		t.Kind, t.Who = transcript.Note, "paycheck"
	case rests, shows, waits:
		return t, false
	}
	return t, true
}

func (l *link) target() string {
	if l.to == nil {
		return "the server"
	}
	return l.to.nick
}
