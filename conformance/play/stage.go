// Package play runs conversations against a program: steps in, transcript and
// outcome out. A [Stage] is one process of the program with the clients that talk
// to it; [Scenario] plays a whole scenario on a fresh one, and checks written in Go
// use the same stage and the same steps.
package play

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"paycheck/conformance/dialect"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A Profile is what a conversation is rendered in.
type Profile struct {
	Edition  edition.Edition
	Dialect  dialect.Dialect
	Security Security
}

// A Host makes processes of the program under test.
type Host interface {
	// Start gives a program that serves limit clients at a time, once fill places are
	// taken; limit 0: as many as it likes.
	Start(ctx context.Context, limit int) (p *target.Program, fill int, err error)
	// Restart starts the program again on the same port, in the same directory.
	Restart(ctx context.Context, old *target.Program, limit int) (*target.Program, error)
	// Release ends what Start or Restart gave.
	Release(p *target.Program)
	// Owns reports whether programs can be started, signalled and looked at.
	Owns() bool
}

// An Env is what every stage of a run shares.
type Env struct {
	Host    Host
	Profile Profile
	Scale   float64
	Prefix  func() string // a fresh one for the names of each stage
	Port    func() int    // a fresh one for each login
	// Requirement is the ID of what is judged: a form of a list that another tolerates
	// is no matter here.
	Requirement string
}

// A Stage is one process of the program and the clients that talk to it.
type Stage struct {
	Env       *Env
	Recorder  *transcript.Recorder
	Program   *target.Program
	limit     int
	clients   map[string]*client
	order     []string
	prefix    string
	values    map[string]int64
	tolerated *Finding
	stopped   bool // the program was told to stop: its end is no death
	wake      chan struct{}
	rested    int          // how many events there were when the program was last at rest
	past      []*wire.Conn // closed from this side; the program may still have its end
	line      int          // of the step that is played
	step      string
}

// A client is one actor.
type client struct {
	name       string // as the scenario has it
	fresh      string // as the program knows it
	port       int    // given at login
	ip         string // where it comes from
	conn       *wire.Conn
	lastRaw    []byte      // of its newest list
	news       []wire.Line // lines that came unasked
	asked      bool        // a request is not answered yet
	registered bool        // by a set-up
	greeted    bool        // on this connection, as the program greets
}

// NewStage starts nothing yet: the first step that needs the program does.
func NewStage(env *Env) *Stage {
	return &Stage{
		Env: env, Recorder: transcript.NewRecorder(), clients: map[string]*client{},
		prefix: env.Prefix(), values: map[string]int64{}, wake: make(chan struct{}, 1), rested: -1,
	}
}

// Close ends the conversation and the program.
func (st *Stage) Close() {
	for _, c := range st.clients {
		if c.conn != nil {
			c.conn.Discard()
		}
	}
	if st.Program != nil {
		st.Env.Host.Release(st.Program)
	}
}

// Start starts the program, if no step has yet.
func (st *Stage) Start(ctx context.Context) error {
	if st.Program != nil {
		return nil
	}
	p, fill, err := st.Env.Host.Start(ctx, st.limit)
	if err != nil {
		return cannotStart(err)
	}
	st.Program = p
	for i := range fill {
		if err := st.given(ctx, fmt.Sprintf("idle%d", i+1), scenario.Online); err != nil {
			return err
		}
	}
	return nil
}

// client returns the actor of that name, made at first use.
func (st *Stage) client(name string) *client {
	c, ok := st.clients[name]
	if !ok {
		c = &client{name: name, fresh: st.Fresh(name), port: st.Env.Port(), ip: loopback}
		st.clients[name] = c
		st.order = append(st.order, name)
	}
	return c
}

// loopback is where clients come from unless a step says otherwise.
const loopback = "127.0.0.1"

// Fresh gives the name that the program knows an actor by. The prefix keeps one name
// a beginning of another if it was one before.
func (st *Stage) Fresh(name string) string { return st.prefix + name }

// connect opens the client's connection if it has none that is open from its side.
func (st *Stage) connect(ctx context.Context, c *client, from string) error {
	if c.conn != nil {
		return nil
	}
	if err := st.Start(ctx); err != nil {
		return err
	}
	to := netip.AddrPortFrom(netip.MustParseAddr(loopback), uint16(st.Program.Port))
	conn, err := st.dial(ctx, to, from, c.name)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if from != "" {
			return &inapplicable{why: fmt.Sprintf("this machine can't connect from %s", from)}
		}
		return st.violation(ctx, c, "the connection is accepted", nil, -1, "the connection was refused")
	}
	c.conn, c.greeted = conn, false
	if from != "" {
		c.ip = from
	}
	if st.Env.Profile.Dialect.Greeting != "" && st.Env.Requirement != "FRM-7" { // which is about it
		if _, err := st.settle(ctx, func() bool { return len(wire.Lines(conn.Unread())) > 0 }); err != nil {
			return err
		}
		st.welcome(c)
		conn.Take(len(conn.Unread()))
	}
	return nil
}

// welcome takes the greeting off. Who has to wait for a place may get it when its turn
// comes, and when it connects something else.
func (st *Stage) welcome(c *client) {
	greeting := strings.Split(st.Env.Profile.Dialect.Greeting, "\n")
	if c.greeted || greeting[0] == "" || st.Env.Requirement == "FRM-7" {
		return
	}
	if lines := wire.Lines(c.conn.Unread()); len(lines) >= len(greeting) && lines[0].Text == greeting[0] {
		c.conn.Take(lines[len(greeting)-1].Stop)
		c.greeted = true
	}
}

// links are the connections that settling compares: those of the clients, and those
// that they have closed.
func (st *Stage) links() []target.Link {
	var links []target.Link
	for _, name := range st.order {
		if c := st.clients[name]; c.conn != nil {
			links = append(links, c.conn)
		}
	}
	for _, conn := range st.past {
		links = append(links, conn)
	}
	return links
}

// settle waits until the program is quiet, or stop says that what is waited for is
// there.
func (st *Stage) settle(ctx context.Context, stop func() bool) (target.Settled, error) {
	if st.Program == nil {
		return target.Settled{Reason: target.Quiet, Proved: true, Final: true}, nil
	}
	return st.wait(ctx, stop, false)
}

// wait is settle, and with patience waits for every timeout that may yet bring
// something.
func (st *Stage) wait(ctx context.Context, stop func() bool, patient bool) (target.Settled, error) {
	s, err := st.Program.Settle(ctx, target.Wait{
		Scale: st.Env.Scale, Links: st.links(), Wake: st.wake, Stop: stop, Patient: patient,
	})
	if err != nil && ctx.Err() == nil {
		return s, &broken{why: "the kernel could not be asked: " + err.Error(), err: err}
	}
	if s.Reason == target.Quiet {
		st.past = nil // the program knows of each of these ends by now
	}
	return s, err
}

// Scenario plays s on a fresh stage. The error is only that of the context.
func Scenario(ctx context.Context, env *Env, s scenario.Scenario) (Result, error) {
	return Run(ctx, env, func(ctx context.Context, st *Stage) error { return st.Play(ctx, s) })
}

// Run gives body a fresh stage and turns what it returns into a result. After body
// the program must still run, unless it was told to stop.
func Run(ctx context.Context, env *Env, body func(context.Context, *Stage) error) (Result, error) {
	st := NewStage(env)
	defer st.Close()
	err := body(ctx, st)
	if err == nil {
		err = st.alive(ctx)
	}
	if cause := context.Cause(ctx); cause != nil && (errors.Is(err, cause) || errors.Is(err, context.Canceled)) {
		return Result{Outcome: Broken, Why: "the run was interrupted", Transcript: st.Recorder.Transcript()}, cause
	}
	r := resultOf(err)
	if err == nil && st.tolerated != nil {
		r = Result{Outcome: Tolerated, Why: st.tolerated.Want, Finding: st.tolerated}
	}
	r.Transcript = st.Recorder.Transcript()
	return r, nil
}

// alive demands that the program still runs when all is said.
func (st *Stage) alive(ctx context.Context) error {
	if st.Program == nil || st.stopped {
		return nil
	}
	if _, err := st.settle(ctx, nil); err != nil {
		return err
	}
	if death, dead := st.Program.Death(); dead {
		st.step, st.line = "", 0
		return st.died(death)
	}
	return nil
}
