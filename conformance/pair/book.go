package pair

import (
	"slices"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/spec"
	"paycheck/spec/edition"
)

// A book is what follows from the entries of a meeting in the clear: what the server
// knows, by what it was told and has answered, and what every client has done.
type book struct {
	text     *spec.Spec
	edition  edition.Edition
	blind    bool // what did not happen proves nothing
	log      []entry
	accounts map[string]*account
	talks    []*talk
	payments []*payment
	rulings  []ruling                  // of the server
	clients  map[*party][]clientRuling // of each client, besides what a witness sees
	events   map[*party][]counter.Event
	greeted  bool
	misled   string // what the server broke first of that which can lead a client astray
}

// misleading are requirements after whose breach by a server nobody can say what a client
// would have done.
var misleading = []string{
	"FRM-1", "FRM-2", "FRM-5", "FRM-6", "FRM-8", "LOG-1", "LST-1", "LST-3", "LST-4", "LST-5", "LST-6", "LST-7", "EXT-1",
}

// An account is what the server must know of one name.
type account struct {
	name    string
	balance int64
	since   []int64 // what it was since everything last rested, balance the last
	known   bool    // the balance is
	paid    bool    // a payment has changed it since it was last seen
	lax     bool    // one that a server need not take, by its form
	online  bool
	left    bool // by Exit
	limbo   bool // its client has vanished: when that is noticed is no matter here
	port    int
	ip      string
	talk    *talk
}

// A payment is one that has come from a payer to a payee's client.
type payment struct {
	text      string
	from, to  *party
	at        int  // its entry
	forwarded bool // it came to the server, on the payee's connection
	missed    bool // it did not, though everything was at rest
	booked    int  // the entry by which the server has got it, if it has to book it; -1: not
	told      bool // whether the payer was told is judged
}

// read goes through the entries of a meeting.
func read(log []entry, text *spec.Spec, e edition.Edition, blind bool) *book {
	b := &book{
		text: text, edition: e, blind: blind, log: log, accounts: map[string]*account{},
		clients: map[*party][]clientRuling{}, events: map[*party][]counter.Event{},
	}
	for i, e := range log {
		switch {
		case e.kind == rests:
			b.rest(i)
		case e.kind == shows:
			b.screen(i, e)
		case e.kind == dies:
			b.death(i, e)
		case e.kind == waits:
			b.ruleClient(e.by, "CLI-2", speaksFirst, -1, play.Result{
				Outcome: play.Tolerated, Why: "it waits for a line of text, which this server does not send and need not (FRM-7)",
			})
		case e.link != nil && e.link.to == nil:
			b.atServer(i, e)
		case e.link != nil:
			b.atPeer(i, e)
		}
	}
	b.end()
	return b
}

// rule notes a ruling on the server.
func (b *book) rule(id string, at int, r play.Result) {
	switch {
	case r.Outcome == play.Held:
	case b.misled == "FRM-5", b.misled == "FRM-6": // where a reply ends is a guess by now
		r = play.Result{Outcome: play.Broken, Why: r.Why + ", but " + b.misled + " was broken before"}
	case r.Outcome == play.Violated && b.misled == "" && slices.Contains(misleading, id):
		b.misled = id
	}
	b.rulings = append(b.rulings, ruling{id: id, result: r, at: at})
}

func (b *book) held(id string) { b.rule(id, -1, play.Result{Outcome: play.Held}) }

// form rules that something holds, or in a form that is accepted.
func (b *book) form(id string, at int, exact bool, want string, got []byte) {
	if exact {
		b.held(id)
		return
	}
	if r, ok := b.text.Find(id); ok && r.Tolerated == "" {
		b.wrong(id, at, "more or something else was sent", want, got)
		return
	}
	b.rule(id, at, play.Result{Outcome: play.Tolerated, Why: want, Finding: &play.Finding{Want: want, Got: got, At: -1}})
}

// wrong rules against the server.
func (b *book) wrong(id string, at int, why, want string, got []byte) {
	b.wrongAt(id, at, why, want, got, -1)
}

// wrongAt is wrong where the first wrong byte is known.
func (b *book) wrongAt(id string, at int, why, want string, got []byte, first int) {
	r := play.Result{Outcome: play.Violated, Why: why, Finding: &play.Finding{Want: want, Got: got, At: first}}
	if len(got) == 0 && b.blind {
		r = play.Result{Outcome: play.Broken, Why: why + ", but the program's process can't be looked at, so that it may only be slow"}
	}
	b.rule(id, at, r)
}

// happens notes an event of a client for the witness.
func (b *book) happens(p *party, e counter.Event) { b.events[p] = append(b.events[p], e) }

// end judges what only the whole meeting shows.
func (b *book) end() {
	if len(b.payments) > 0 {
		b.held("PAY-2")
	}
	if len(b.talks) > 0 && len(b.accounts) > 0 {
		for _, id := range []string{"FRM-1", "FRM-8"} {
			b.held(id)
		}
		if !b.greeted {
			b.held("FRM-7")
		}
	}
}
