package pair

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
)

// The amounts of the payments are all different, so that each can be told.
const (
	firstAmount = 137
	nextAmount  = 14
)

// session has two users do all that a client offers, one act after another. Why says
// what kept them from doing all of it.
func (h *house) session(ctx context.Context, alice, bob *party) (why string, err error) {
	both := []*party{alice, bob}
	type turn struct {
		who  *party
		op   driver.Op
		whom *party
	}
	var turns []turn
	each := func(op driver.Op) {
		for _, p := range both {
			turns = append(turns, turn{who: p, op: op})
		}
	}
	each(driver.Register)
	each(driver.Login)
	each(driver.List)
	for range 2 {
		turns = append(turns, turn{alice, driver.Pay, bob}, turn{bob, driver.Pay, alice})
		each(driver.List)
	}
	turns = append(turns, turn{who: bob, op: driver.Exit}, turn{who: alice, op: driver.List}, turn{who: alice, op: driver.Exit})

	amount := firstAmount
	for _, t := range turns {
		if t.op == driver.Pay {
			amount += nextAmount
		}
		if why, err = h.act(ctx, t.who, t.op, t.whom, amount); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

var deeds = map[driver.Op]string{
	driver.Register: "registers", driver.Login: "logs in", driver.List: "lists", driver.Pay: "pays", driver.Exit: "exits",
}

// act has a party's user do one thing, and waits until all that follows from it is done.
func (h *house) act(ctx context.Context, p *party, op driver.Op, whom *party, amount int) (why string, err error) {
	text := p.nick + " " + deeds[op]
	if whom != nil {
		text += fmt.Sprintf(" %s %d", whom.nick, amount)
	}
	h.tell(entry{kind: acts, by: p, op: op, whom: whom, amount: amount, text: text})
	v := h.values(p)
	if whom != nil {
		v.Payee, v.Amount = whom.name, amount
		p.balance, whom.balance = p.balance-int64(amount), whom.balance+int64(amount)
		v.PayeeIP, v.PayeePort, v.PayeeIndex = h.listed(p, whom)
	}
	if op == driver.Exit {
		p.told = true
	}
	if p.session == nil {
		if err = h.start(ctx, p); err == nil { // what a server says by itself comes before the first request
			err = h.rest(ctx, false)
		}
	}
	if err == nil {
		err = p.session.Insist(ctx, op, v, false)
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		if why = stuck(err); why == "" {
			return "", err
		}
		why = fmt.Sprintf("%s could not go on: %s", p.nick, why)
		if waitsForWord(err, h.entries(), p) {
			h.tell(entry{kind: waits, by: p})
			why = p.nick + "'s client waits for a word of the server before it says anything, and this server says none"
		}
	}
	if err := h.rest(ctx, false); err != nil {
		return "", err
	}
	log := h.entries()
	if h.veiled && why == "" && op == driver.Register && !hasAnswered(log) {
		why = p.nick + " has registered and the server has sent nothing"
	}
	if !h.veiled && owes(log) { // a timeout may still bring it
		if err := h.rest(ctx, true); err != nil {
			return "", err
		}
	}
	h.see(p, op)
	return why, nil
}

// waitsForWord reports whether a client has connected, and waits before its first
// request for a server that says nothing.
func waitsForWord(err error, log []entry, p *party) bool {
	s := (*driver.StuckError)(nil)
	if !errors.As(err, &s) || s.State.Doing != target.WaitsPeer {
		return false
	}
	connected := false
	for _, e := range log {
		if e.link == nil || e.link.from != p || e.link.to != nil {
			continue
		}
		if e.kind == says || e.kind == answers {
			return false
		}
		connected = connected || e.kind == opens
	}
	return connected
}

// see keeps what the screens show, and who has died.
func (h *house) see(by *party, op driver.Op) {
	for _, p := range h.parties {
		if p.session == nil {
			continue
		}
		h.tell(entry{kind: shows, by: p, op: op, acted: p == by, balance: p.balance, text: p.session.Text()})
		for _, port := range p.session.Program().Listens() {
			if !slices.Contains(p.listens, port) {
				p.listens = append(p.listens, port)
			}
		}
		if death, dead := p.session.Death(); dead && !p.told && !p.dead {
			p.dead = true
			h.tell(entry{kind: dies, by: p, death: &death, text: p.nick + "'s client is gone: " + death.String(), screen: p.session.Screen()})
		}
	}
	if death, dead := h.server.Death(); dead && !h.dead {
		h.dead = true
		h.tell(entry{kind: dies, death: &death, text: "the server is gone: " + death.String(), stderr: h.server.Tail()})
	}
}

// owes reports whether the last request on a connection has brought nothing at all.
func owes(log []entry) bool {
	for i := len(log) - 1; i >= 0; i-- {
		switch e := log[i]; {
		case e.kind == acts:
			return false
		case e.kind == answers && e.link.to == nil:
			return false
		case e.kind == says, e.kind == opens:
			return true
		}
	}
	return false
}

// hasAnswered reports whether the server has sent anything since a user last acted.
func hasAnswered(log []entry) bool {
	for _, e := range slices.Backward(log) {
		switch {
		case e.kind == acts:
			return false
		case e.kind == answers && e.link.to == nil:
			return true
		}
	}
	return false
}

// listed is where the last list that a party has seen says that another is: address,
// port and place. If that can't be read, it is where it has to be.
func (h *house) listed(p, whom *party) (ip string, port, place int) {
	if l := lastList(h.entries(), p, h.edition); l != nil {
		for i, e := range l.Entries {
			if e.Name == whom.name {
				return e.Address, e.Port, i + 1
			}
		}
	}
	return loopback, whom.port, slices.Index(h.parties, whom) + 1
}
