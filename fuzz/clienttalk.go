package fuzz

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/spec/scenario"
)

// A Client is a client that is fuzzed: its driver is known, and how it needs to be
// spoken to.
type Client struct {
	ready *conformance.Subject
	env   play.ClientEnv
}

// PrepareClient finds out how the client is typed at. The errors are those of
// [conformance.Prepare].
func PrepareClient(ctx context.Context, cfg conformance.Config) (*Client, error) {
	ready, err := conformance.Prepare(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Client{ready, ready.ClientEnv()}, nil
}

// Close ends what was made for the client.
func (c *Client) Close() error { return c.ready.Close() }

// Head says what is fuzzed.
func (c *Client) Head() conformance.Run { return c.ready.Run() }

// A visit is one conversation with a fresh process of a client.
type visit struct {
	st       *play.ClientStage
	deeds    Deeds
	step     int
	provoked bool
	online   bool
	left     bool // the user has left
	finished bool // its input has ended
}

// A visited is what came of one.
type visited struct {
	trouble *Trouble
	frame   string
	said    transcript.Transcript
	sent    int // messages of the client
}

// Replay has one conversation with a fresh process. The error says why nothing can be
// said.
func (c *Client) Replay(ctx context.Context, all Deeds) (*Trouble, transcript.Transcript, error) {
	r, err := c.visit(ctx, all)
	return r.trouble, r.said, err
}

// visit has one conversation.
func (c *Client) visit(ctx context.Context, all Deeds) (r visited, err error) {
	env := c.env
	v := &visit{st: play.NewClientStage(&env), deeds: all}
	defer v.st.Close()
	err = v.play(ctx)
	if err == nil {
		err = v.leave(ctx)
	}
	r.said = v.st.Recorder.Transcript()
	if v.st.Counter != nil {
		for _, e := range v.st.Counter.Log() {
			if e.Kind == counter.Asked || e.Kind == counter.Paid {
				r.sent++
			}
		}
	}
	if ctx.Err() != nil {
		return r, context.Cause(ctx)
	}
	if errors.As(err, &r.trouble) {
		r.trouble.Step = v.step
		if v.st.Session != nil {
			r.frame = crashFrame(v.st.Session.Text())
			r.trouble.Stderr = lastRows(v.st.Session.Screen())
		}
		return r, nil
	}
	return r, err
}

// shownRows is how much of the screen goes into a finding.
const shownRows = 8

func lastRows(screen string) []string {
	rows := strings.Split(strings.TrimRight(screen, "\n "), "\n")
	return rows[max(0, len(rows)-shownRows):]
}

// play does one deed after another, until one can't be done: a client that was provoked
// may have gone another way than the driver knows.
func (v *visit) play(ctx context.Context) error {
	manner := v.st.Env.Manner
	for _, d := range v.deeds {
		switch d.Verb {
		case "greet":
			manner.Hello = d.Args[0]
		case "thank":
			manner.Thanks = d.Args[0]
		}
		v.provoked = v.provoked || d.Who == "peers"
	}
	v.st.Speak(manner)
	for _, name := range folk {
		if err := v.st.Listed(name, loopback); err != nil {
			return err
		}
	}
	for v.step = range v.deeds {
		err := v.do(ctx, v.deeds[v.step])
		if trouble := v.dead(); trouble != nil {
			return trouble
		}
		v.provoked = v.provoked || v.deeds[v.step].provokes()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if v.st.Session == nil {
				return err
			}
			v.provoked = true
			return nil
		}
	}
	return nil
}

// ended reports whether the client has.
func (v *visit) ended() bool {
	if v.st.Session == nil {
		return false
	}
	_, dead := v.st.Session.Death()
	return dead
}

// dead is the trouble of a client that has crashed, or has gone though nothing was done
// to it that it may go for.
func (v *visit) dead() error {
	if !v.ended() {
		return nil
	}
	death, _ := v.st.Session.Death()
	frame := crashFrame(v.st.Session.Text())
	switch {
	case death.Exceeded != "":
		return &undecided{"the client is gone: " + death.String()}
	case death.Signal == "" && frame == "" && (v.provoked || v.left || v.deeds[v.step].provokes()):
		return nil
	}
	return &Trouble{ID: v.blame(), Why: "the client is gone: " + death.String(), Want: "the client still runs", Death: &death}
}

// blame is the requirement that a client lives by, whatever was done last.
func (v *visit) blame() string {
	for i := v.step; i >= 0; i-- {
		switch d := v.deeds[i]; {
		case d.Who == "server" && d.Verb == "cuts":
			return "CLI-20"
		case d.Who == "server":
			return "CLI-22"
		case d.Who == "user" && d.Verb == "types":
			return "CLI-26"
		case known(d.Who):
			return "CLI-23"
		}
	}
	return "CLI-15"
}

// requests are what an act of the user's has the client send.
var requests = map[string]scenario.Kind{
	"registers": scenario.Register, "logs": scenario.Login, "lists": scenario.List, "exits": scenario.Exit,
}

func (v *visit) do(ctx context.Context, d Deed) error {
	if v.ended() {
		return nil
	}
	switch d.Who {
	case "user":
		return v.user(ctx, d)
	case "server":
		return v.server(ctx, d)
	case "peers":
		return nil // from the beginning on
	}
	if !v.online || v.st.Session == nil {
		return nil // nobody could find it
	}
	switch d.Verb {
	case "pays":
		return v.st.Do(ctx, fmt.Sprintf("%s > %s#%s#alice", d.Who, d.Who, d.Args[0]))
	case "leaves":
		v.st.Leave(d.Who)
		return nil
	case "sends":
		if err := v.st.Do(ctx, d.Who+" connects"); err != nil {
			return err
		}
		for _, text := range d.Args {
			if err := v.st.Sends(ctx, d.Who, v.st.Fill(text)); err != nil {
				return nil //nolint:nilerr // the client has closed: it may
			}
			if err := v.st.Rest(ctx, false); err != nil {
				return err
			}
		}
		return nil
	}
	return v.st.Do(ctx, d.Who+" "+d.Verb)
}

func (v *visit) user(ctx context.Context, d Deed) error {
	if v.st.Session == nil && d.Verb != "registers" && d.Verb != "logs" {
		return nil
	}
	kind, asks := requests[d.Verb]
	held := asks && v.step+1 < len(v.deeds) && v.deeds[v.step+1].Who == "server"
	if held {
		if err := v.st.Hold(kind); err != nil {
			return err
		}
	}
	v.left = v.left || d.Verb == "exits"
	if d.Verb == "types" && d.Args[0] != "" {
		if err := v.st.Session.Type(ctx, d.Args[0]); err != nil {
			return err
		}
		return v.st.Rest(ctx, false)
	}
	if err := v.st.Do(ctx, d.String()); err != nil {
		return err
	}
	if asks {
		if _, err := v.st.Until(ctx, func() bool { return len(v.st.Came("server")) > 0 || v.ended() }); err != nil {
			return err
		}
	}
	if d.Verb == "logs" && !held {
		v.online = true
	}
	return v.st.Rest(ctx, false)
}

// server has the server do something, as the answer to what the client has asked for or
// unasked.
func (v *visit) server(ctx context.Context, d Deed) error {
	if v.st.Session == nil || v.st.Counter.Conn() == nil {
		return nil
	}
	defer v.st.Counter.Unhold()
	switch d.Verb {
	case "closes":
		_ = v.st.Counter.Conn().Close() // the client may have closed it before
	case "resets":
		_ = v.st.Counter.Conn().Reset()
	case "sends":
		for _, text := range d.Args {
			if err := v.st.Counter.Bytes([]byte(v.st.Fill(text))); err != nil {
				return nil //nolint:nilerr // the client has ended the connection: it may
			}
			if err := v.st.Rest(ctx, false); err != nil {
				return err
			}
		}
	case "cuts":
		return v.cuts(ctx, d)
	}
	return v.st.Rest(ctx, false)
}

// cuts answers as the server always does, in several segments.
func (v *visit) cuts(ctx context.Context, d Deed) error {
	reply, err := v.st.Counter.Reply()
	if err != nil {
		return nil //nolint:nilerr // nothing was asked
	}
	data := []byte(v.st.Counter.Ended(reply))
	at := 0
	for _, arg := range append(d.Args, strconv.Itoa(len(data))) {
		to, err := strconv.Atoi(arg)
		if to = min(to, len(data)); err != nil || to <= at {
			continue
		}
		if err := v.st.Counter.Bytes(data[at:to]); err != nil {
			return nil //nolint:nilerr // the client has ended the connection: it may
		}
		at = to
		if err := v.st.Rest(ctx, false); err != nil {
			return err
		}
	}
	if v.step > 0 && v.deeds[v.step-1].Verb == "logs" {
		v.online = true
	}
	return nil
}

// exitBound is how long a client may take to end.
const exitBound = 3 * time.Second

// leave ends the conversation: what the client has sent is looked at, it must not
// compute with nothing to do, and it must end with its input.
func (v *visit) leave(ctx context.Context) error {
	if v.st.Session == nil {
		return nil
	}
	if err := v.sane(); err != nil {
		return err
	}
	if err := v.calm(ctx); err != nil || v.ended() {
		return err
	}
	for range 3 { // a question of the client's may take the first
		if err := v.st.EndInput(); err != nil {
			break
		}
		v.left, v.finished = true, true
		over, err := v.st.Ended(ctx, exitBound)
		if err != nil {
			return err
		}
		if over {
			break
		}
		if err := v.calm(ctx); err != nil {
			return err
		}
	}
	if err := v.dead(); err != nil || v.ended() {
		return err
	}
	state, err := v.st.Idle(ctx)
	if err != nil {
		return err
	}
	if state.Doing == target.WantsLine && !v.provoked {
		return &Trouble{ID: "CLI-26", Why: "the client is still there after the end of its input", Want: "the client ends", Doing: string(state.Doing)}
	}
	return v.sane()
}

// calmBound is how long a client to which nothing is said any more may compute.
const calmBound = 3 * time.Second

// calm demands that a client to which nothing is said any more does nothing.
func (v *visit) calm(ctx context.Context) error {
	begun, bound := time.Now(), time.Duration(float64(calmBound)*v.st.Env.Scale)
	wait := target.Wait{
		Scale: v.st.Env.Scale, Links: v.st.Counter.Links(), Stop: func() bool { return time.Since(begun) > bound },
	}
	s, err := v.st.Session.Settle(ctx, wait)
	if err == nil && s.Reason == target.Stopped && s.CPU < busy { // it may get too little of the processor
		wait.Stop = nil
		s, err = v.st.Session.Settle(ctx, wait)
	}
	if err != nil {
		return err
	}
	if err := v.dead(); err != nil {
		return err
	}
	if s.Reason != target.Quiet && s.CPU >= busy {
		id := v.blame()
		if v.finished {
			id = "CLI-26"
		}
		return &Trouble{
			ID: id, Want: "the client waits", Doing: v.st.Session.Program().Doing(),
			Why: fmt.Sprintf("the client computes with nothing to do: %.1f s of processor time", s.CPU.Seconds()),
		}
	}
	return nil
}

// sane holds all that the client has sent against what its user and the peers did: each
// is one of the requests, and nothing is paid twice.
func (v *visit) sane() error {
	paid, passed := map[string]int{}, map[string]int{}
	for _, d := range v.deeds {
		switch {
		case d.Who == "user" && d.Verb == "pays":
			paid[v.st.Fresh("alice")+"#"+d.Args[1]+"#"+v.st.Fresh(d.Args[0])]++
		case known(d.Who) && d.Verb == "pays":
			passed[v.st.Fresh(d.Who)+"#"+d.Args[0]+"#"+v.st.Fresh("alice")]++
		}
	}
	for _, e := range v.st.Counter.Log() {
		left, id := paid, "CLI-12"
		switch e.Kind {
		case counter.Asked:
			left, id = passed, "CLI-14"
		case counter.Paid:
		default:
			continue
		}
		strange := v.typed() || e.Kind == counter.Asked && v.strangers()
		if e.Request.Odd && !strange {
			return &Trouble{ID: wellFormed(e), Why: fmt.Sprintf("the client has sent %q, which is no request", transcript.Visible(e.Raw)), Want: "one of the five requests"}
		}
		if e.Request.Odd || e.Request.Kind != scenario.Payment {
			continue
		}
		if left[e.Request.Text]--; left[e.Request.Text] < 0 && !strange {
			return &Trouble{ID: id, Why: fmt.Sprintf("%q was sent more often than it was to be paid", e.Request.Text), Want: "each payment once"}
		}
	}
	return nil
}

// typed reports whether the user has typed what no driver knows: it may be anything.
func (v *visit) typed() bool {
	for _, d := range v.deeds {
		if d.Verb == "types" && d.Args[0] != "" {
			return true
		}
	}
	return false
}

// strangers reports whether a peer has sent what is no payment: the client may pass it on
// (section 19).
func (v *visit) strangers() bool {
	for _, d := range v.deeds {
		if known(d.Who) && d.Verb == "sends" {
			return true
		}
	}
	return false
}

// wellFormed is the requirement on what was sent.
func wellFormed(e counter.Event) string {
	if e.Kind == counter.Paid {
		return "CLI-12"
	}
	return "CLI-6"
}
