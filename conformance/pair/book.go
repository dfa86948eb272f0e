package pair

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
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
	known   bool // the balance is
	paid    bool // a payment has changed it since it was last seen
	lax     bool // one that a server need not take, by its form
	online  bool
	left    bool // by Exit
	limbo   bool // its client has vanished: when that is noticed is no matter here
	port    int
	ip      string
	talk    *talk
}

// A talk is one connection of a client to the server.
type talk struct {
	link    *link
	name    string       // logged in as
	unread  []byte       // what the server has said and no reply was cut from
	said    []byte       // all that it has said since the last request
	saidAt  int          // the entry of the last of it
	pending wire.Request // not answered yet
	waits   bool
	asked   int // the entry of pending
	exits   bool
	left    bool     // the client has ended its side
	news    []string // lines that came unasked since the last rest
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
	r := play.Result{Outcome: play.Violated, Why: why, Finding: &play.Finding{Want: want, Got: got, At: -1}}
	if len(got) == 0 && b.blind {
		r = play.Result{Outcome: play.Broken, Why: why + ", but the program's process can't be looked at, so that it may only be slow"}
	}
	b.rule(id, at, r)
}

// happens notes an event of a client for the witness.
func (b *book) happens(p *party, e counter.Event) { b.events[p] = append(b.events[p], e) }

func (b *book) talk(l *link) *talk {
	for _, t := range b.talks {
		if t.link == l {
			return t
		}
	}
	t := &talk{link: l}
	b.talks = append(b.talks, t)
	return t
}

// atServer takes an entry of a connection to the server.
func (b *book) atServer(i int, e entry) {
	t, p := b.talk(e.link), e.link.from
	event := counter.Event{Visit: e.link.visit, Name: t.name, Raw: e.data, Reset: e.reset}
	switch e.kind {
	case opens:
		event.Kind = counter.Connected
		b.happens(p, event)
	case says:
		b.settled(t, i)
		event.Kind, event.Request = counter.Asked, wire.ReadRequest(e.data, b.edition)
		b.happens(p, event)
		r := event.Request
		if e.passed != nil {
			r = wire.ReadRequest(e.passed, b.edition)
		}
		t.pending, t.waits, t.asked = r, true, i
		t.exits = t.exits || r.Is(scenario.Exit)
		if r.Odd {
			b.odd(i, p, e)
		}
		if r.Is(scenario.Payment) {
			b.gets(i, t, r)
		}
	case answers:
		if !t.waits && t.asked > 0 { // it is no part of the reply
			b.forms(t)
		}
		t.unread, t.said, t.saidAt = append(t.unread, e.data...), append(t.said, e.data...), i
		if t.asked == 0 && !t.waits {
			b.greets(i, t)
		}
		b.cut(i, t, false)
	case hangsUp:
		b.cut(i, t, true)
		if t.waits && t.pending.Is(scenario.Exit) {
			b.unanswered(t)
		}
		t.waits = false
		if !t.exits && !t.left && !b.gone(i) {
			b.wrong("FRM-1", i, "the server ended the connection though the client had not left", "the connection stays", nil)
		}
	case leaves:
		event.Kind = counter.Left
		b.happens(p, event)
		if t.waits && t.pending.Is(scenario.Exit) { // it did not wait for the answer
			b.leaves(t)
		} else if a := b.accounts[t.name]; a != nil && a.online {
			a.limbo = true
		}
		t.waits, t.left = false, true
	}
}

// greets is for what the server says before the first request.
func (b *book) greets(i int, t *talk) {
	b.greeted = true
	want := "nothing before the first request"
	if lines := wire.Lines(t.said); len(lines) == 1 {
		b.form("FRM-7", i, false, want, t.said)
		return
	}
	b.wrong("FRM-7", i, "the server spoke before the first request", want, t.said)
}

// cut takes what the server has said for the answer to what it was asked. Final says
// that no more will come.
func (b *book) cut(i int, t *talk, final bool) {
	if t.waits && !t.pending.Is(scenario.Payment) {
		r, ok := wire.Next(t.unread, b.edition, final)
		if !ok {
			return
		}
		t.waits = false
		t.unread = t.unread[len(r.Raw):]
		for _, line := range r.Before {
			b.hears(t, line.Text)
		}
		b.answered(i, t, t.pending, r)
	}
	if final {
		for _, line := range wire.Lines(t.unread) {
			b.hears(t, line.Text)
		}
		t.unread = nil
	}
}

// hears notes a line that came unasked.
func (b *book) hears(t *talk, line string) {
	t.news = append(t.news, line)
	b.happens(t.link.from, counter.Event{Kind: counter.Told, Visit: t.link.visit, Name: t.name, Reply: line})
}

// settled takes all that the server has said by now for all that it was going to say.
func (b *book) settled(t *talk, i int) {
	b.cut(i, t, true)
	b.forms(t)
}

// forms judges the form of what the server has said at one go.
func (b *book) forms(t *talk) {
	if len(t.said) == 0 || t.asked == 0 {
		t.said = nil
		return
	}
	b.rule("FRM-5", t.saidAt, conformance.LineEnds(t.said, b.edition))
	b.rule("FRM-6", t.saidAt, conformance.Behind(t.said, b.edition))
	for _, p := range b.payments {
		if at := bytes.Index(t.said, []byte(p.text)); at >= 0 {
			b.rule("PAY-2", t.saidAt, play.Result{
				Outcome: play.Violated, Why: "the text of a payment was sent to " + t.link.from.nick,
				Finding: &play.Finding{Want: "no text of a payment", Got: t.said, At: at},
			})
		}
	}
	t.said = nil
}

// rest takes the silence of a moment when every program rests.
func (b *book) rest(i int) {
	for _, t := range b.talks {
		b.settled(t, i)
		if t.waits && !b.gone(i) {
			b.unanswered(t)
		}
		t.waits = false
	}
	b.notices(i)
	for _, t := range b.talks {
		t.news = nil
	}
	b.forwards()
}

// unanswered is for a request to which nothing has come.
func (b *book) unanswered(t *talk) {
	r := t.pending
	switch {
	case r.Odd || r.Is(scenario.Payment):
		return // what a server says to those is judged elsewhere, or nowhere
	case r.Is(scenario.Exit):
		if b.owed("EXT-1", t, r) {
			b.wrong("EXT-1", t.asked, "Exit is not answered", edition.Bye, nil)
		}
		b.leaves(t)
		return
	}
	id := "FRM-1"
	if b.edition.RequestEnd == "" {
		id = "FRM-2"
	}
	if !b.owed(id, t, r) {
		return
	}
	b.wrong(id, t.asked, transcript.Visible([]byte(r.Text))+" is not answered", "an answer", nil)
}

// needNot is said of a payment that has no effect.
const needNot = "the payment did not end as a server of this edition has to take it"

// owed reports whether a request has the form that a server must take. If it has not,
// that the server does not do what it is asked is nobody's fault, and not judged.
func (b *book) owed(id string, t *talk, r wire.Request) bool {
	name, _ := r.Ending()
	why := fmt.Sprintf("%s's client ends its request in %s, which a server of this edition need not take", t.link.from.nick, name)
	switch {
	case r.Is(scenario.List) && r.Text != edition.List, r.Is(scenario.Exit) && r.Text != edition.Exit:
		why = fmt.Sprintf("%s's client sends %s, which a server need not take", t.link.from.nick, r.Text)
	case r.Tail == b.edition.RequestEnd:
		return true
	}
	b.rule(id, t.asked, play.Result{Outcome: play.Broken, Why: why})
	return false
}

// gone reports whether the server has died by the next rest: then nothing else is said
// of what it does not do.
func (b *book) gone(i int) bool {
	for _, e := range b.log[i:] {
		if e.kind == dies && e.by == nil {
			return true
		}
		if e.kind == acts {
			return false
		}
	}
	return false
}

var agrees = regexp.MustCompile(`(?i)\bok\b`)

// notices judges whether the payers of what was booked were told.
func (b *book) notices(i int) {
	for _, p := range b.payments {
		if p.booked < 0 || p.told || b.gone(i) {
			continue
		}
		p.told = true
		payer, payee := b.news(p.from), b.news(p.to)
		switch {
		case contains(payer, func(s string) bool { return s == edition.TransferOK }):
			b.held("PAY-3")
		case contains(payer, agrees.MatchString), contains(payee, agrees.MatchString):
			b.form("PAY-3", p.booked, false, edition.TransferOK+" to the payer", []byte(strings.Join(append(payer, payee...), "\n")))
		case b.accounts[p.from.name].lax:
			b.rule("PAY-3", p.booked, play.Result{Outcome: play.Broken, Why: needNot})
		default:
			b.wrong("PAY-3", p.booked, "the payer was told nothing of the payment", edition.TransferOK, nil)
		}
	}
}

func (b *book) news(p *party) (all []string) {
	for _, t := range b.talks {
		if t.link.from == p {
			all = append(all, t.news...)
		}
	}
	return all
}

func contains(lines []string, fits func(string) bool) bool {
	for _, line := range lines {
		if fits(line) {
			return true
		}
	}
	return false
}

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
