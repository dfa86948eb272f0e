package play

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/spec/scenario"
)

// Play takes the steps of a scenario, one after another.
func (st *ClientStage) Play(ctx context.Context, s scenario.Scenario) error {
	for i, step := range s.Steps {
		st.line, st.step = step.Line, step.Act.String()
		if user, ok := step.Act.(scenario.User); ok {
			if err := st.script(user, s.Steps[i+1:]); err != nil {
				return err
			}
		}
		if err := st.act(ctx, step.Act); err != nil {
			return err
		}
	}
	return nil
}

// Do takes steps that are written in a check in Go.
func (st *ClientStage) Do(ctx context.Context, steps string) error {
	parsed, err := st.parse(steps)
	if err != nil {
		return &broken{why: err.Error()}
	}
	return st.Play(ctx, scenario.Scenario{Steps: parsed})
}

var acts = regexp.MustCompile(`(?m)^\s*user (?:registers|logs in) ([a-z0-9]+)$`)

// parse reads steps in which everybody may be named who takes part in the conversation.
func (st *ClientStage) parse(text string) ([]scenario.Step, error) {
	names := map[string]bool{}
	for name := range st.people {
		names[name] = true
	}
	for _, m := range acts.FindAllStringSubmatch(text, -1) {
		names[m[1]] = true
	}
	for name := range names {
		text += "\n" + name + " connects" // a step that only says who takes part
	}
	steps, err := scenario.Steps(text)
	if err != nil {
		return nil, err
	}
	steps = steps[:len(steps)-len(names)]
	for i := range steps {
		steps[i].Line = 0 // no line of protocol.md
	}
	return steps, nil
}

// script leaves the request that a person's act causes to be answered by the steps, if
// one of them does before the person acts again.
func (st *ClientStage) script(user scenario.User, rest []scenario.Step) error {
	kind, ok := map[string]scenario.Kind{
		"registers": scenario.Register, "logs": scenario.Login, "lists": scenario.List, "exits": scenario.Exit,
	}[user.Verb]
	if err := st.open(); err != nil || !ok {
		return err
	}
	for _, step := range rest {
		switch step.Act.(type) {
		case scenario.User:
			return nil
		case scenario.Serve:
			st.Counter.Hold(kind)
			return nil
		}
	}
	return nil
}

func (st *ClientStage) act(ctx context.Context, a scenario.Act) error {
	switch a := a.(type) {
	case scenario.Given:
		for _, name := range a.Names {
			if err := st.given(ctx, name, a.State); err != nil {
				return err
			}
		}
		return nil
	case scenario.User:
		return st.user(ctx, a)
	case scenario.Expect:
		return st.expect(ctx, a)
	case scenario.Serve:
		return st.serve(ctx, a.Reply)
	case scenario.Send:
		return st.pays(ctx, st.person(a.Who), a.Message)
	case scenario.Raw:
		return st.raw(ctx, st.person(a.Who), a.Segments)
	case scenario.Link:
		return st.link(ctx, st.person(a.Who), a.Verb)
	}
	return &broken{why: fmt.Sprintf("the step %q is for checks of a server", a)}
}

// given brings the person or a peer into a state. If that fails, the check is blocked
// by what it rests on.
func (st *ClientStage) given(ctx context.Context, name string, state scenario.State) error {
	if state == scenario.Listed {
		return st.list(name, loopback)
	}
	steps := []struct{ by, text string }{{"CLI-3", "user registers " + name + "\nserver < REGISTER#" + name}}
	if state == scenario.Online {
		steps = append(steps, struct{ by, text string }{"CLI-4", "user logs in " + name + "\nserver < " + name + "#{" + name + ".port}"})
	}
	form := st.tolerated
	for _, s := range steps {
		line, step := st.line, st.step
		parsed, err := st.parse(s.text)
		if err != nil {
			return &broken{why: err.Error()}
		}
		for _, p := range parsed {
			if err := st.act(ctx, p.Act); err != nil {
				return Setup(s.by, err)
			}
		}
		st.line, st.step = line, step
	}
	st.tolerated = form // the form is judged elsewhere
	return st.rest(ctx)
}

// user does what the person does.
func (st *ClientStage) user(ctx context.Context, a scenario.User) error {
	switch a.Verb {
	case "registers":
		return st.operate(ctx, driver.Register, a, a.Args[0], nil, 0)
	case "logs":
		return st.operate(ctx, driver.Login, a, a.Args[1], nil, 0)
	case "lists":
		return st.operate(ctx, driver.List, a, "", nil, 0)
	case "pays":
		amount, err := strconv.Atoi(a.Args[1])
		if err != nil {
			return &broken{why: err.Error()}
		}
		return st.operate(ctx, driver.Pay, a, "", st.person(a.Args[0]), amount)
	case "exits":
		st.stopped = true
		return st.operate(ctx, driver.Exit, a, "", nil, 0)
	case "types":
		return st.types(ctx, a)
	}
	return st.sees(ctx, a.Quoted)
}

// operate has the person do something by the client's own menu.
func (st *ClientStage) operate(ctx context.Context, op driver.Op, a scenario.User, name string, payee *person, amount int) error {
	if name != "" {
		if err := st.Start(ctx, name); err != nil {
			return err
		}
		st.me = st.person(name)
	}
	if st.Session == nil {
		return &broken{why: "the person does something before anything"}
	}
	if err := st.rest(ctx); err != nil { // what was said to the client before is no answer to this
		return err
	}
	st.used = len(st.Counter.Log())
	st.Recorder.Add(transcript.Event{Who: "user", Kind: transcript.Act, Text: a.String()})
	if !st.Session.Driver.Can(op) {
		return &inapplicable{why: fmt.Sprintf("it is not known how a person makes this client %s", op)}
	}
	v := st.values(payee, amount)
	err := st.Session.Insist(ctx, op, v, st.typed)
	st.typed = false
	err = st.took(ctx, err)
	st.last = op
	return err
}

// types has the person type a line, whatever the screen shows.
func (st *ClientStage) types(ctx context.Context, a scenario.User) error {
	st.Recorder.Add(transcript.Event{Who: "user", Kind: transcript.Act, Text: a.String()})
	st.typed = true
	return st.took(ctx, st.Session.Type(ctx, a.Quoted))
}

// took sorts what kept the person from typing. A client that waits for something else
// than its user is held against what has to follow; one that asks something that the
// driver does not know is not. After a payment it may have stopped to ask for anything
// until it is told what became of that.
func (st *ClientStage) took(ctx context.Context, err error) error {
	st.stuck = nil
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	stuck := (*driver.StuckError)(nil)
	if err == nil {
		return nil
	}
	if !errors.As(err, &stuck) {
		return &broken{why: err.Error(), err: err}
	}
	switch {
	case stuck.State.Doing == target.HasEnded && st.stopped:
		return nil
	case stuck.State.Doing == target.HasEnded:
		return st.died(stuck.Death)
	case st.last != driver.Pay && stuck.State.Doing == target.WantsLine && !stuck.State.Unread:
		return &broken{why: "the client could not be driven: " + stuck.Error(), err: err}
	}
	st.stuck = stuck
	return nil
}

// sees demands that the client has shown a text since its user last typed.
func (st *ClientStage) sees(ctx context.Context, quoted string) error {
	text := st.fill(quoted)
	shows := func() bool { return strings.Contains(st.Session.Text(), text) }
	s, err := st.settle(ctx, shows, false)
	if err == nil && s.Reason == target.Quiet && !s.Final && !shows() {
		_, err = st.settle(ctx, shows, true)
	}
	if err != nil || shows() {
		return err
	}
	return st.violation(ctx, "server", fmt.Sprintf("the user sees %q", text), nil, -1, fmt.Sprintf("the screen does not show %q", text))
}

// reachBound is how soon after its login a client has to listen (CLI-5).
const reachBound = 2 * time.Second

// dial connects a peer to the client, where the list says that it is.
func (st *ClientStage) dial(ctx context.Context, p *person) error {
	if p.conn != nil && !p.conn.Over() {
		return nil
	}
	if err := st.rest(ctx); err != nil {
		return err
	}
	if p.peer == nil {
		p.peer = st.Counter.Guest(p.name, p.fresh)
	}
	to := netip.AddrPortFrom(netip.MustParseAddr(loopback), uint16(st.me.port))
	begun := time.Now()
	for {
		conn, err := p.peer.Dial(ctx, to)
		if err == nil {
			p.conn = conn
			return st.rest(ctx)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if time.Since(begun) > time.Duration(float64(reachBound)*st.Env.Scale) {
			err := st.violation(ctx, p.name, fmt.Sprintf("the client accepts a connection on port %d", st.me.port), nil, -1,
				fmt.Sprintf("nobody listens on port %d, %v after the login", st.me.port, reachBound))
			if st.Env.Requirement != "CLI-5" {
				err = Setup("CLI-5", err)
			}
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// pays has a peer pay the client. Each payment comes on a connection of its own.
func (st *ClientStage) pays(ctx context.Context, p *person, m scenario.Message) error {
	st.used = len(st.Counter.Log())
	p.conn = nil
	if err := st.dial(ctx, p); err != nil {
		return err
	}
	text, err := st.disguise(ctx, p, st.request(m)+st.Env.Edition.RequestEnd)
	if err != nil {
		return err
	}
	if err := p.conn.Send([]byte(text)); err != nil {
		return st.violation(ctx, p.name, "the connection takes a payment", nil, -1, "the client has closed the connection")
	}
	return nil
}

// raw has a peer send bytes.
func (st *ClientStage) raw(ctx context.Context, p *person, segments []scenario.Template) error {
	if err := st.dial(ctx, p); err != nil {
		return err
	}
	for _, segment := range segments {
		text, err := st.disguise(ctx, p, st.fill(segment.String()))
		if err != nil {
			return err
		}
		if err := p.conn.Send([]byte(text)); err != nil {
			return nil //nolint:nilerr // it closed meanwhile: that is the next step's business
		}
		if err := st.rest(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (st *ClientStage) link(ctx context.Context, p *person, verb scenario.LinkVerb) error {
	if verb == scenario.Connects {
		return st.dial(ctx, p)
	}
	if p.conn == nil {
		return nil
	}
	// An error of these calls is of the suite's own end: what the client has closed can't
	// be closed again, and need not.
	switch verb {
	case scenario.HalfCloses:
		_ = p.conn.HalfClose()
	case scenario.Closes:
		_ = p.conn.Close()
	case scenario.Resets:
		_ = p.conn.Reset()
	}
	p.conn = nil
	return st.rest(ctx)
}
