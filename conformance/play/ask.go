package play

import (
	"context"
	"fmt"
	"time"

	"paycheck/conformance/target"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// busy is how much processor time a program may use on one answer before it counts
// as one that never gives it. Time on the wall says nothing on a loaded machine.
const busy = time.Second

// An answer is what came back, or how the wait for it ended.
type answer struct {
	kind  answerKind
	reply wire.Reply
	raw   []byte // whatever came, if it is no reply
	why   target.Settled
}

type answerKind int

const (
	replied answerKind = iota
	silence            // nothing, and the program has settled
	ended              // the connection is at its end
)

// send puts one segment on the client's connection. What came before without being
// asked for is set aside.
func (st *Stage) send(ctx context.Context, c *client, data []byte) error {
	if err := st.connect(ctx, c, ""); err != nil {
		return err
	}
	st.setAside(c)
	if death, dead := st.Program.Death(); dead && !st.stopped {
		return st.died(death) // of what was sent before, and not of this
	}
	if err := c.conn.Send(data); err != nil {
		return st.violation(ctx, c, "the connection takes a request", nil, -1, "the connection is closed")
	}
	return nil
}

// setAside files what came unasked. Of a notice that has come in part, the rest is
// still to come.
func (st *Stage) setAside(c *client) {
	if c.conn == nil || c.asked {
		return
	}
	data := c.conn.Unread()
	data = data[:len(data)-wire.Begun(data)]
	c.news = append(c.news, wire.Lines(data)...)
	c.conn.Take(len(data))
}

// await waits for the reply to what the client asked; silence is final unless it is
// what is hoped for.
func (st *Stage) await(ctx context.Context, c *client, silenceWanted bool) (answer, error) {
	e := st.Env.Profile.Edition
	there := func() bool {
		st.welcome(c)
		_, ok := wire.Next(c.conn.Unread(), e, false)
		over, _ := c.conn.Ended()
		return ok || over
	}
	s, err := st.settle(ctx, there)
	if err == nil && s.Reason == target.Quiet && !s.Final && s.Proved && !silenceWanted {
		s, err = st.wait(ctx, there, true)
	}
	if err != nil {
		return answer{}, err
	}
	st.welcome(c)
	data := c.conn.Unread()
	reply, ok := wire.Next(data, e, s.Reason != target.Stopped)
	over, _ := c.conn.Ended()
	if !ok && over {
		reply, ok = wire.Next(data, e, true)
	}
	if ok && !c.asked && reply.List == nil && wire.Unasked(reply.Text) {
		st.setAside(c) // nothing was asked, and this is the news of a payment
		ok, data = false, nil
	}
	if !ok && len(wire.Lines(data)) == 0 {
		c.conn.Take(len(data)) // padding behind the reply before is no answer (FRM-6)
		data = nil
	}
	if ok || over {
		c.asked = false // silence leaves the request open: its answer may come yet
	}
	if ok {
		c.conn.Take(len(reply.Raw))
		c.news = append(c.news, reply.Before...)
		return answer{kind: replied, reply: reply, raw: reply.Raw, why: s}, nil
	}
	if over || s.Reason == target.Died {
		return answer{kind: ended, raw: data, why: s}, nil
	}
	return answer{kind: silence, raw: data, why: s}, nil
}

// tell sends one message; a payment is given time to take effect.
func (st *Stage) tell(ctx context.Context, c *client, m scenario.Message) error {
	data, err := st.dress(ctx, c, m)
	if err != nil {
		return err
	}
	if err := st.send(ctx, c, data); err != nil {
		return err
	}
	if m.Kind.HasReply() {
		c.asked = true
		return nil
	}
	return st.rest(ctx)
}

// rest waits until the program has done all that it is going to do, and sets aside
// what came unasked. Where nothing was done and nothing has come since it last did, it
// rests.
func (st *Stage) rest(ctx context.Context) error {
	if len(st.past) == 0 && st.rested == st.Recorder.Count() {
		return nil
	}
	s, err := st.settle(ctx, nil)
	if err != nil {
		return err
	}
	if s.Reason == target.Quiet {
		st.rested = st.Recorder.Count()
	}
	if s.Reason == target.Overdue && s.CPU < busy {
		return &broken{why: "the program got too little of the processor to tell what it does"}
	}
	for _, c := range st.clients {
		st.setAside(c)
	}
	return nil
}

// ask sends one message and returns the answer.
func (st *Stage) ask(ctx context.Context, c *client, m scenario.Message) (answer, error) {
	if err := st.tell(ctx, c, m); err != nil {
		return answer{}, err
	}
	return st.await(ctx, c, false)
}

// list asks for the list. That there is none is the business of LST-1.
func (st *Stage) list(ctx context.Context, c *client) (*wire.List, error) {
	a, err := st.ask(ctx, c, scenario.Message{Kind: scenario.List})
	if err != nil {
		return nil, err
	}
	if a.kind == replied && a.reply.List != nil {
		c.lastRaw = a.raw
		return a.reply.List, nil
	}
	return nil, Setup("LST-1", st.mismatch(ctx, c, a, "a list", 0))
}

// given brings a client into a state that is not judged here.
func (st *Stage) given(ctx context.Context, name string, state scenario.State) error {
	c := st.client(name)
	if state == scenario.Listed {
		return &broken{why: "given ... listed is for checks of a client"}
	}
	if c.registered && state == scenario.Registered {
		return nil
	}
	if !c.registered {
		a, err := st.ask(ctx, c, scenario.Message{Kind: scenario.Register, Name: name})
		if err != nil {
			return Setup("REG-1", err)
		}
		if a.kind != replied || !wire.Means(a.reply.Text, edition.OK) {
			return Setup(st.unserved(a, c, "REG-1"), st.mismatch(ctx, c, a, edition.OK, 0))
		}
		c.registered = true
	}
	if state == scenario.Registered {
		return nil
	}
	login := scenario.Message{Kind: scenario.Login, Name: name, Port: scenario.Template{{Hole: scenario.Port, Text: name}}}
	a, err := st.ask(ctx, c, login)
	if err != nil {
		return Setup("LOG-1", err)
	}
	if a.kind != replied || a.reply.List == nil {
		return Setup(st.unserved(a, c, "LOG-1"), st.mismatch(ctx, c, a, "a list", 0))
	}
	return nil
}

// unserved names the requirement that a set-up rests on: if the client found no
// place below the limit, that is LIM-3.
func (st *Stage) unserved(a answer, c *client, otherwise string) string {
	if a.kind == silence && st.limit > 0 && st.Unserved(c.name) {
		return "LIM-3"
	}
	return otherwise
}

// mismatch is the violation of an answer that is not what was wanted.
func (st *Stage) mismatch(ctx context.Context, c *client, a answer, want string, at int) error {
	if a.why.Reason == target.Quiet && !a.why.Proved && a.kind != ended {
		// Only a time has passed: the answer, or the rest of it, may yet come.
		return &broken{why: fmt.Sprintf("%s did not come, but the program's process can't be looked at, so that it may only be slow", want)}
	}
	switch a.kind {
	case silence:
		why := "no answer came"
		if len(a.raw) > 0 {
			why = "the answer is not complete"
		}
		return st.violation(ctx, c, want, a.raw, -1, why)
	case ended:
		return st.violation(ctx, c, want, a.raw, -1, "the connection was closed without an answer")
	}
	return st.violation(ctx, c, want, a.raw, at, fmt.Sprintf("the answer is not %s", want))
}
