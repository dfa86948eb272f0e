package pair

import (
	"slices"
	"strconv"
	"strings"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A clientRuling is a ruling on a client, with the title of what was looked at.
type clientRuling struct {
	ruling
	title string
}

// What a meeting shows of clients besides what a witness of the messages sees.
const (
	showsList     = "The user sees the balance and who is online."
	showsPayment  = "Who is paid sees by whom and how much."
	goesOnAnyTime = "The client is there until its user leaves."
	passesOnAgain = "A further payment that has come is passed on to the server."
	speaksFirst   = "The first request comes whether the server speaks or not."
	showsNews     = "The user sees the list though news of a payment has come before."
	sendsForm     = "What is sent to the server is one of the five requests."
	saysExit      = "A client that leaves says so."
	passesOn      = "A payment that has come is passed on to the server."
	lookedUp      = "The payee is looked for at the address in the list."
	isReached     = "The payer can connect where the list says that the payee is."
)

func (b *book) ruleClient(p *party, id, title string, at int, r play.Result) {
	if r.Outcome == play.Violated && b.misled != "" {
		r = play.Result{Outcome: play.Broken, Why: r.Why + ", but the server had broken " + b.misled + " before"}
	}
	b.clients[p] = append(b.clients[p], clientRuling{ruling{id, r, at}, title})
}

// atPeer takes an entry of a connection between clients.
func (b *book) atPeer(i int, e entry) {
	from, to := e.link.from, e.link.to
	switch e.kind {
	case opens:
		b.happens(from, counter.Event{Kind: counter.Visited, Peer: to.name})
		b.happens(to, counter.Event{Kind: counter.Reached, Peer: from.name})
		if l := lastList(b.log[:i], from, b.edition); e.link.astray && l != nil && listedAt(l, to) {
			b.ruleClient(from, "CLI-12", lookedUp, i, play.Result{
				Outcome: play.Violated, Why: "the payee was looked for at the server's address, and not at the one in the list",
				Finding: &play.Finding{Want: "a connection to " + to.ip, At: -1},
			})
		}
	case refused:
		b.happens(to, counter.Event{Kind: counter.Unreached, Peer: from.name})
		b.ruleClient(to, "CLI-5", isReached, i, play.Result{
			Outcome: play.Violated, Why: "nobody listens on the port of the login", Finding: &play.Finding{Want: "a connection to " + to.nick, At: -1},
		})
	case says:
		r := wire.ReadRequest(e.data, b.edition)
		b.happens(from, counter.Event{Kind: counter.Paid, Peer: to.name, Raw: e.data, Request: r})
		if !r.Is(scenario.Payment) || r.Fields[2] != to.name {
			return // that is the payer's fault, and the payee need not care
		}
		b.happens(to, counter.Event{Kind: counter.Pays, Peer: from.name, Raw: []byte(r.Text), Request: r})
		b.payments = append(b.payments, &payment{text: r.Text, from: from, to: to, at: i, booked: -1})
	}
}

// forwards demands that the payments that have come are passed on by now.
func (b *book) forwards() {
	for _, p := range b.payments {
		if p.forwarded {
			continue
		}
		p.forwarded, p.missed = true, true
		id, title := "CLI-14", passesOn
		if b.passedOn(p.to) {
			id, title = "CLI-15", passesOnAgain
		}
		r := play.Result{
			Outcome: play.Violated, Why: "the payment came to " + p.to.nick + "'s client, which did not pass it on",
			Finding: &play.Finding{Want: p.text + " from " + p.to.nick + " to the server", At: -1},
		}
		if b.blind {
			r = play.Result{Outcome: play.Broken, Why: r.Why + ", but it can't be looked at, and may only be slow"}
		}
		b.ruleClient(p.to, id, title, p.at, r)
	}
}

// passedOn reports whether a party's client has passed a payment on.
func (b *book) passedOn(to *party) bool {
	return slices.ContainsFunc(b.payments, func(p *payment) bool { return p.to == to && p.forwarded && !p.missed })
}

// own are the requirements for the form of what a client sends when its user acts.
var own = map[driver.Op]string{driver.Register: "CLI-3", driver.Login: "CLI-4", driver.List: "CLI-6", driver.Exit: "CLI-18"}

// odd is for what a client sends to the server that is no request.
func (b *book) odd(i int, p *party, e entry) {
	act := b.log[b.actBefore(i)]
	if id := own[act.op]; act.by == p && id != "" {
		b.ruleClient(p, id, sendsForm, i, play.Result{
			Outcome: play.Violated, Why: "what was sent is no request",
			Finding: &play.Finding{Want: "a request in its form", Got: e.data, At: -1},
		})
	}
}

// left demands that a client which has left has said so.
func (b *book) left(i int, p *party) {
	begun := b.actBefore(i)
	logged, said, gone := false, false, -1
	for _, t := range b.talks {
		logged = logged || t.link.from == p && b.accounts[p.name] != nil && b.accounts[p.name].limbo
	}
	for j, e := range b.log[begun:i] {
		said = said || e.kind == says && e.link.to == nil && e.link.from == p
		if e.kind == leaves && e.link.to == nil && e.link.from == p {
			gone = begun + j
		}
	}
	if logged && !said && gone >= 0 {
		b.ruleClient(p, "CLI-18", saysExit, gone, play.Result{
			Outcome: play.Violated, Why: "the client left and said nothing", Finding: &play.Finding{Want: edition.Exit, At: -1},
		})
	}
}

// screen judges what a client shows of the last list, or of a payment.
func (b *book) screen(i int, e entry) {
	switch {
	case e.op == driver.Exit && e.acted:
		b.left(i, e.by)
	case e.op == driver.List && e.acted:
		l := lastList(b.log[b.actBefore(i):i], e.by, b.edition)
		if l == nil {
			return
		}
		wanted := []string{strconv.FormatInt(l.Balance, 10)}
		for _, entry := range l.Entries {
			wanted = append(wanted, entry.Name)
		}
		if b.noticed(e.by) { // which it may take for the list
			b.shown(i, "CLI-17", showsNews, e, wanted)
		} else {
			b.shown(i, "CLI-7", showsList, e, wanted)
		}
	case e.op == driver.Pay && !e.acted:
		for _, p := range b.payments {
			if p.to == e.by && p.at > b.actBefore(i) && !p.missed {
				fields := strings.Split(p.text, "#")
				b.shown(i, "CLI-25", showsPayment, e, fields[:2])
			}
		}
	}
}

// noticed reports whether a party's client was told something unasked.
func (b *book) noticed(p *party) bool {
	return slices.ContainsFunc(b.talks, func(t *talk) bool { return t.link.from == p && t.noticed })
}

// shown demands that a screen shows words.
func (b *book) shown(i int, id, title string, e entry, wanted []string) {
	for _, word := range wanted {
		if !strings.Contains(e.text, word) {
			why := "the screen does not show " + word
			if id == "CLI-17" {
				why = "news of a payment came before the list, and the screen does not show " + word
			}
			b.ruleClient(e.by, id, title, -1, play.Result{
				Outcome: play.Violated, Why: why,
				Finding: &play.Finding{Want: strings.Join(wanted, ", "), At: -1, Screen: strings.Split(strings.TrimSpace(e.text), "\n")},
			})
			return
		}
	}
	b.ruleClient(e.by, id, title, i, play.Result{Outcome: play.Held})
}

// actBefore is the entry of the act that another came of.
func (b *book) actBefore(i int) int {
	for i > 0 && b.log[i].kind != acts {
		i--
	}
	return i
}

// death rules against the program that has ended.
func (b *book) death(i int, e entry) {
	r := deathOf(e)
	for _, before := range b.log[:i] {
		if before.kind == says && before.link.to == e.by || before.kind == answers && e.by != nil && before.link.from == e.by {
			if r.Finding != nil {
				r.Finding.Death.LastSent = transcript.Visible(before.data)
			}
		}
	}
	if e.by == nil {
		b.rule("FRM-8", i, r)
		return
	}
	b.ruleClient(e.by, "CLI-15", goesOnAnyTime, i, r)
}

// deathOf is the result of a program that has ended though nobody told it to.
func deathOf(e entry) play.Result {
	death := *e.death
	if death.Exceeded != "" { // no requirement says how much it may take
		return play.Result{Outcome: play.Broken, Why: e.text}
	}
	f := &play.Finding{Want: "the server still runs", At: -1, Death: &death, Stderr: e.stderr}
	if e.by != nil {
		f.Want, f.Screen = "the client still runs", strings.Split(strings.TrimSpace(e.screen), "\n")
	}
	return play.Result{Outcome: play.Violated, Why: e.text, Finding: f}
}

// lastList is the list that a party's client was sent last; nil: none.
func lastList(log []entry, p *party, e edition.Edition) *wire.List {
	for i := len(log) - 1; i >= 0; i-- {
		if log[i].kind != answers || log[i].link.to != nil || log[i].link.from != p {
			continue
		}
		data := log[i].data
		for j := i - 1; j >= 0 && !(log[j].link == log[i].link && log[j].kind == says); j-- {
			if log[j].link == log[i].link && log[j].kind == answers {
				data = append(slices.Clone(log[j].data), data...)
			}
		}
		if r, ok := wire.Next(data, e, true); ok && r.List != nil {
			return r.List
		}
	}
	return nil
}

// listedAt reports whether a list says where a party is.
func listedAt(l *wire.List, p *party) bool {
	return slices.ContainsFunc(l.Find(p.name), func(e wire.Entry) bool { return e.Address == p.ip })
}
