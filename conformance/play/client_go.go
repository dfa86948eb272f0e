package play

import (
	"context"
	"time"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/target"
	"paycheck/spec/scenario"
)

// What a check in Go does with a stage, besides taking steps of the notation.

// Speak has the server and the peers speak so; before the first step.
func (st *ClientStage) Speak(m counter.Manner) {
	env := *st.Env
	env.Manner = m
	st.Env = &env
}

// Fresh gives the name that the client knows an actor by.
func (st *ClientStage) Fresh(name string) string { return st.prefix + name }

// Fill puts names, ports and addresses in the place of their holes.
func (st *ClientStage) Fill(text string) string { return st.fill(text) }

// Listed puts a peer into the list who listens at an address of this machine. The error
// is [Inapplicable] if there is none such.
func (st *ClientStage) Listed(name, ip string) error {
	err := st.list(name, ip)
	if err != nil && ip != loopback {
		return Inapplicable("this machine has no address %s", ip)
	}
	return err
}

// Leave makes a peer unreachable, though it is still listed.
func (st *ClientStage) Leave(name string) { st.person(name).peer.Leave() }

// Came gives what has come to the server or to a peer since the person's last act.
func (st *ClientStage) Came(who string) []counter.Event { return st.came(who) }

// Rest waits until the client has done all that it is going to do, and with patience
// also what a timeout may yet bring.
func (st *ClientStage) Rest(ctx context.Context, patient bool) error {
	_, err := st.settle(ctx, nil, patient)
	return err
}

// Spins is a patient Rest that reports whether the client does not come to rest, and keeps
// a processor busy.
func (st *ClientStage) Spins(ctx context.Context) (bool, error) {
	s, err := st.settle(ctx, nil, true)
	return s.Reason == target.Overdue && s.CPU >= busy, err
}

// Until waits until what is awaited is there, or the client will do nothing more by
// itself. It reports which.
func (st *ClientStage) Until(ctx context.Context, there func() bool) (bool, error) {
	s, err := st.settle(ctx, there, false)
	if err == nil && s.Reason == target.Quiet && !s.Final && !there() {
		_, err = st.settle(ctx, there, true)
	}
	return err == nil && there(), err
}

// Open has the server listen, if no step has yet.
func (st *ClientStage) Open() error { return st.open() }

// Hold leaves the next request of that kind to be answered by the check.
func (st *ClientStage) Hold(kind scenario.Kind) error {
	err := st.open()
	if err == nil {
		st.Counter.Hold(kind)
	}
	return err
}

// Text is what the client has printed since its user last typed.
func (st *ClientStage) Text() string {
	if st.Session == nil {
		return ""
	}
	return st.Session.Text()
}

// Stuck reports whether the client took no line for the person's last act.
func (st *ClientStage) Stuck() bool { return st.stuck != nil }

// Stopped says that the client may end from now on.
func (st *ClientStage) Stopped() { st.stopped = true }

// Ended waits for the client's end, so long at most, and reports whether it came. A
// client may have told the kernel of a timeout that nobody can see, so time has to pass.
func (st *ClientStage) Ended(ctx context.Context, bound time.Duration) (bool, error) {
	timer := time.NewTimer(time.Duration(float64(bound) * st.Env.Scale))
	defer timer.Stop()
	select {
	case <-st.Session.Done():
		return true, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case <-timer.C:
		return false, nil
	}
}

// Idle says what the client does.
func (st *ClientStage) Idle(ctx context.Context) (target.State, error) { return st.Session.Idle(ctx) }

// Operate has the person do something by the client's menu for the person named, or
// pay, whether that is possible or not: the client may have no such menu any more.
func (st *ClientStage) Operate(ctx context.Context, op driver.Op, payee string, amount int) error {
	if err := st.Rest(ctx, false); err != nil {
		return err
	}
	st.used = len(st.Counter.Log())
	err := st.Session.Do(ctx, op, st.values(st.person(payee), amount))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	_ = err // what comes of it is seen on the wire
	return nil
}

// Fail is the violation of anything: want is what had to be, why what was seen. Got and
// the offset at of its first wrong byte are shown if there are any; at -1 marks none.
func (st *ClientStage) Fail(ctx context.Context, who, want string, got []byte, at int, why string) error {
	return st.violation(ctx, who, want, got, at, why)
}

// Died is the violation of a client that has ended.
func (st *ClientStage) Died() error {
	death, _ := st.Session.Death()
	return st.died(death)
}

// Moved has a listed peer listen on another port, at which the list names it from now
// on.
func (st *ClientStage) Moved(name string) error {
	p := st.person(name)
	p.peer.Leave()
	st.Counter.Unlist(p.fresh)
	p.port = st.Env.Port()
	return st.list(name, p.ip)
}

// Sends has a peer that is connected send a text as one segment; a payment is sealed if
// all are.
func (st *ClientStage) Sends(ctx context.Context, name, text string) error {
	p := st.person(name)
	text, err := st.disguise(ctx, p, text)
	if err != nil {
		return err
	}
	return p.conn.Send([]byte(text))
}

// EndInput ends the client's input as a person does.
func (st *ClientStage) EndInput() error { return st.Session.EndInput() }
