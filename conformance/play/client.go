package play

import (
	"context"
	"crypto/rsa"
	"errors"
	"time"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// A ClientHost makes processes of a client under test.
type ClientHost interface {
	// Start gives a client that was told where the server is, at its first menu.
	Start(ctx context.Context, v driver.Values) (*driver.Session, error)
	// Again starts the client anew in the directory of one that has ended.
	Again(ctx context.Context, old *driver.Session, v driver.Values) (*driver.Session, error)
	// Release ends what Start or Again gave.
	Release(s *driver.Session)
}

// A ClientEnv is what every stage of a run with a client shares.
type ClientEnv struct {
	Host      ClientHost
	Edition   edition.Edition
	Manner    counter.Manner    // how the client needs to be spoken to
	Transport counter.Transport // how its connections are encrypted
	Scale     float64
	Prefix    func() string // a fresh one for the names of each stage
	Port      func() int    // a fresh one, on which nobody listens
	// Requirement is the ID of what is judged: a form that another tolerates is no
	// matter here.
	Requirement string
	Pays        bool           // in a first session a payment has reached its payee
	Shown       *rsa.PublicKey // the key that another process of the client has shown; nil: none
}

// A ClientStage is one process of a client with a person at it, and the server and the
// peers whose parts the suite plays.
type ClientStage struct {
	Env      *ClientEnv
	Recorder *transcript.Recorder
	Counter  *counter.Counter // nil before the first step
	Session  *driver.Session  // nil before the person's first act
	Address  string           // where the server is; may be set before the first step

	people    map[string]*person
	me        *person // for whom the person acts
	prefix    string
	tolerated *Finding
	stopped   bool               // the client was told to end: its end is no death
	stuck     *driver.StuckError // it took no line for the person's last act
	typed     bool               // the last act was a line of no operation
	last      driver.Op          // that the person performed
	wake      chan struct{}
	used      int // events of the counter that no expectation looks at any more
	line      int // of the step that is played
	step      string
}

// A person is one actor: the one at the client, or a peer.
type person struct {
	name  string // as the scenario has it
	fresh string // as the programs know it
	port  int
	ip    string
	peer  *counter.Peer
	conn  *wire.Conn // to the client
}

// NewClientStage starts nothing yet: the first step that needs the client does.
func NewClientStage(env *ClientEnv) *ClientStage {
	return &ClientStage{
		Env: env, Recorder: transcript.NewRecorder(), Address: loopback, people: map[string]*person{},
		prefix: env.Prefix(), wake: make(chan struct{}, 1),
	}
}

// Close ends the conversation and the client.
func (st *ClientStage) Close() {
	if st.Session != nil {
		st.Env.Host.Release(st.Session)
	}
	if st.Counter != nil {
		st.Counter.Close()
	}
}

// RunClient gives body a fresh stage and turns what it returns into a result. After
// body the client must still run, unless it was told to end.
func RunClient(ctx context.Context, env *ClientEnv, body func(context.Context, *ClientStage) error) (Result, error) {
	st := NewClientStage(env)
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

// open opens the counter, if no step has yet.
func (st *ClientStage) open() error {
	if st.Counter != nil {
		return nil
	}
	c, err := counter.Open(counter.Config{
		Edition: st.Env.Edition, Manner: st.Env.Manner, Transport: st.Env.Transport,
		Host: st.Address, Recorder: st.Recorder, Wake: st.wake,
	})
	if err != nil && st.Address != loopback {
		return &inapplicable{why: "this machine has no address " + st.Address}
	}
	if err != nil {
		return &broken{why: err.Error(), err: err}
	}
	st.Counter = c
	return nil
}

// person returns the actor of that name, made at first use.
func (st *ClientStage) person(name string) *person {
	p, ok := st.people[name]
	if !ok {
		p = &person{name: name, fresh: st.prefix + name, ip: loopback, port: st.Env.Port()}
		st.people[name] = p
	}
	return p
}

// list makes a peer whom the server lists, at an address of this machine.
func (st *ClientStage) list(name, ip string) error {
	if err := st.open(); err != nil {
		return err
	}
	p := st.person(name)
	for tries := 1; ; tries++ {
		peer, err := st.Counter.Peer(name, p.fresh, ip, p.port)
		if err == nil {
			p.peer, p.ip = peer, ip
			return nil
		}
		if tries == portTries {
			return &broken{why: err.Error(), err: err}
		}
		p.port = st.Env.Port() // somebody has got it a moment ago
	}
}

const portTries = 5

// Start starts the client for a person who acts for that name.
func (st *ClientStage) Start(ctx context.Context, name string) error {
	if st.Session != nil {
		return nil
	}
	if err := st.open(); err != nil {
		return err
	}
	st.me = st.person(name)
	s, err := st.Env.Host.Start(ctx, st.values(nil, 0))
	stuck := (*driver.StuckError)(nil)
	switch {
	case errors.As(err, &stuck) && stuck.State.Doing == target.HasEnded:
		return &violation{why: "the client ended before its user could do anything: " + stuck.Death.String(), finding: &Finding{
			Line: st.line, Step: st.step, Want: "the client waits for its user", At: -1, Death: &stuck.Death, Screen: rows(stuck.Screen),
		}}
	case err != nil:
		return cannotStart(err)
	}
	st.Session = s
	return nil
}

// values fill the driver's templates.
func (st *ClientStage) values(payee *person, amount int) driver.Values {
	v := driver.Values{
		Host: st.Address, Port: st.Counter.Port(), Name: st.me.fresh, LoginPort: st.me.port,
		Deposit: int(st.Env.Edition.InitialBalance), Amount: amount,
	}
	if payee != nil {
		v.Payee, v.PayeeIP, v.PayeePort = payee.fresh, payee.ip, payee.port
		v.PayeeIndex = st.Counter.Place(payee.fresh)
	}
	return v
}

// settle waits until the client is quiet and all that it asked for is answered, or
// stop says that what is waited for is there. With patience it waits for every timeout
// that may yet bring something.
func (st *ClientStage) settle(ctx context.Context, stop func() bool, patient bool) (target.Settled, error) {
	if st.Session == nil {
		return target.Settled{Reason: target.Quiet, Proved: true, Final: true}, nil
	}
	for {
		before := st.Recorder.Count()
		s, err := st.Session.Settle(ctx, target.Wait{
			Scale: st.Env.Scale, Links: st.Counter.Links(), Wake: st.wake, Stop: stop, Patient: patient,
		})
		if err != nil && ctx.Err() == nil {
			return s, &broken{why: "the kernel could not be asked: " + err.Error(), err: err}
		}
		// What came meanwhile is answered by now, or will be, and the client acts on that.
		if err != nil || s.Reason != target.Quiet || !st.Counter.Working() && st.Recorder.Count() == before {
			return s, err
		}
		select {
		case <-st.wake:
		case <-time.After(time.Millisecond):
		}
	}
}

// rest is settle for whoever only wants the client to have done what it does.
func (st *ClientStage) rest(ctx context.Context) error {
	_, err := st.settle(ctx, nil, false)
	return err
}

// alive demands that the client still runs when all is said.
func (st *ClientStage) alive(ctx context.Context) error {
	if st.Session == nil || st.stopped {
		return nil
	}
	if err := st.rest(ctx); err != nil {
		return err
	}
	if death, dead := st.Session.Death(); dead {
		st.step, st.line = "", 0
		return st.died(death)
	}
	return nil
}

// died is the violation of a client that ended though its user did not want that.
func (st *ClientStage) died(death target.Death) error {
	if death.Exceeded != "" { // no requirement says how much it may take
		return &broken{why: "the client is gone: " + death.String()}
	}
	for _, e := range st.Recorder.Transcript() {
		if e.Kind == transcript.Sent {
			death.LastSent = transcript.Visible(e.Bytes)
		}
	}
	return &violation{
		why: "the client is gone: " + death.String(),
		finding: &Finding{
			Line: st.line, Step: st.step, Want: "the client still runs", At: -1, Death: &death, Screen: rows(st.Session.Screen()),
		},
	}
}

// violation says what was seen in place of what had to be. If the client has died,
// that is what is reported.
func (st *ClientStage) violation(ctx context.Context, who, want string, got []byte, at int, why string) error {
	v := &violation{why: why, finding: &Finding{Line: st.line, Step: st.step, Want: want, Got: got, At: at}}
	if st.Session == nil {
		return v
	}
	s, err := st.settle(ctx, nil, false)
	if err != nil {
		return err
	}
	if death, dead := st.Session.Death(); dead && !st.stopped {
		return st.died(death)
	}
	if len(got) == 0 && !s.Proved && s.Reason != target.Died && s.Reason != target.Overdue {
		return &broken{why: why + ", but the client's process can't be looked at, so that it may only be slow"}
	}
	if len(got) == 0 && s.Reason == target.Overdue && s.CPU < busy {
		return &broken{why: why + ", but the client got too little of the processor to tell"}
	}
	st.Recorder.MarkWrong(who)
	v.finding.Screen = rows(st.Session.Screen())
	state, err := st.Session.Idle(ctx)
	if err != nil {
		return err
	}
	v.finding.Doing = "the client " + string(state.Doing)
	if state.Unread {
		v.finding.Doing += ", and has not read what was typed"
	}
	return v
}

// Tolerate notes a form that is accepted though it is not the one asked for.
func (st *ClientStage) Tolerate(want string, got []byte, at int) {
	if st.tolerated == nil {
		st.tolerated = &Finding{Line: st.line, Step: st.step, Want: want, Got: got, At: at}
	}
}
