package model_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"paycheck/fuzz/model"
	"paycheck/spec"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// seen is a reply that is what is wanted, as a server would give it.
func seen(w model.Want) model.Reply {
	r := model.Reply{Kind: w.Kind}
	switch {
	case w.Kind == model.Line:
		r.Text = w.String()
		if w.Text == "" {
			r.Text = "what is this"
		}
	case w.Kind == model.AList:
		r.List = &model.Listed{}
		if w.List != nil {
			r.List.Balance = w.List.Balance
			for _, e := range w.List.Entries {
				r.List.Entries = append(r.List.Entries, e)
			}
		}
		r.List.Count = int64(len(r.List.Entries))
	case w.Kind == model.None && w.String() != "(nothing)":
		r.Text = w.String()
	}
	return r
}

// A part is the model in the place of the server of a scenario.
type part struct {
	t      *testing.T
	s      model.State
	values map[string]int64
	framed map[string]model.Framing
	owed   map[string][]model.Reply // what is on its way to a client
	stream bool                     // a line end was sent before
}

// Every scenario of a server is a conversation that the model can have in the server's
// place: each expectation is among what it allows. Those that need a limit or a signal
// are about what the model leaves out.
func TestScenariosOfTheText(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	played := 0
	for _, r := range text.All(spec.Server) {
		for _, s := range r.Scenarios {
			if slices.ContainsFunc(s.Steps, func(step scenario.Step) bool {
				_, limit := step.Act.(scenario.Limit)
				_, server := step.Act.(scenario.Server)
				return limit || server
			}) {
				continue
			}
			played++
			t.Run(fmt.Sprintf("%s/%d", r.ID, s.Line), func(t *testing.T) {
				p := &part{t, model.New(), map[string]int64{}, map[string]model.Framing{}, map[string][]model.Reply{}, r.Has(spec.Stream)}
				for i, step := range s.Steps {
					p.act(step.Act, s.Steps[i+1:])
				}
			})
		}
	}
	if played < 90 {
		t.Errorf("only %d scenarios were played", played)
	}
}

func (p *part) act(a scenario.Act, rest []scenario.Step) {
	p.t.Helper()
	switch a := a.(type) {
	case scenario.Given:
		for _, name := range a.Names {
			if _, known := p.s.Accounts[name]; !known {
				p.ask(name, "REGISTER#"+name, nil)
			}
			if a.State == scenario.Online {
				p.ask(name, name+"#"+port(name), nil)
			}
		}
		p.owed = map[string][]model.Reply{}
	case scenario.Send:
		m := a.Message
		text := m.String()
		switch m.Kind {
		case scenario.Login:
			text = m.Name + "#" + p.fill(m.Port)
		case scenario.Payment:
			text = m.Name + "#" + p.fill(m.Amount) + "#" + m.Payee
		}
		p.ask(a.Who, text, p.expected(a.Who, rest))
	case scenario.Raw:
		p.connect(a.Who)
		for _, segment := range a.Segments {
			next, requests := p.framing(a.Who).Feed(p.fill(segment), model.Voice{LineEnd: true, Bare: true})
			p.framed[a.Who] = next
			for _, text := range requests {
				p.ask(a.Who, text, p.expected(a.Who, rest))
			}
		}
	case scenario.Link:
		if a.Verb == scenario.Connects {
			p.s = p.s.Connect(a.Who, from(a.From))
			return
		}
		p.s = p.s.End(a.Who)
		delete(p.framed, a.Who)
		if a.Verb != scenario.HalfCloses {
			delete(p.owed, a.Who)
		}
	case scenario.Has:
		reply := p.ask(a.Who, "List", func(r model.Reply) bool { return r.Kind == model.AList })
		if got := fmt.Sprint(reply.List.Balance); !p.matches(a.Balance, got) {
			p.t.Errorf("%v: the model says %s", a, got)
		}
		delete(p.owed, a.Who)
	case scenario.Sees:
		reply := p.ask(a.Who, "List", func(r model.Reply) bool { return r.Kind == model.AList })
		there := slices.ContainsFunc(reply.List.Entries, func(e model.Entry) bool { return e.Name == a.Name })
		if there == a.Absent {
			p.t.Errorf("%v: the model says %+v", a, reply.List)
		}
		delete(p.owed, a.Who)
	case scenario.Expect:
		reply := model.Reply{}
		if owed := p.owed[a.Who]; len(owed) > 0 {
			reply, p.owed[a.Who] = owed[0], owed[1:]
		}
		if !p.meets(a, reply) {
			p.t.Errorf("%v: the model answers %+v", a, reply)
		}
	}
}

func port(name string) string { return fmt.Sprint(5000 + len(name)) }

func from(address string) string {
	if address == "" {
		return "127.0.0.1"
	}
	return address
}

func (p *part) connect(who string) {
	if _, open := p.s.Conns[who]; !open {
		p.s = p.s.Connect(who, "127.0.0.1")
	}
}

func (p *part) framing(who string) model.Framing {
	f := p.framed[who]
	f.Stream = f.Stream || p.stream
	return f
}

// ask takes the first outcome that breaks nothing and whose reply is wanted.
func (p *part) ask(who, text string, wanted func(model.Reply) bool) model.Reply {
	p.t.Helper()
	p.connect(who)
	r := model.Read(text, edition.Default())
	for _, o := range model.Step(p.s, who, r, edition.Default()) {
		reply := seen(o.Want)
		if o.Next.Broke != "" || wanted != nil && r.Kind != model.Payment && !wanted(reply) {
			continue
		}
		p.s = o.Next
		if r.Kind != model.Payment {
			p.owed[who] = append(p.owed[who], reply)
		} else if reply.Text != "" {
			p.owed[r.Name] = append(p.owed[r.Name], model.Reply{Kind: model.Line, Text: reply.Text})
		}
		return reply
	}
	p.t.Fatalf("%s > %s: the model has no answer that is wanted", who, text)
	return model.Reply{}
}

// expected is what the next expectation of a client wants, if that is the reply to
// what it sends now.
func (p *part) expected(who string, rest []scenario.Step) func(model.Reply) bool {
	for _, step := range rest {
		if a, ok := step.Act.(scenario.Expect); ok && a.Who == who {
			if len(p.owed[who]) > 0 {
				return nil
			}
			return func(r model.Reply) bool { return p.meets(a, r) }
		}
	}
	return nil
}

func (p *part) meets(a scenario.Expect, r model.Reply) bool {
	return slices.ContainsFunc(slices.Concat(a.Want, a.Tolerated), func(want scenario.Reply) bool {
		switch want.Form {
		case scenario.Any:
			return r.Kind == model.Line || r.Kind == model.AList
		case scenario.AList:
			return r.Kind == model.AList
		case scenario.NoList:
			return r.Kind == model.Line
		case scenario.Nothing:
			return r.Kind == model.None && r.Text == ""
		case scenario.IsClosed:
			return r.Kind == model.Closed
		}
		if len(want.Lines) == 1 {
			return r.Kind == model.Line && p.matches(want.Lines[0], r.Text) || r.Kind == model.None && p.matches(want.Lines[0], r.Text)
		}
		if r.Kind != model.AList || len(r.List.Entries) != len(want.Lines)-3 {
			return false
		}
		return p.matches(want.Lines[0], fmt.Sprint(r.List.Balance)) && p.matches(want.Lines[2], fmt.Sprint(r.List.Count)) &&
			!slices.ContainsFunc(want.Lines[3:], func(t scenario.Template) bool {
				return !slices.ContainsFunc(r.List.Entries, func(e model.Entry) bool {
					return p.matches(t, fmt.Sprintf("%s#%s#%d", e.Name, e.Address, e.Port))
				})
			})
	})
}

// matches holds a text against a template, and captures what is new in it.
func (p *part) matches(t scenario.Template, text string) bool {
	if len(t) == 1 && t[0].Hole == scenario.Value {
		if _, known := p.values[t[0].Text]; !known {
			n, err := strconv.ParseInt(text, 10, 64)
			p.values[t[0].Text] = n
			return err == nil
		}
	}
	for i, part := range t {
		if part.Hole == scenario.Anything || part.Hole == scenario.Key {
			return i == len(t)-1
		}
		filled := p.fill(scenario.Template{part})
		if !strings.HasPrefix(text, filled) {
			return false
		}
		text = text[len(filled):]
	}
	return text == ""
}

func (p *part) fill(t scenario.Template) string {
	var b strings.Builder
	for _, part := range t {
		switch part.Hole {
		case scenario.Literal, scenario.Name:
			b.WriteString(part.Text)
		case scenario.Value:
			n := p.values[part.Text] + part.N
			if part.Plus != "" {
				n += p.values[part.Plus]
			}
			if part.Less != "" {
				n -= p.values[part.Less]
			}
			b.WriteString(fmt.Sprint(n))
		case scenario.Port:
			b.WriteString(port(part.Text))
		case scenario.Address:
			b.WriteString(p.s.Conns[part.Text].Address)
		case scenario.End:
			b.WriteString("\r\n")
		case scenario.Repeat:
			b.WriteString(strings.Repeat(part.Text, int(part.N)))
		}
	}
	return b.String()
}
