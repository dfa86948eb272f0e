package pair

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// answered judges a reply, and takes over what follows from it.
func (b *book) answered(i int, t *talk, r wire.Request, reply wire.Reply) {
	event := counter.Event{Kind: counter.Told, Visit: t.link.visit, Name: t.name, Reply: reply.Text}
	for _, refusal := range []string{edition.Fail, edition.AuthFail} {
		if wire.Means(reply.Text, refusal) {
			event.Reply = refusal
		}
	}
	b.happens(t.link.from, event)
	if !r.Odd && r.Tail == "" && b.edition.RequestEnd == "" {
		b.held("FRM-2")
	}
	switch {
	case r.Is(scenario.Register):
		b.registered(i, t, r, reply)
	case r.Is(scenario.Login):
		b.loggedIn(i, t, r, reply)
	case r.Is(scenario.List) && t.name != "":
		if reply.List != nil {
			b.held("LST-1")
			b.list(i, t, *reply.List, reply.Raw)
		} else if b.owed("LST-1", t) {
			b.wrong("LST-1", i, "List is not answered with the list", "a list", reply.Raw)
		}
	case r.Is(scenario.Exit) && t.name == "": // before a login it may be answered in other ways
	case r.Is(scenario.Exit):
		switch {
		case reply.Text == edition.Bye, strings.EqualFold(reply.Text, edition.Bye):
			b.form("EXT-1", i, reply.Text == edition.Bye, edition.Bye, reply.Raw)
		case b.owed("EXT-1", t):
			b.wrong("EXT-1", i, "Exit is not answered with Bye", edition.Bye, reply.Raw)
		}
		b.leaves(t)
	}
}

// leaves takes the account of a connection offline.
func (b *book) leaves(t *talk) {
	if a := b.accounts[t.name]; a != nil {
		a.online, a.left, t.name = false, true, ""
	}
}

func (b *book) registered(i int, t *talk, r wire.Request, reply wire.Reply) {
	name := r.Fields[0]
	id, want := "REG-1", edition.OK
	if b.accounts[name] != nil {
		id, want = "REG-2", edition.Fail
	}
	switch {
	case wire.Means(reply.Text, want):
		b.form(id, i, reply.Text == want, want, reply.Raw)
	case b.owed(id, t):
		b.wrong(id, i, fmt.Sprintf("the answer to %s is not %s", r.Text, want), want, reply.Raw)
	}
	if b.accounts[name] == nil && wire.Means(reply.Text, edition.OK) {
		a := &account{name: name, balance: b.edition.InitialBalance}
		if len(r.Fields) == 2 {
			a.balance, _ = strconv.ParseInt(r.Fields[1], 10, 64) // it has been read before
		}
		b.accounts[name] = a
	}
}

// misread are the answers to a login that was not read as it was meant.
var misread = []string{edition.AuthFail, edition.Malformed}

func (b *book) loggedIn(i int, t *talk, r wire.Request, reply wire.Reply) {
	a := b.accounts[r.Fields[0]]
	switch {
	case a == nil && wire.Means(reply.Text, edition.AuthFail):
		b.form("LOG-2", i, reply.Text == edition.AuthFail, edition.AuthFail, reply.Raw)
	case a == nil && b.owed("LOG-2", t):
		b.wrong("LOG-2", i, "a name that nobody registered is not refused", edition.AuthFail, reply.Raw)
	case a == nil || a.online: // a second login may be refused
	case reply.List == nil && t.stale && slices.Contains(misread, reply.Text):
		b.rule("LOG-1", i, play.Result{Outcome: play.Broken, Why: staleTail})
	case reply.List == nil && b.owed("LOG-1", t):
		b.wrong("LOG-1", i, "the login is not answered with the list", "a list", reply.Raw)
	case reply.List != nil:
		b.held("LOG-1")
	}
	if reply.List == nil || a == nil {
		return
	}
	t.name = a.name
	a.online, a.left, a.port, a.ip, a.talk = true, false, int(r.Number()), t.link.from.ip, t
	b.list(i, t, *reply.List, reply.Raw)
}

// list judges a list by what the server has to know.
func (b *book) list(i int, t *talk, l wire.List, raw []byte) {
	b.form("LST-2", i, !l.WordedBalance, "the balance and nothing else", raw)
	b.count(i, l, raw)
	if b.edition.KeyLine {
		if len(l.Key) == 0 || strings.TrimSpace(l.Key[0]) == "" {
			b.wrong("LST-3", i, "the list has no key line", "a line between balance and count", raw)
		} else {
			b.form("LST-3", i, len(l.Key) == 1, "one line", raw)
		}
	}
	b.balance(i, b.accounts[t.name], l.Balance, raw)
	for _, a := range b.accounts {
		b.entry(i, a, l.Find(a.name), raw)
	}
	for _, e := range l.Entries {
		if b.accounts[e.Name] == nil {
			b.wrong("LST-6", i, e.Name+" is listed, whom nobody has registered", "those who are online", raw)
		}
	}
}

// count holds the count of a list against who is online, and against its entries. Where
// these are right, one that is wrong is wrong once.
func (b *book) count(i int, l wire.List, raw []byte) {
	n, online := int64(len(l.Entries)), int64(0)
	for _, a := range b.accounts {
		if a.limbo {
			online = n // whether it is online still, nobody says
			break
		}
		if a.online {
			online++
		}
	}
	if l.Count == online {
		b.form("LST-4", i, !l.WordedCount, "the count and nothing else", raw)
	} else if n == online {
		b.wrong("LST-4", i, fmt.Sprintf("the list counts %d, and %d are online", l.Count, online), strconv.FormatInt(online, 10), raw)
		return
	} else if l.Count == n { // who is missing is missed elsewhere
		b.form("LST-4", i, !l.WordedCount, "the count and nothing else", raw)
	}
	if l.Count == n {
		b.held("LST-5")
		return
	}
	b.wrong("LST-5", i, fmt.Sprintf("the list counts %d and has %d entries", l.Count, n), "as many entries as the count says", raw)
}

// balance holds the balance that an asker sees against what the payments say.
func (b *book) balance(i int, a *account, seen int64, raw []byte) {
	id := "REG-4"
	switch {
	case a.paid:
		id = "PAY-1"
	case a.known:
		id = "LST-2"
	}
	switch {
	case !a.known && a.paid: // what it was before, nobody knows
	case a.balance == seen:
		if a.paid || !a.known {
			b.held(id)
		}
	case slices.Contains(a.since, seen):
		return // the payment was on its way while the list was asked for
	case a.paid && a.lax:
		b.rule(id, i, play.Result{Outcome: play.Broken, Why: needNot})
	default:
		b.wrongAt(id, i, fmt.Sprintf("the balance of %s is %d, and has to be %d", a.name, seen, a.balance), strconv.FormatInt(a.balance, 10), raw, 0)
	}
	a.balance, a.known, a.paid = seen, true, false
}

// entry holds the entries of one account in a list against where it is.
func (b *book) entry(i int, a *account, found []wire.Entry, raw []byte) {
	where := bytes.Index(raw, []byte(a.name+"#"))
	switch {
	case a.limbo:
	case a.online && len(found) == 0:
		b.wrong("LST-6", i, a.name+" is online and not listed", "an entry for "+a.name, raw)
	case a.left && len(found) > 0:
		b.wrongAt("EXT-2", i, a.name+" has left and is listed", "no entry for "+a.name, raw, where)
	case !a.online && len(found) > 0:
		b.wrongAt("LST-8", i, a.name+" is listed and has not logged in", "no entry for "+a.name, raw, where)
	case len(found) > 1:
		b.wrong("LOG-5", i, a.name+" is listed more than once", "one entry for "+a.name, raw)
	case a.left:
		b.held("EXT-2")
	case !a.online:
		b.held("LST-8")
	default:
		b.held("LST-6")
		b.held("LOG-5")
		want := fmt.Sprintf("%s#%s#%d", a.name, a.ip, a.port)
		if found[0].Port != a.port || found[0].Address != a.ip {
			b.wrongAt("LST-7", i, "the entry does not say where "+a.name+" is", want, raw, where)
		} else {
			b.held("LST-7")
		}
	}
}

// gets takes over what the server has to do with a payment that has come to it.
func (b *book) gets(i int, t *talk, r wire.Request) {
	payer, payee := b.accounts[r.Fields[0]], b.accounts[r.Fields[2]]
	n := r.Number()
	p := b.awaits(t.link.from, r.Text)
	if p != nil {
		p.forwarded = true
	}
	if payer == nil || payee == nil {
		return
	}
	if t.name != payee.name || !payer.online || payer == payee || !payer.known || payer.balance < n {
		payer.known, payee.known = false, false // it may be booked or refused
		payer.paid, payee.paid = true, true
		return
	}
	payer.balance, payer.paid = payer.balance-n, true
	payee.balance, payee.paid = payee.balance+n, true
	payer.since, payee.since = append(payer.since, payer.balance), append(payee.since, payee.balance)
	if r.Tail != b.edition.RequestEnd {
		payer.lax, payee.lax = true, true
	}
	if p != nil {
		p.booked = i
	}
}

// awaits gives the payment of that text that has come to a client and was not passed on.
func (b *book) awaits(p *party, text string) *payment {
	for _, payment := range b.payments {
		if payment.to == p && payment.text == text && !payment.forwarded {
			return payment
		}
	}
	return nil
}
