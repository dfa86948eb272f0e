package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/wire"
	"paycheck/fuzz/model"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A Trouble is what a conversation has shown against the program.
type Trouble struct {
	ID     string        `json:"requirement"` // that is broken
	Why    string        `json:"why"`         // what was seen, in a few words
	Want   string        `json:"want"`        // what had to come, in the notation
	Step   int           `json:"-"`           // the index of the act that showed it
	Death  *target.Death `json:"death,omitempty"`
	Doing  string        `json:"doing,omitempty"` // what the kernel shows of the program
	Stderr []string      `json:"stderr,omitempty"`
}

func (t *Trouble) Error() string { return t.ID + ": " + t.Why }

// An undecided conversation shows nothing: the model can't follow it, or the kernel
// could not prove what was seen.
type undecided struct{ why string }

func (u *undecided) Error() string { return u.why }

// A talk is conversations with one process of the program, held against the model
// from its start on.
type talk struct {
	subject *Subject
	program *target.Program
	set     model.Set
	ended   time.Time // when a connection last ended without Exit
	stage   *play.Stage
	acts    []scenario.Act           // of the conversation that goes on
	seen    []seen                   // and what was answered
	open    map[string]model.Framing // the connections, by client
	step    int                      // of the conversation
	replies int                      // so far
	// patient: after each end of a connection, and at the end of all, it is waited until
	// the program has done all that it will.
	patient bool
}

// seen is one reply, for whoever writes the conversation down.
type seen struct {
	step int
	who  string
	text string // in the notation
}

// converse takes the acts of one conversation. The error is a [*Trouble], an
// [*undecided], or the context's; after each the process is of no more use. However it
// ends, every connection is closed.
func (t *talk) converse(ctx context.Context, acts []scenario.Act) (err error) {
	t.begin(acts)
	defer t.stage.Close()
	for t.step = range acts {
		if err := t.act(ctx, acts[t.step]); err != nil {
			return t.explain(ctx, err)
		}
		if _, dead := t.program.Death(); dead {
			return t.explain(ctx, t.died(t.outlives()))
		}
	}
	return t.explain(ctx, t.part(ctx))
}

// part ends the connections that are open yet, without a word.
func (t *talk) part(ctx context.Context) error {
	for who := range t.open {
		t.stage.End(who, scenario.Closes)
		if err := t.end(who); err != nil {
			return err
		}
	}
	if !t.haunted() && !t.patient {
		return nil
	}
	return t.noticed(ctx)
}

// forget drops what the next conversation does not ask for.
func (t *talk) forget() { t.set = t.set.Forget() }

// explain turns what a stage has to say into a trouble.
func (t *talk) explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if trouble := (*Trouble)(nil); errors.As(err, &trouble) {
		trouble.Step = t.step
		if trouble.Death == nil {
			trouble.Doing, trouble.Stderr = t.program.Doing(), t.program.Tail()
		}
		return trouble
	}
	if u := (*undecided)(nil); errors.As(err, &u) {
		return err
	}
	r := t.stage.Result(err)
	if r.Outcome != play.Violated || r.Finding == nil {
		return &undecided{r.Why}
	}
	if r.Finding.Death != nil {
		return t.explain(ctx, t.died("FRM-8"))
	}
	return &Trouble{ID: "FRM-1", Why: r.Why, Want: r.Finding.Want, Step: t.step, Doing: r.Finding.Doing, Stderr: r.Finding.Stderr}
}

// died is the trouble of a program that has ended, by the requirement that it outlives
// what was done last. What ended it for a limit of the suite's is no requirement.
func (t *talk) died(id string) error {
	death, dead := t.program.Death()
	if !dead {
		return nil
	}
	if death.Exceeded != "" {
		return &undecided{"the server is gone: " + death.String()}
	}
	return &Trouble{
		ID: id, Why: "the server is gone: " + death.String(), Want: "the server still runs",
		Death: &death, Stderr: t.program.Tail(),
	}
}

func (t *talk) act(ctx context.Context, a scenario.Act) error {
	switch a := a.(type) {
	case scenario.Send:
		return t.send(ctx, a.Who, [][]byte{t.subject.render(a.Message)})
	case scenario.Raw:
		segments := make([][]byte, len(a.Segments))
		for i, s := range a.Segments {
			segments[i] = t.subject.fill(s)
		}
		return t.send(ctx, a.Who, segments)
	case scenario.Link:
		return t.link(ctx, a)
	}
	return nil // an expectation: the model is held against the replies
}

// connect opens a client's connection if it has none.
func (t *talk) connect(ctx context.Context, who, from string) error {
	if _, open := t.open[who]; open {
		return nil
	}
	if from == "" {
		from = loopback
		if _, err := t.stage.Conn(ctx, who); err != nil {
			return err
		}
	} else if err := t.stage.Do(ctx, who+" connects from "+from); err != nil {
		return err
	}
	t.open[who] = model.Framing{}
	t.set = t.set.Connect(who, from)
	return nil
}

const loopback = "127.0.0.1"

// send puts segments on a client's connection, each when the one before was read, and
// follows what is answered to the requests in them.
func (t *talk) send(ctx context.Context, who string, segments [][]byte) error {
	if err := t.connect(ctx, who, ""); err != nil {
		return err
	}
	for i, segment := range segments {
		framing, requests := t.open[who].Feed(string(segment), t.subject.voice)
		if i == len(segments)-1 && t.cut(who, segment) {
			framing, requests = model.Framing{Held: string(segment)}, nil
		}
		if framing.Lost {
			return &undecided{"nobody can tell where the request of " + who + " ends"}
		}
		if len(requests) == 0 && len(segment) == 0 {
			continue // nothing is sent
		}
		whole := len(requests) == 1 && len(segments) == 1
		t.hush(ctx)
		if err := t.stage.Send(ctx, who, segment, true); err != nil {
			if _, dead := t.program.Death(); dead {
				return t.died("FRM-8")
			}
			for _, text := range requests { // the program has closed its end before
				if err := t.follow(who, text, model.Reply{Kind: model.Closed}); err != nil {
					return err
				}
			}
			return t.dropped(who)
		}
		t.open[who] = framing
		gone, err := t.hearAll(ctx, who, requests)
		if err != nil {
			return inPieces(err, whole)
		}
		if gone {
			return t.dropped(who)
		}
		if len(requests) == 0 && i < len(segments)-1 {
			if err := t.stage.Rest(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// hush drops what clients were told before, so that the news of the next payment is not
// taken for that of an earlier one.
func (t *talk) hush(ctx context.Context) {
	for who := range t.open {
		if conn, err := t.stage.Conn(ctx, who); err == nil {
			conn.Take(len(conn.Unread()))
		}
	}
}

// cut reports whether a segment begins a request that its client does not end: it ends
// the connection next.
func (t *talk) cut(who string, segment []byte) bool {
	if t.step+1 >= len(t.acts) || t.open[who].Stream || bytes.ContainsAny(segment, "\n\x00") {
		return false
	}
	next, ok := t.acts[t.step+1].(scenario.Link)
	return ok && next.Who == who && next.Verb != scenario.Connects
}

// inPieces blames the framing for what is wrong with requests that did not come one to
// a segment (FRM-4).
func inPieces(err error, whole bool) error {
	if trouble := (*Trouble)(nil); errors.As(err, &trouble) && !whole && trouble.Death == nil {
		trouble.ID = "FRM-4"
	}
	return err
}

// hearAll follows the replies to the requests that one segment has ended. It reports
// whether the program has closed the connection.
func (t *talk) hearAll(ctx context.Context, who string, requests []string) (gone bool, err error) {
	told := false
	for i, text := range requests {
		r := model.Read(text, t.subject.edition)
		if r.Kind != model.Payment {
			reply, err := t.hear(ctx, who)
			if err != nil {
				return false, err
			}
			if err := t.judge(ctx, who, text, reply); err != nil {
				return false, err
			}
			if reply.Kind == model.Closed {
				return true, nil
			}
			continue
		}
		if !told {
			if err := t.settlePayments(ctx, who, r.Name, len(requests)-i); err != nil {
				return false, err
			}
			told = true
		}
		before, reply := t.set, t.news(ctx, who, r.Name)
		err := t.follow(who, text, reply)
		if trouble := (*Trouble)(nil); errors.As(err, &trouble) && reply.Text == "" {
			// It may have been told of another payment first: now all is told.
			if _, err := t.stage.Await(ctx, nil); err != nil {
				return false, err
			}
			t.set, reply = before, t.news(ctx, who, r.Name)
			err = t.follow(who, text, reply)
		}
		if err != nil {
			return false, err
		}
		if reply.Kind == model.Closed {
			return true, nil
		}
	}
	return false, nil
}

// hear waits for the reply to a request. That none comes is proved by the kernel, or
// the conversation is not decided.
func (t *talk) hear(ctx context.Context, who string) (model.Reply, error) {
	a, err := t.stage.Hear(ctx, who)
	if err != nil {
		return model.Reply{}, err
	}
	if s := a.Settled(); s.Reason == target.Died {
		return model.Reply{}, t.died("FRM-8")
	}
	t.replies++
	switch {
	case a.List() != nil:
		return model.Reply{Kind: model.AList, Text: a.Text(), List: listed(a.List())}, nil
	case a.Reply != nil:
		return model.Reply{Kind: model.Line, Text: a.Text()}, nil
	case a.Closed:
		if _, dead := t.dies(ctx); dead {
			return model.Reply{}, t.died("FRM-8")
		}
		return model.Reply{Kind: model.Closed}, nil
	}
	switch s := a.Settled(); {
	case s.Reason == target.Quiet && s.Proved:
		return model.Reply{}, nil
	case s.Reason == target.Overdue && s.CPU >= busy:
		return model.Reply{}, &Trouble{ID: "FRM-8", Why: "the server computes and does not answer", Want: "(any)"}
	}
	return model.Reply{}, &undecided{"no answer came, and it is not proved that none will"}
}

// busy is how much processor time a program uses before it counts as one that hangs.
const busy = time.Second

// dies waits until it is known whether a program that has closed a connection is at
// its end.
func (t *talk) dies(ctx context.Context) (target.Death, bool) {
	_, _ = t.stage.Await(ctx, nil) // an error is the next step's
	return t.program.Death()
}

func listed(l *wire.List) *model.Listed {
	out := &model.Listed{Balance: l.Balance, Count: l.Count, Entries: make([]model.Entry, len(l.Entries))}
	for i, e := range l.Entries {
		out.Entries[i] = model.Entry{Name: e.Name, Address: e.Address, Port: e.Port}
	}
	return out
}

// judge follows a reply. A list that does not fit is asked for once more when the
// program is at rest: what another connection has set going may not have been done.
func (t *talk) judge(ctx context.Context, who, text string, reply model.Reply) error {
	before := t.set
	err := t.follow(who, text, reply)
	trouble := (*Trouble)(nil)
	if !errors.As(err, &trouble) || reply.Kind != model.AList || text != edition.List {
		return err
	}
	t.set = before
	if err := t.noticed(ctx); err != nil {
		return err
	}
	if err := t.stage.Send(ctx, who, t.subject.ended(text, t.open[who]), true); err != nil {
		return trouble
	}
	again, err := t.hear(ctx, who)
	if err != nil {
		return trouble
	}
	return t.follow(who, text, again)
}

// follow holds one reply against the model.
func (t *talk) follow(who, text string, reply model.Reply) error {
	t.seen = append(t.seen, seen{t.step, who, notation(reply)})
	next, fault := t.set.Step(who, model.Read(text, t.subject.edition), reply, t.subject.edition)
	if fault != nil {
		return &Trouble{ID: fault.ID, Why: fault.Why, Want: fault.Want}
	}
	t.set = next
	if next.Undecided() {
		return &undecided{"too much is left open"}
	}
	return nil
}

// notation writes a reply as an expectation has it.
func notation(r model.Reply) string {
	switch r.Kind {
	case model.Line:
		if strings.ContainsAny(r.Text, "{}/~|(") || r.Text == "" {
			return "(no list)"
		}
		return r.Text
	case model.AList:
		return "(list)"
	case model.Closed:
		return "(closed)"
	}
	return "(nothing)"
}

// settlePayments waits until the payments that were sent have been booked or refused:
// until there is news of each, or the program is at rest.
func (t *talk) settlePayments(ctx context.Context, who, payer string, most int) error {
	hearers := t.hearers(who, payer)
	s, err := t.stage.Await(ctx, func() bool {
		lines := 0
		for _, name := range hearers {
			if conn, err := t.stage.Conn(ctx, name); err == nil {
				lines += bytes.Count(conn.Unread(), []byte("\n"))
			}
		}
		return lines >= most
	})
	switch {
	case err != nil:
		return err
	case s.Reason == target.Stopped:
		return nil
	case s.Reason == target.Died:
		return t.died("FRM-8")
	case s.Reason == target.Quiet && s.Proved:
		return nil
	case s.Reason == target.Overdue && s.CPU >= busy:
		return &Trouble{ID: "FRM-8", Why: "the server computes without end", Want: "(any)"}
	}
	return &undecided{"it is not proved that the payment was dealt with"}
}

// news takes the next line that tells of a payment: on the payer's connection, or on
// that of who sent it.
func (t *talk) news(ctx context.Context, who, payer string) model.Reply {
	for _, name := range t.hearers(who, payer) {
		conn, err := t.stage.Conn(ctx, name)
		if err != nil {
			continue
		}
		if lines := wire.Lines(conn.Unread()); len(lines) > 0 && lines[0].End != "" {
			conn.Take(lines[0].Stop)
			t.replies++
			return model.Reply{Text: lines[0].Text}
		}
	}
	if conn, err := t.stage.Conn(ctx, who); err == nil && conn.Over() {
		return model.Reply{Kind: model.Closed}
	}
	return model.Reply{}
}

// hearers are the clients that may be told of a payment: those logged in as the payer,
// then who sent it.
func (t *talk) hearers(who, payer string) []string {
	var names []string
	for _, s := range t.set {
		for name, c := range s.Conns {
			if _, open := t.open[name]; open && c.Name == payer && name != who {
				names = append(names, name)
			}
		}
	}
	return append(names, who)
}

// dropped is for a connection that the program has closed.
func (t *talk) dropped(who string) error {
	t.stage.End(who, scenario.Closes)
	delete(t.open, who)
	return nil
}

// link takes an act of a connection itself.
func (t *talk) link(ctx context.Context, a scenario.Link) error {
	if a.Verb == scenario.Connects {
		return t.connect(ctx, a.Who, a.From)
	}
	if _, open := t.open[a.Who]; !open {
		return nil
	}
	t.stage.End(a.Who, a.Verb)
	if a.Verb == scenario.HalfCloses { // what it may still be told is told now
		if err := t.noticed(ctx); err != nil {
			return err
		}
		t.stage.End(a.Who, scenario.Closes)
	}
	if err := t.end(a.Who); err != nil || !t.patient {
		return err
	}
	return t.noticed(ctx)
}

// end tells the model that a connection has ended. A request that was begun on it may
// be carried out.
func (t *talk) end(who string) error {
	held := t.open[who].Held
	delete(t.open, who)
	t.ended = time.Now()
	if held != "" {
		t.set = t.set.Cut(who, model.Read(held, t.subject.edition), t.subject.edition)
	} else {
		t.set = t.set.End(who)
	}
	if t.set.Undecided() {
		return &undecided{"too much is left open"}
	}
	return nil
}

func (t *talk) haunted() bool {
	for _, s := range t.set {
		if s.Haunted() {
			return true
		}
	}
	return false
}

// outlives is the requirement that a program outlives what was done last.
func (t *talk) outlives() string {
	if link, ok := t.acts[t.step].(scenario.Link); ok && link.Verb == scenario.Resets {
		return "VAN-2"
	} else if ok || t.step == len(t.acts)-1 {
		return "VAN-1"
	}
	return "FRM-8"
}

// late is how long a program may take to notice the end of a connection (VAN-4, the
// tolerated bound).
const late = 10 * time.Second

// noticed waits until the program is at rest. If the kernel shows that it will do
// nothing more by itself, or the bound has passed, whoever is gone has to be offline.
func (t *talk) noticed(ctx context.Context) error {
	s, err := t.stage.Await(ctx, nil)
	if err != nil {
		return err
	}
	if s.Reason == target.Died {
		return t.died(t.outlives())
	}
	waited := time.Since(t.ended) > time.Duration(float64(late)*t.subject.env.Scale)
	if !waited && (s.Reason != target.Quiet || !s.Final) {
		return nil
	}
	t.set = t.set.Settled()
	return nil
}

// kept is a host that lends out one process, which outlives the conversation.
type kept struct{ program *target.Program }

func (k *kept) Start(context.Context, int) (*target.Program, int, error) { return k.program, 0, nil }

func (k *kept) Restart(context.Context, *target.Program, int) (*target.Program, error) {
	return nil, fmt.Errorf("fuzz: a process that is kept is not started again")
}

func (k *kept) Release(*target.Program) {}

func (k *kept) Owns() bool { return true }
