package fuzz

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"paycheck/fuzz/model"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A gen makes one conversation. It follows the model with the usual replies, so that
// it knows who is likely to be online with how much; nothing that a program answers
// changes what it makes, so that a conversation can be made again from its seed.
type gen struct {
	*rand.Rand
	subject *Subject
	number  int // of the conversation: part of every name
	acts    []scenario.Act
	state   model.State
	cast    []*actor
	names   []string // of accounts, those that were only mentioned included
}

// An actor is a client, with how it ends its requests.
type actor struct {
	name string
	ends string // behind a request; "{end}": as the program is spoken to
	open bool
	text string // the request that was begun, if one was
	rest string // what of it is still to be sent, with its end
	// whole is how many requests with a line end it has sent on this connection: before
	// the first is answered nothing may be sent in pieces (FRM-4).
	whole int
}

const usual = "{end}"

// conversation makes conversation number n of a seed. Its clients and accounts are
// named by n, so that those of one process do not meet.
func (s *Subject) conversation(seed uint64, n int) Acts {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, uint64(n))), subject: s, number: n, state: model.New()}
	g.enter()
	for range 5 + g.IntN(min(6*len(g.cast), 25)) {
		g.move()
	}
	g.leave()
	return g.acts
}

// sizes are how many clients take part: few are quicker to shrink, many fill arrays.
var sizes = []int{1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 12, 18, 34}

// enter makes the cast; most of it registers and logs in.
func (g *gen) enter() {
	size := min(sizes[g.IntN(len(sizes))], g.subject.most)
	for i := range size {
		a := &actor{name: fmt.Sprintf("%s%d", letters(i), g.number), ends: usual}
		switch {
		case g.subject.voice.LineEnd && g.IntN(3) == 0:
			a.ends = g.subject.env.Profile.Dialect.LineEnd.Bytes
		case g.subject.voice.Bare && g.IntN(16) == 0:
			a.ends = ""
		}
		g.cast = append(g.cast, a)
		g.names = append(g.names, g.newName(a, i))
	}
	for i, a := range g.cast {
		if g.IntN(6) == 0 && size < 10 {
			continue
		}
		g.say(a, g.registration(g.names[i]))
		if g.IntN(8) != 0 {
			g.say(a, g.names[i]+"#"+g.port())
		}
	}
}

// letters names a client: a, b, ... z, aa, ab and so on.
func letters(i int) string {
	text := ""
	for i++; i > 0; i = (i - 1) / 26 {
		text = string(rune('a'+(i-1)%26)) + text
	}
	return text
}

// newName gives the account of a client: its own name, or one of a form that programs
// stumble over. No two differ in letter case alone.
func (g *gen) newName(a *actor, i int) string {
	switch g.IntN(12) {
	case 0:
		return cut("List" + a.name)
	case 1:
		return cut("Exit" + a.name)
	case 2:
		return cut("REGISTER" + a.name)
	case 3:
		return fmt.Sprintf("%d%02d", g.number, i) // digits alone
	case 4:
		return cut(a.name + "Xxxxxxxxxxxxxxxx")
	}
	return a.name
}

func cut(name string) string { return name[:min(len(name), edition.MaxName)] }

// A move is one thing to do, with how often compared to the others.
type move struct {
	weight int
	make   func(*gen, *actor)
}

var moves = []move{
	{10, (*gen).registers},
	{12, (*gen).logsIn},
	{12, func(g *gen, a *actor) { g.say(a, edition.List) }},
	{4, func(g *gen, a *actor) { g.say(a, edition.Exit) }},
	{34, (*gen).pays},
	{10, (*gen).babbles},
	{6, (*gen).inPieces},
	{4, func(g *gen, a *actor) { g.link(a, scenario.Closes) }},
	{3, func(g *gen, a *actor) { g.link(a, scenario.Resets) }},
	{2, func(g *gen, a *actor) { g.link(a, scenario.HalfCloses) }},
	{3, (*gen).cutShort},
	{2, (*gen).comes},
}

func (g *gen) move() {
	a := g.cast[g.IntN(len(g.cast))]
	if a.rest != "" { // it goes on where it stopped
		g.finish(a)
		return
	}
	sum := 0
	for _, m := range moves {
		sum += m.weight
	}
	n := g.IntN(sum)
	for _, m := range moves {
		if n -= m.weight; n < 0 {
			m.make(g, a)
			return
		}
	}
}

// leave has everybody's balance looked at, or not, and then lets most say Exit.
func (g *gen) leave() {
	for _, a := range g.cast {
		g.finish(a)
	}
	if g.IntN(2) == 0 {
		g.audit()
	}
	for _, a := range g.cast {
		if a.open && g.IntN(5) != 0 {
			g.say(a, edition.Exit)
		}
	}
}

// audit shows every balance: those online ask, and an offline account logs in.
func (g *gen) audit() {
	for i, name := range g.accounts() {
		account := g.state.Accounts[name]
		if holder := g.actor(account.On); holder != nil && g.state.Conns[holder.name].Name == name {
			g.say(holder, edition.List)
			continue
		}
		auditor := &actor{name: fmt.Sprintf("%sz%d", letters(i), g.number), ends: usual}
		g.cast = append(g.cast, auditor)
		g.say(auditor, name+"#"+g.port())
		g.say(auditor, edition.Exit)
	}
}

func (g *gen) actor(name string) *actor {
	i := slices.IndexFunc(g.cast, func(a *actor) bool { return a.name == name })
	if i < 0 {
		return nil
	}
	return g.cast[i]
}

// accounts lists the plain accounts that are likely to exist.
func (g *gen) accounts() []string { return slices.Sorted(maps.Keys(g.state.Accounts)) }

// pick is one of the texts.
func (g *gen) pick(texts ...string) string { return texts[g.IntN(len(texts))] }
