package play

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// Play takes the steps of a scenario, one after another.
func (st *Stage) Play(ctx context.Context, s scenario.Scenario) error {
	for _, step := range s.Steps {
		st.line, st.step = step.Line, step.Act.String()
		if err := st.act(ctx, step.Act); err != nil {
			return err
		}
	}
	return nil
}

// Do takes steps that are written in a check in Go.
func (st *Stage) Do(ctx context.Context, steps string) error {
	parsed, err := scenario.Steps(steps)
	if err != nil {
		return &broken{why: err.Error()}
	}
	for i := range parsed {
		parsed[i].Line = 0 // no line of protocol.md
	}
	return st.Play(ctx, scenario.Scenario{Steps: parsed})
}

func (st *Stage) act(ctx context.Context, a scenario.Act) error {
	switch a := a.(type) {
	case scenario.Limit:
		st.limit = a.N
		return nil
	case scenario.Given:
		for _, name := range a.Names {
			if err := st.given(ctx, name, a.State); err != nil {
				return err
			}
		}
		return nil
	case scenario.Send:
		return st.tell(ctx, st.client(a.Who), a.Message)
	case scenario.Raw:
		return st.raw(ctx, st.client(a.Who), a.Segments)
	case scenario.Expect:
		return st.expect(ctx, st.client(a.Who), a)
	case scenario.Link:
		return st.link(ctx, st.client(a.Who), a)
	case scenario.Has:
		return st.has(ctx, st.client(a.Who), a)
	case scenario.Sees:
		return st.sees(ctx, st.client(a.Who), a)
	case scenario.Server:
		return st.server(ctx, a)
	}
	return &broken{why: fmt.Sprintf("the step %q is for checks of a client", a)}
}

// raw sends segments, each once the program has read the one before: back to back,
// the kernel would join them.
func (st *Stage) raw(ctx context.Context, c *client, segments []scenario.Template) error {
	texts := make([][]byte, len(segments))
	for i, segment := range segments {
		text, err := st.fill(segment)
		if err != nil {
			return &broken{why: err.Error()}
		}
		texts[i] = []byte(text)
	}
	if err := st.connect(ctx, c, ""); err != nil {
		return err
	}
	st.setAside(c)
	texts, err := st.disguised(ctx, c, texts)
	if err != nil {
		return err
	}
	for i, text := range texts {
		if i > 0 {
			if err := st.rest(ctx); err != nil {
				return err
			}
			if c.conn.Over() {
				break // what the program must do is the next step's business
			}
		}
		if err := c.conn.Send(text); err != nil {
			break // it closed meanwhile
		}
		c.asked = true // what comes from now on may be an answer
	}
	return nil
}

func (st *Stage) link(ctx context.Context, c *client, a scenario.Link) error {
	if a.Verb == scenario.Connects {
		return st.connect(ctx, c, a.From)
	}
	if c.conn == nil {
		return nil // it has ended already
	}
	// An error of these calls is of the suite's own end: what the program has closed
	// can't be closed again, and need not.
	switch a.Verb {
	case scenario.HalfCloses:
		_ = c.conn.HalfClose()
		return nil
	case scenario.Closes:
		// What is still on its way is read first: bytes unread at a close send an RST.
		if err := st.rest(ctx); err != nil {
			return err
		}
		_ = c.conn.Close()
	case scenario.Resets:
		_ = c.conn.Reset()
	}
	st.past = append(st.past, c.conn)
	c.conn, c.asked = nil, false
	if err := st.rest(ctx); err != nil { // until the program has noticed
		return err
	}
	return st.outlived(a.Verb)
}

// outlived demands that the program has survived the end of a connection. That it
// did not is the business of VAN-1 and VAN-2, which block every other check.
func (st *Stage) outlived(verb scenario.LinkVerb) error {
	if st.Program == nil || st.stopped {
		return nil
	}
	death, dead := st.Program.Death()
	if !dead {
		return nil
	}
	by := "VAN-1"
	if verb == scenario.Resets {
		by = "VAN-2"
	}
	switch st.Env.Requirement {
	case "", "VAN-1", "VAN-2", "VAN-3":
		return st.died(death)
	}
	return Setup(by, st.died(death))
}

// has asks for the balance.
func (st *Stage) has(ctx context.Context, c *client, a scenario.Has) error {
	if err := st.computable(a.Balance); err != nil {
		return err
	}
	return st.look(ctx, c, a.Soon, func(l *wire.List) (bool, string) {
		balance := fmt.Sprint(l.Balance)
		m := st.compare(a.Balance, balance)
		if m.ok {
			st.capture(m)
			if l.WordedBalance && st.Env.Requirement == "LST-2" {
				st.tolerate(&Finding{Line: st.line, Step: st.step, Want: "the balance as a bare number", Got: c.lastRaw, At: 0})
			}
		}
		return m.ok, fmt.Sprintf("the balance is %s", st.wanted(a.Balance))
	}, func(l *wire.List) int { return 0 })
}

// sees asks who is online.
func (st *Stage) sees(ctx context.Context, c *client, a scenario.Sees) error {
	fresh := st.Fresh(a.Name)
	return st.look(ctx, c, a.Soon, func(l *wire.List) (bool, string) {
		there := len(l.Find(fresh)) > 0
		if a.Absent {
			return !there, fmt.Sprintf("the list does not name %s", fresh)
		}
		return there, fmt.Sprintf("the list names %s", fresh)
	}, func(l *wire.List) int { return nameAt(l, fresh) })
}

// nameAt is where an entry begins in the bytes of a list; -1: nowhere.
func nameAt(l *wire.List, name string) int {
	for _, line := range l.Lines {
		if strings.HasPrefix(line.Text, name+"#") {
			return line.Stop - len(line.End) - len(line.Text)
		}
	}
	return -1
}

// Bounds of what must be so soon (VAN-4), each stretched by the time scale.
const (
	soonBound = 2 * time.Second
	lateBound = 10 * time.Second // up to here it is tolerated
)

// look asks for the list and holds it against want. What is to be so soon is asked
// again until it is, or until the kernel shows that the program will not act by
// itself any more, or the bound has passed.
func (st *Stage) look(ctx context.Context, c *client, soon bool, want func(*wire.List) (bool, string), at func(*wire.List) int) error {
	begun := time.Now()
	scaled := func(d time.Duration) time.Duration { return time.Duration(float64(d) * st.Env.Scale) }
	for {
		settled := target.Settled{}
		if soon {
			var err error
			if settled, err = st.settle(ctx, nil); err != nil {
				return err
			}
		}
		waited := time.Since(begun)
		l, err := st.list(ctx, c)
		if err != nil {
			return err
		}
		ok, what := want(l)
		if ok {
			if waited > scaled(soonBound) && soon {
				st.tolerate(&Finding{
					Line: st.line, Step: st.step, At: -1,
					Want: fmt.Sprintf("%s within %v; it took %.1f s", what, soonBound, waited.Seconds()),
				})
			}
			return nil
		}
		if !soon || settled.Final || waited > scaled(lateBound) {
			raw := c.lastRaw
			return st.violation(ctx, c, what, raw, at(l), "not so: "+what)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tolerate notes the first form that is accepted though it is not the one asked for.
func (st *Stage) tolerate(f *Finding) {
	if st.tolerated == nil {
		st.tolerated = f
	}
}

// exitBound is how long a program may take to end (OPS-3).
const exitBound = 2 * time.Second

func (st *Stage) server(ctx context.Context, a scenario.Server) error {
	if !st.Env.Host.Owns() {
		return &inapplicable{why: "the server was not started by paycheck, so it is not signalled"}
	}
	if err := st.Start(ctx); err != nil {
		return err
	}
	note := func(kind transcript.Kind, text string) {
		st.Recorder.Add(transcript.Event{Who: "server", Kind: kind, Text: text})
	}
	switch a.Verb {
	case scenario.Gets:
		// A program that is about to die of what it was sent does not end by the signal.
		if _, err := st.settle(ctx, nil); err != nil {
			return err
		}
		note(transcript.Act, a.String())
		err := st.Program.Signal(a.Signal)
		if death, dead := st.Program.Death(); dead && errors.Is(err, os.ErrProcessDone) && !st.stopped {
			return st.died(death)
		}
		if err != nil {
			return &broken{why: err.Error()}
		}
		st.stopped = true
		return nil
	case scenario.Exits:
		return st.exits(ctx, note)
	}
	p, err := st.Env.Host.Restart(ctx, st.Program, st.limit)
	if s := (*target.StartError)(nil); errors.As(err, &s) {
		note(transcript.Act, a.String())
		return &violation{why: "it does not start again: " + s.Why, finding: &Finding{
			Line: st.line, Step: st.step, Want: "the server listens on the same port again", At: -1, Stderr: s.Tail,
		}}
	}
	if err != nil {
		return err
	}
	note(transcript.Act, a.String())
	st.Program, st.stopped = p, false
	for _, c := range st.clients { // their connections went with the old process
		if c.conn != nil {
			c.conn.Discard()
			c.conn, c.asked = nil, false
		}
	}
	return nil
}

func (st *Stage) exits(ctx context.Context, note func(transcript.Kind, string)) error {
	bound := time.NewTimer(time.Duration(float64(exitBound) * st.Env.Scale))
	defer bound.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-st.Program.Done():
		death, _ := st.Program.Death()
		note(transcript.Note, "the server is gone: "+death.String())
		return nil
	case <-bound.C:
	}
	return &violation{why: fmt.Sprintf("the server still runs %v after the signal", exitBound), finding: &Finding{
		Line: st.line, Step: st.step, Want: fmt.Sprintf("it ends within %v", exitBound), At: -1,
		Doing: st.Program.Doing(), Stderr: st.Program.Tail(),
	}}
}

// isNews reports whether an expectation is for the news of a payment, and which.
func isNews(a scenario.Expect) (texts []string, ok bool) {
	for _, want := range a.Want {
		if want.Form != scenario.Lines || len(want.Lines) != 1 {
			return nil, false
		}
		text := want.Lines[0].String()
		if text != edition.TransferOK && text != edition.TransferFail {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}
