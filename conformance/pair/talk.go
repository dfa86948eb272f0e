package pair

import (
	"bytes"
	"regexp"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A talk is one connection of a client to the server.
type talk struct {
	link    *link
	name    string       // logged in as
	unread  []byte       // what the server has said and no reply was cut from
	said    []byte       // all that it has said since the last request
	saidAt  int          // the entry of the last of it
	pending wire.Request // not answered yet
	waits   bool
	excuse  string // why a server need not take pending; empty: it must
	asked   int    // the entry of pending
	longest int    // of the requests so far
	stale   bool   // pending ends in nothing, behind a longer one
	lined   bool   // a request has ended in a line end
	noticed bool   // a line has come unasked
	exits   bool
	left    bool     // the client has ended its side
	news    []string // lines that came unasked since the last rest
}

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
		b.isOwed(t, r)
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
		if a := b.accounts[t.name]; a != nil && a.online && !t.exits {
			a.limbo = true
		}
		t.left = true
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
	t.news, t.noticed = append(t.news, line), true
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
	for _, a := range b.accounts {
		a.since = []int64{a.balance}
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
	case t.left && r.Is(scenario.Exit):
		b.rule("EXT-1", t.asked, play.Result{Outcome: play.NotApplicable, Why: t.link.from.nick + "'s client did not wait for the answer"})
		b.leaves(t)
		return
	case t.left, r.Is(scenario.Exit) && t.name == "":
		return
	case r.Odd || r.Is(scenario.Payment):
		return // what a server says to those is judged elsewhere, or nowhere
	case r.Is(scenario.Exit):
		if b.owed("EXT-1", t) {
			b.wrong("EXT-1", t.asked, "Exit is not answered", edition.Bye, nil)
			b.leaves(t)
		} else if a := b.accounts[t.name]; a != nil {
			a.limbo = true
		}
		return
	}
	id := "FRM-1"
	if b.edition.RequestEnd == "" {
		id = "FRM-2"
	}
	if !b.owed(id, t) {
		return
	}
	b.wrong(id, t.asked, transcript.Visible([]byte(r.Text))+" is not answered", "an answer", nil)
}

// needNot is said of a payment that has no effect.
const needNot = "the payment did not end as a server of this edition has to take it"

// staleTail is said of a login that is refused.
const staleTail = "the login ends in nothing and is shorter than a request before it: a server that needs a NUL there, " +
	"which FRM-2 accepts, may have read more than was sent"

// isOwed notes whether a request has the form that a server must take.
func (b *book) isOwed(t *talk, r wire.Request) {
	name, _ := r.Ending()
	who := t.link.from.nick + "'s client "
	t.excuse = ""
	switch {
	case r.Is(scenario.List) && r.Text != edition.List, r.Is(scenario.Exit) && r.Text != edition.Exit:
		t.excuse = who + "sends " + r.Text + ", which a server need not take"
	case r.Tail != b.edition.RequestEnd:
		t.excuse = who + "ends its request in " + name + ", which a server of this edition need not take"
	case t.lined && r.Tail == "":
		t.excuse = who + "has ended requests in a line end before, and ends this one in nothing"
	}
	t.stale = r.Tail == "" && b.edition.RequestEnd == "" && len(r.Text) < t.longest
	t.longest = max(t.longest, len(r.Text))
	t.lined = t.lined || strings.Contains(r.Tail, "\n")
}

// owed reports whether the last request has the form that a server must take. If it has
// not, that the server does not do what it is asked is nobody's fault, and not judged.
func (b *book) owed(id string, t *talk) bool {
	if t.excuse != "" {
		b.rule(id, t.asked, play.Result{Outcome: play.Broken, Why: t.excuse})
	}
	return t.excuse == ""
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
