package fuzz

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"paycheck/fuzz/model"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A Script is a conversation as it is written down. Of its acts the last Together are
// begun at one moment, each client's in their order; 0: one act after the other.
type Script struct {
	Acts     Acts
	Together int
}

// A throng makes a conversation in which several clients act at one moment.
type throng struct {
	*rand.Rand
	subject *Subject
	names   []string // of the clients, and of the account of each
	fresh   string   // an account that nobody has
}

// crowded makes conversation number n of a seed: everybody comes online, and then all
// of them do a few things at one moment. What is sought is a step that is none, so the
// requests are plain, and few names and accounts are shared by many.
func (s *Subject) crowded(seed uint64, n, sessions int) Script {
	g := &throng{Rand: rand.New(rand.NewPCG(seed, uint64(n))), subject: s, fresh: fmt.Sprintf("new%d", n)}
	for i := range 2 + g.IntN(sessions-1) {
		g.names = append(g.names, fmt.Sprintf("%s%d", letters(i), n))
	}
	var before, together Acts
	for _, name := range g.names {
		before = append(before, register(name, name), g.login(name, name))
	}
	theme := g.IntN(len(themes))
	host := g.names[g.IntN(len(g.names))]
	for _, name := range g.names {
		together = append(together, themes[theme](g, name, host)...)
	}
	return Script{append(before, together...), len(together)}
}

// themes are what one client does at that moment. A payment has no reply, and behind
// Exit comes nothing, so that each is the last.
var themes = []func(g *throng, name, host string) Acts{
	func(g *throng, name, _ string) Acts { // one name for all
		return Acts{register(name, g.fresh)}
	},
	func(g *throng, name, host string) Acts { // one payer for all
		return Acts{g.pays(host, name)}
	},
	func(g *throng, name, _ string) Acts { // everybody pays and is paid
		return Acts{g.pays(g.names[g.IntN(len(g.names))], name)}
	},
	func(g *throng, name, _ string) Acts { // some look while others leave
		if g.IntN(2) == 0 {
			return Acts{list(name), list(name)}
		}
		return Acts{scenario.Send{Who: name, Message: scenario.Message{Kind: scenario.Exit}}}
	},
	func(g *throng, name, host string) Acts { // anything
		var all Acts
		for range g.IntN(3) {
			switch g.IntN(4) {
			case 0:
				all = append(all, register(name, g.fresh))
			case 1:
				all = append(all, g.login(name, name))
			default:
				all = append(all, list(name))
			}
		}
		if g.IntN(4) == 0 {
			return append(all, scenario.Send{Who: name, Message: scenario.Message{Kind: scenario.Exit}})
		}
		return append(all, g.pays(host, name))
	},
}

func register(who, name string) scenario.Send {
	return scenario.Send{Who: who, Message: scenario.Message{Kind: scenario.Register, Name: name}}
}

func list(who string) scenario.Send {
	return scenario.Send{Who: who, Message: scenario.Message{Kind: scenario.List}}
}

func (g *throng) login(who, name string) scenario.Send {
	port := scenario.Template{{Text: strconv.Itoa(portOf(name))}}
	return scenario.Send{Who: who, Message: scenario.Message{Kind: scenario.Login, Name: name, Port: port}}
}

// pays has the payee send a payment: of a little, or of so much that not all can have it.
func (g *throng) pays(payer, payee string) scenario.Send {
	balance := g.subject.edition.InitialBalance
	amount := []int64{1, 1 + g.Int64N(9), balance/2 + 1, balance}[g.IntN(4)]
	if payer == payee { // the next one pays instead
		for i, name := range g.names {
			if name == payee {
				payer = g.names[(i+1)%len(g.names)]
			}
		}
	}
	return scenario.Send{Who: payee, Message: scenario.Message{
		Kind: scenario.Payment, Name: payer, Payee: payee, Amount: scenario.Template{{Text: strconv.FormatInt(amount, 10)}},
	}}
}

// text is the request of a message, without what ends it.
func (s *Subject) text(m scenario.Message) string {
	switch m.Kind {
	case scenario.Register:
		if s.edition.Deposit {
			return m.String() + "#" + strconv.FormatInt(s.edition.InitialBalance, 10)
		}
	case scenario.Login:
		return m.Name + "#" + string(s.fill(m.Port))
	}
	return m.String()
}

// request is the message as the model reads it.
func (s *Subject) request(m scenario.Message) model.Request { return model.Read(s.text(m), s.edition) }

// again gives the script with other names, so that one process can be asked for it
// several times.
func (sc Script) again(k int) Script {
	if k == 0 {
		return sc
	}
	other := func(name string) string {
		if name == "" {
			return ""
		}
		suffix := "x" + strconv.Itoa(k)
		return name[:min(len(name), edition.MaxName-len(suffix))] + suffix
	}
	acts := make(Acts, len(sc.Acts))
	for i, a := range sc.Acts {
		switch a := a.(type) {
		case scenario.Send:
			a.Who, a.Message.Name, a.Message.Payee = other(a.Who), other(a.Message.Name), other(a.Message.Payee)
			acts[i] = a
		case scenario.Link:
			a.Who = other(a.Who)
			acts[i] = a
		default:
			acts[i] = a
		}
	}
	return Script{acts, sc.Together}
}

// names are the accounts that a script may open, in the order of their mention.
func (sc Script) names() []string {
	var all []string
	for _, a := range sc.Acts {
		if send, ok := a.(scenario.Send); ok && send.Message.Kind == scenario.Register && !slices.Contains(all, send.Message.Name) {
			all = append(all, send.Message.Name)
		}
	}
	return all
}
