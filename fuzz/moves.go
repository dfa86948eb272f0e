package fuzz

import (
	"fmt"
	"strconv"
	"strings"

	"paycheck/fuzz/model"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// say sends one whole request.
func (g *gen) say(a *actor, text string) {
	g.opens(a)
	r := model.Read(text, g.subject.edition)
	if m, ok := message(r); ok && a.ends == usual {
		g.acts = append(g.acts, scenario.Send{Who: a.name, Message: m})
	} else {
		g.raw(a, text+a.ends)
	}
	a.whole++
	g.follow(a, r)
}

// message is the request as the notation has it; false: it has to be sent raw.
func message(r model.Request) (scenario.Message, bool) {
	number := scenario.Template{{Text: strconv.FormatInt(r.Number.Value, 10)}}
	switch plain := model.Plain(r.Name); {
	case r.Kind == model.Register && plain && r.Number.Form != model.Padded:
		return scenario.Message{Kind: scenario.Register, Name: r.Name}, true
	case r.Kind == model.Login && plain && r.Number.Form == model.Proper:
		return scenario.Message{Kind: scenario.Login, Name: r.Name, Port: number}, true
	case r.Kind == model.Payment && plain && model.Plain(r.Payee) && r.Number.Form == model.Proper:
		return scenario.Message{Kind: scenario.Payment, Name: r.Name, Amount: number, Payee: r.Payee}, true
	case r.Kind == model.List:
		return scenario.Message{Kind: scenario.List}, true
	case r.Kind == model.Exit:
		return scenario.Message{Kind: scenario.Exit}, true
	}
	return scenario.Message{}, false
}

// raw sends segments.
func (g *gen) raw(a *actor, segments ...string) {
	raw := scenario.Raw{Who: a.name}
	for _, text := range segments {
		raw.Segments = append(raw.Segments, template(text))
	}
	g.acts = append(g.acts, raw)
}

// template is a text that ends in {end}, or has no hole.
func template(text string) scenario.Template {
	if before, ok := strings.CutSuffix(text, usual); ok {
		if before == "" {
			return scenario.Template{{Hole: scenario.End}}
		}
		return scenario.Template{{Text: before}, {Hole: scenario.End}}
	}
	return scenario.Template{{Text: text}}
}

// follow takes the usual outcome.
func (g *gen) follow(a *actor, r model.Request) {
	o := model.Step(g.state, a.name, r, g.subject.edition)[0]
	g.state = o.Next
	if o.Want.Kind == model.Closed {
		a.open = false
	}
}

func (g *gen) opens(a *actor) {
	if !a.open {
		a.open, a.whole, a.rest = true, 0, ""
		g.state = g.state.Connect(a.name, loopback)
	}
}

// comes connects from another address, if it has no connection.
func (g *gen) comes(a *actor) {
	if !a.open {
		g.acts = append(g.acts, scenario.Link{Who: a.name, Verb: scenario.Connects, From: g.pick("", "127.0.0.2")})
		g.opens(a)
	}
}

// link ends a connection.
func (g *gen) link(a *actor, verb scenario.LinkVerb) {
	if !a.open {
		return
	}
	g.acts = append(g.acts, scenario.Link{Who: a.name, Verb: verb})
	g.state = g.state.End(a.name)
	a.open, a.rest = false, ""
}

// registration is the text that registers a name.
func (g *gen) registration(name string) string {
	text := edition.Register + "#" + name
	if g.subject.edition.Deposit {
		text += "#" + strconv.FormatInt(g.subject.edition.InitialBalance, 10)
	}
	return text
}

// name is one that is known, or nearly.
func (g *gen) name() string {
	if g.IntN(12) == 0 {
		return fmt.Sprintf("nobody%d", g.number)
	}
	return g.names[g.IntN(len(g.names))]
}

func (g *gen) registers(a *actor) {
	switch g.IntN(5) {
	case 0: // a further account
		name := fmt.Sprintf("%sy%d", letters(len(g.names)), g.number)
		g.names = append(g.names, name)
		g.say(a, g.registration(name))
	case 1:
		g.say(a, g.registration(g.oddName()))
	default:
		g.say(a, g.registration(g.name()))
	}
}

func (g *gen) logsIn(a *actor) {
	switch g.IntN(8) {
	case 0:
		g.say(a, g.name()+"#"+g.oddNumber(edition.MaxPort))
	case 1:
		g.say(a, g.oddName()+"#"+g.port())
	case 2, 3:
		g.say(a, g.name()+"#"+g.port())
	default: // its own account, or the next that is offline
		for i, other := range g.cast {
			if other == a && i < len(g.names) {
				g.say(a, g.names[i]+"#"+g.port())
				return
			}
		}
		g.say(a, g.name()+"#"+g.port())
	}
}

// port is one that is allowed, its limits among them.
func (g *gen) port() string {
	if g.IntN(4) == 0 {
		return g.pick("1", "9", "10", "99", "100", "999", "1000", "9999", "10000", "32767", "32768", "65534", "65535")
	}
	return strconv.Itoa(1 + g.IntN(edition.MaxPort))
}

// pays has a payment sent, mostly by the payee, mostly between two who are online.
func (g *gen) pays(a *actor) {
	payer, payee := g.name(), g.name()
	if own := g.state.Conns[a.name].Name; own != "" && g.IntN(8) != 0 {
		payee = own
	}
	if accounts := g.accounts(); len(accounts) > 1 && g.IntN(6) != 0 {
		for payer == payee || g.state.Accounts[payer].On == "" && g.IntN(8) != 0 {
			payer = accounts[g.IntN(len(accounts))]
			if g.IntN(10) == 0 {
				break
			}
		}
	}
	text := payer + "#" + g.amount(payer) + "#" + payee
	if g.IntN(15) == 0 {
		text = g.pick(payer+"#"+g.amount(payer)+"#"+g.oddName(), g.oddName()+"#1#"+payee, text+"#1", text+"#")
	}
	g.say(a, text)
	for g.IntN(6) == 0 {
		g.say(a, text)
	}
}

// amount is one that the payer has, or nearly has.
func (g *gen) amount(payer string) string {
	balance := g.state.Accounts[payer].Balance
	switch g.IntN(10) {
	case 0, 1, 2:
		return strconv.FormatInt(max(1, balance), 10)
	case 3:
		return strconv.FormatInt(balance+1, 10)
	case 4:
		return strconv.FormatInt(max(1, balance-1), 10)
	case 5:
		return g.oddNumber(edition.MaxAmount)
	case 6:
		return g.pick("1", "127", "128", "255", "256", "9999", "10000", "32767", "32768", "65535", "65536", "2147483646", "2147483647")
	}
	return strconv.FormatInt(1+g.Int64N(max(1, balance)), 10)
}
