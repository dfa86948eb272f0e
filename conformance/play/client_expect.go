package play

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance/counter"
	"paycheck/conformance/target"
	"paycheck/conformance/wire"
	"paycheck/spec/scenario"
)

// formsJudged are the requirements that say how a request ends.
var formsJudged = []string{"CLI-3", "CLI-4", "CLI-6", "CLI-12", "CLI-14"}

// anything is how a form that every request has is shown.
var anything = scenario.Any.String()

// expect waits for what the client must send to the server or to a peer.
func (st *ClientStage) expect(ctx context.Context, a scenario.Expect) error {
	silence := slices.ContainsFunc(slices.Concat(a.Want, a.Tolerated), func(r scenario.Reply) bool { return r.Form == scenario.Nothing })
	var wanted, tolerated *counter.Event
	find := func() bool {
		wanted, tolerated = st.find(a.Who, a.Want), st.find(a.Who, a.Tolerated)
		return wanted != nil
	}
	s, err := st.settle(ctx, find, false)
	if err == nil && s.Reason == target.Quiet && !s.Final && s.Proved && !find() {
		s, err = st.settle(ctx, find, true)
	}
	if err != nil {
		return err
	}
	find()
	want := st.wantedForms(a.Want)
	switch {
	case wanted != nil:
		return st.form(ctx, a.Who, *wanted, want)
	case tolerated != nil:
		st.Tolerate(want, tolerated.Raw, 0)
		return nil
	}
	if s.Reason == target.Died && !st.stopped {
		death, _ := st.Session.Death()
		return st.died(death)
	}
	came := st.came(a.Who)
	if len(came) == 0 && silence {
		st.Tolerate(want, nil, -1)
		return nil
	}
	who := a.Who
	if who == "server" {
		who = "the server"
	}
	why := who + " did not get " + want
	if st.stuck != nil {
		why += ": " + st.stuck.Error()
	}
	if len(came) > 0 {
		last := came[len(came)-1]
		return st.violation(ctx, a.Who, want, last.Raw, commonPrefix(want, last.Request.Text), why)
	}
	return st.violation(ctx, a.Who, want, nil, -1, why)
}

// came gives what has come to the server or a peer since the person's last act.
func (st *ClientStage) came(who string) []counter.Event {
	var all []counter.Event
	for _, e := range st.Counter.Log()[st.used:] {
		if who == "server" && e.Kind == counter.Asked || who != "server" && e.Kind == counter.Paid && e.Peer == st.person(who).fresh {
			all = append(all, e)
		}
	}
	return all
}

// find gives the first of what came that is one of the forms.
func (st *ClientStage) find(who string, forms []scenario.Reply) *counter.Event {
	for _, e := range st.came(who) {
		for _, form := range forms {
			if form.Form == scenario.Any || form.Form == scenario.Lines && st.is(e.Request, form.Lines[0]) {
				return &e
			}
		}
	}
	return nil
}

// is reports whether a request is what a line of the notation says. A client may have
// a port of its own choice.
func (st *ClientStage) is(r wire.Request, line scenario.Template) bool {
	m, ok := st.message(line)
	if !ok {
		return r.Text == line.String()
	}
	if m.Kind == scenario.Login && r.Is(scenario.Login) && r.Fields[0] == st.prefix+m.Name {
		st.person(m.Name).port = int(r.Number())
		return true
	}
	return r.Text == st.request(m)
}

// message reads a line as one of the five requests.
func (st *ClientStage) message(line scenario.Template) (scenario.Message, bool) {
	steps, err := st.parse("x > " + line.String())
	if err != nil {
		return scenario.Message{}, false
	}
	return steps[0].Act.(scenario.Send).Message, true
}

// request gives the text of a message, without what ends it.
func (st *ClientStage) request(m scenario.Message) string {
	switch m.Kind {
	case scenario.Register:
		text := "REGISTER#" + st.prefix + m.Name
		if st.Env.Edition.Deposit {
			text += "#" + itoa(st.Env.Edition.InitialBalance)
		}
		return text
	case scenario.Login:
		return st.prefix + m.Name + "#" + st.fill(m.Port.String())
	case scenario.Payment:
		return st.prefix + m.Name + "#" + st.fill(m.Amount.String()) + "#" + st.prefix + m.Payee
	}
	return m.String()
}

// form judges what stands behind a request that is right, where that is judged.
func (st *ClientStage) form(ctx context.Context, who string, e counter.Event, want string) error {
	end := st.Env.Edition.RequestEnd
	if want == anything || !slices.Contains(formsJudged, st.Env.Requirement) || e.Request.Tail == end {
		return nil
	}
	if end == "" {
		want += ", and nothing behind it"
	} else {
		want += fmt.Sprintf(", and %q behind it", end)
	}
	if _, ok := e.Request.Ending(); ok {
		st.Tolerate(want, e.Raw, len(e.Request.Text))
		return nil
	}
	return st.violation(ctx, who, want, e.Raw, len(e.Request.Text), "more than the request was sent")
}

// wantedForms shows expectations as a person reads them.
func (st *ClientStage) wantedForms(forms []scenario.Reply) string {
	texts := make([]string, len(forms))
	for i, f := range forms {
		texts[i] = f.Form.String()
		if f.Form != scenario.Lines {
			continue
		}
		texts[i] = f.Lines[0].String()
		if m, ok := st.message(f.Lines[0]); ok {
			texts[i] = st.request(m)
		}
	}
	return strings.Join(texts, " / ")
}

// serve sends a reply of the server: one write.
func (st *ClientStage) serve(ctx context.Context, r scenario.Reply) error {
	if r.Form != scenario.Lines {
		return &broken{why: "the server can send lines only"}
	}
	if err := st.Counter.Answer(st.lines(r)); err != nil {
		return st.violation(ctx, "server", "the client is connected", nil, -1, "the client has ended the connection to the server")
	}
	return st.rest(ctx)
}

// lines gives a reply as text. The key line of a list stays out where the edition, or
// the client, has none.
func (st *ClientStage) lines(r scenario.Reply) string {
	var lines []string
	for i, line := range r.Lines {
		isKey := i == 1 && len(r.Lines) > 2
		if isKey && (!st.Env.Edition.KeyLine || st.Env.Manner.NoKey && st.Env.Requirement != "CLI-8") {
			continue
		}
		text := line.String()
		if isKey && text == usualKey {
			text = st.Counter.KeyLine()
		}
		if namePart.MatchString(text) {
			text = st.prefix + text
		}
		lines = append(lines, st.fill(text))
	}
	return strings.Join(lines, "\n")
}

// usualKey stands in the examples for the key of whoever plays the server.
const usualKey = "public key"

// fill puts names, ports and addresses in the place of their holes.
func (st *ClientStage) fill(text string) string {
	var pairs []string
	for name, p := range st.people {
		pairs = append(pairs, "{"+name+"}", p.fresh, "{"+name+".port}", fmt.Sprint(p.port), "{"+name+".ip}", p.ip)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
