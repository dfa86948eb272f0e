package play

import (
	"context"

	"paycheck/conformance/target"
	"paycheck/conformance/wire"
	"paycheck/spec/scenario"
)

// What a check in Go does with a stage, besides taking steps of the notation.

// An Answer is what came back to a client, or how the wait for it ended.
type Answer struct {
	Reply  *wire.Reply // nil: none came
	Closed bool        // the connection is at its end
	Raw    []byte      // whatever came, if it is no reply
	answer answer
}

// List is the answer's list; nil: it is none.
func (a Answer) List() *wire.List {
	if a.Reply == nil {
		return nil
	}
	return a.Reply.List
}

// Settled says how the wait for the answer ended.
func (a Answer) Settled() target.Settled { return a.answer.why }

// Text is the first line of the reply; empty: none came.
func (a Answer) Text() string {
	if a.Reply == nil {
		return ""
	}
	return a.Reply.Text
}

// Say sends one of the five requests in the program's dialect, as the notation
// writes it, and waits for nothing.
func (st *Stage) Say(ctx context.Context, name, message string) error {
	steps, err := scenario.Steps(name + " > " + message)
	if err != nil {
		return &broken{why: err.Error()}
	}
	send := steps[0].Act.(scenario.Send)
	st.step, st.line = send.String(), 0
	c := st.client(name)
	data, err := st.dress(ctx, c, send.Message)
	if err != nil {
		return err
	}
	if err := st.send(ctx, c, data); err != nil {
		return err
	}
	c.asked = send.Message.Kind.HasReply()
	return nil
}

// Hear waits for the answer to what the client asked.
func (st *Stage) Hear(ctx context.Context, name string) (Answer, error) {
	a, err := st.await(ctx, st.client(name), false)
	if err != nil {
		return Answer{}, err
	}
	out := Answer{Closed: a.kind == ended, Raw: a.raw, answer: a}
	if a.kind == replied {
		out.Reply = &a.reply
	}
	return out, nil
}

// Send puts bytes on the client's connection, as one segment, and waits for nothing.
// What came before without being asked for is set aside. Asks says that an answer is
// due.
func (st *Stage) Send(ctx context.Context, name string, data []byte, asks bool) error {
	c := st.client(name)
	if err := st.send(ctx, c, data); err != nil {
		return err
	}
	c.asked = c.asked || asks
	return nil
}

// End ends the client's connection, or its own side of it, at once: what is still on
// its way is not read first. It waits for nothing.
func (st *Stage) End(name string, verb scenario.LinkVerb) {
	c := st.client(name)
	if c.conn == nil {
		return
	}
	// An error is of the suite's own end: what has ended can't be ended again.
	switch verb {
	case scenario.HalfCloses:
		_ = c.conn.HalfClose()
		return
	case scenario.Resets:
		_ = c.conn.Reset()
	default:
		_ = c.conn.Close()
	}
	st.past = append(st.past, c.conn)
	c.conn, c.asked = nil, false
}

// Await waits until the program is quiet, or stop, which may be nil, says that what is
// waited for is there.
func (st *Stage) Await(ctx context.Context, stop func() bool) (target.Settled, error) {
	return st.settle(ctx, stop)
}

// Until is Await with patience: timeouts are waited for too, since they may bring what
// is missing. A verdict that rests on nothing having come needs it.
func (st *Stage) Until(ctx context.Context, stop func() bool) (target.Settled, error) {
	return st.wait(ctx, stop, true)
}

// Result turns what a body of steps returned into the outcome, as [Run] does, but
// does not look whether the program still runs.
func (st *Stage) Result(err error) Result {
	r := resultOf(err)
	r.Transcript = st.Recorder.Transcript()
	return r
}

// Ask says and hears.
func (st *Stage) Ask(ctx context.Context, name, message string) (Answer, error) {
	if err := st.Say(ctx, name, message); err != nil {
		return Answer{}, err
	}
	return st.Hear(ctx, name)
}

// List asks for the list; without one the check is blocked by LST-1.
func (st *Stage) List(ctx context.Context, name string) (*wire.List, error) {
	return st.list(ctx, st.client(name))
}

// Rest waits until the program has done all that it is going to do, and sets aside
// what came unasked.
func (st *Stage) Rest(ctx context.Context) error { return st.rest(ctx) }

// News gives the lines that came to a client unasked, so far.
func (st *Stage) News(name string) []wire.Line { return st.client(name).news }

// Conn is the client's connection, opened if it has none.
func (st *Stage) Conn(ctx context.Context, name string) (*wire.Conn, error) {
	c := st.client(name)
	err := st.connect(ctx, c, "")
	return c.conn, err
}

// Unserved reports whether a client is kept waiting, as the kernel shows it, or was
// sent away.
func (st *Stage) Unserved(name string) bool {
	c := st.client(name)
	if c.conn == nil || st.Program == nil {
		return false
	}
	if c.conn.Over() {
		return true
	}
	waits, err := st.Program.Waits(c.conn)
	return err == nil && waits
}

// Limit sets how many clients the program is told to serve; before it starts.
func (st *Stage) Limit(n int) { st.limit = n }

// Unlike is the violation of an answer that is not what the client had to get.
func (st *Stage) Unlike(ctx context.Context, name string, a Answer, want string) error {
	return st.mismatch(ctx, st.client(name), a.answer, want, 0)
}

// Fail is the violation of anything else: want is what had to be, why what was seen.
// Got and the offset at of its first wrong byte are shown if there are any; at -1
// marks none. The name, if not empty, says whose last event was wrong.
func (st *Stage) Fail(ctx context.Context, name, want string, got []byte, at int, why string) error {
	var c *client
	if name != "" {
		c = st.client(name)
	}
	return st.violation(ctx, c, want, got, at, why)
}

// Shown is the violation of what the kernel has shown of the program, and not of what
// did not come.
func (st *Stage) Shown(want, why string) error {
	return &violation{why: why, finding: &Finding{
		Line: st.line, Step: st.step, Want: want, At: -1, Doing: st.Program.Doing(), Stderr: st.Program.Tail(),
	}}
}

// Tolerate notes a form that is accepted though it is not the one asked for.
func (st *Stage) Tolerate(want string, got []byte, at int) {
	st.tolerate(&Finding{Line: st.line, Step: st.step, Want: want, Got: got, At: at})
}
