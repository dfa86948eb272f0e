package fuzz

import (
	"context"
	"fmt"
	"slices"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/wire"
	"paycheck/fuzz/model"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// begin opens a stage for one conversation.
func (t *talk) begin(acts Acts) {
	env := t.subject.env
	env.Host = &kept{t.program}
	t.stage, t.open, t.seen, t.acts = play.NewStage(&env), map[string]model.Framing{}, nil, acts
}

// have has one conversation, whichever kind it is.
func (t *talk) have(ctx context.Context, sc Script) error {
	if sc.Together == 0 {
		return t.converse(ctx, sc.Acts)
	}
	return t.atOnce(ctx, sc)
}

// atOnce has a conversation whose last acts are begun at one moment, and then looks at
// every balance. The errors are those of converse.
func (t *talk) atOnce(ctx context.Context, sc Script) error {
	t.begin(sc.Acts)
	defer t.stage.Close()
	first := len(sc.Acts) - sc.Together
	for t.step = range first {
		if err := t.act(ctx, sc.Acts[t.step]); err != nil {
			return t.explain(ctx, err)
		}
	}
	t.step = len(sc.Acts) - 1
	if err := t.rush(ctx, sc); err != nil {
		return t.explain(ctx, err)
	}
	return t.explain(ctx, t.clear(ctx))
}

// clear has everybody leave. The server must have noticed that, since the model does
// not know in which of many states it is: nobody of this conversation is online in any.
func (t *talk) clear(ctx context.Context) error {
	for who := range t.open {
		t.stage.End(who, scenario.Closes)
		delete(t.open, who)
	}
	t.ended = time.Now()
	s, err := t.stage.Await(ctx, nil)
	switch {
	case err != nil:
		return err
	case s.Reason == target.Died:
		return t.died("VAN-1")
	case s.Reason != target.Quiet || !s.Final:
		return &undecided{"it is not proved that the server has noticed who is gone"}
	}
	t.set = model.Start()
	return nil
}

// A runner is one client at that moment.
type runner struct {
	who  string
	todo []int // the acts that are still to be begun
	step int   // of the act that waits for its reply
	from time.Time
	asks bool // it waits for a reply
}

// A rush is what came of acts that were begun at one moment.
type rush struct {
	events []event
	paid   []int // the events that are payments
	absent map[string]bool
}

// rush begins the acts and holds against the model what came of them. All the while the
// set stays that of the moment before, with the connections that were opened since.
func (t *talk) rush(ctx context.Context, sc Script) error {
	r := &rush{absent: map[string]bool{}}
	runners, err := t.runners(ctx, sc, r)
	if err != nil {
		return err
	}
	if err := t.run(ctx, runners, r); err != nil {
		return err
	}
	looks, err := t.audit(ctx, sc, r)
	if err != nil {
		return err
	}
	if trouble := t.conserved(sc, looks); trouble != nil {
		return trouble
	}
	return t.ordered(r)
}

// runners are the clients, each with a connection.
func (t *talk) runners(ctx context.Context, sc Script, r *rush) ([]*runner, error) {
	var all []*runner
	for i := len(sc.Acts) - sc.Together; i < len(sc.Acts); i++ {
		send, ok := sc.Acts[i].(scenario.Send)
		if !ok {
			return nil, &undecided{fmt.Sprintf("%q can't be done at one moment with others", sc.Acts[i])}
		}
		at := slices.IndexFunc(all, func(r *runner) bool { return r.who == send.Who })
		if at < 0 {
			if err := t.connect(ctx, send.Who, ""); err != nil {
				return nil, err
			}
			at = len(all)
			all = append(all, &runner{who: send.Who})
		}
		all[at].todo = append(all[at].todo, i)
		if send.Message.Kind == scenario.Exit {
			for _, s := range t.set {
				r.absent[s.Conns[send.Who].Name] = true
			}
		}
	}
	if _, err := t.stage.Await(ctx, nil); err != nil {
		return nil, err
	}
	t.hush(ctx)
	return all, nil
}

// run has everybody send what is next as soon as the last is answered, until all is
// answered and the server is at rest.
func (t *talk) run(ctx context.Context, runners []*runner, r *rush) error {
	for {
		for _, c := range runners {
			if err := t.next(ctx, c, r); err != nil {
				return err
			}
		}
		waiting := slices.DeleteFunc(slices.Clone(runners), func(c *runner) bool { return !c.asks })
		if len(waiting) == 0 {
			break
		}
		s, err := t.stage.Await(ctx, func() bool {
			return slices.ContainsFunc(waiting, func(c *runner) bool { return t.answered(ctx, c.who) })
		})
		if err != nil {
			return err
		}
		for _, c := range waiting {
			if s.Reason == target.Stopped && !t.answered(ctx, c.who) {
				continue
			}
			reply, err := t.hear(ctx, c.who)
			if err != nil {
				return err
			}
			if reply.Kind == model.Closed {
				t.stage.End(c.who, scenario.Closes)
				delete(t.open, c.who)
				c.todo, r.absent[c.who] = nil, true
			}
			t.done(r, c.step, c.from, reply)
			c.asks = false
		}
	}
	return t.paid(ctx, r)
}

// next sends the next act of a client that waits for nothing.
func (t *talk) next(ctx context.Context, c *runner, r *rush) error {
	if c.asks || len(c.todo) == 0 {
		return nil
	}
	c.step, c.todo = c.todo[0], c.todo[1:]
	send := t.acts[c.step].(scenario.Send)
	c.from = time.Now()
	if err := t.stage.Send(ctx, c.who, t.subject.render(send.Message), true); err != nil {
		if _, dead := t.program.Death(); dead {
			return t.died("CON-1")
		}
		t.done(r, c.step, c.from, model.Reply{Kind: model.Closed})
		c.todo = nil
		return nil
	}
	if send.Message.Kind.HasReply() {
		c.asks = true
		return nil
	}
	c.todo = nil // it would have to wait until the payment is dealt with
	t.done(r, c.step, c.from, model.Reply{})
	r.paid = append(r.paid, len(r.events)-1)
	return nil
}

// answered reports whether a reply has come, or will not.
func (t *talk) answered(ctx context.Context, who string) bool {
	conn, err := t.stage.Conn(ctx, who)
	if err != nil {
		return true
	}
	_, ok := wire.Next(conn.Unread(), t.subject.edition, false)
	return ok || conn.Over()
}

// done notes an event.
func (t *talk) done(r *rush, step int, from time.Time, reply model.Reply) {
	send := t.acts[step].(scenario.Send)
	t.seen = append(t.seen, seen{step, send.Who, notation(reply)})
	r.events = append(r.events, event{send.Who, t.subject.request(send.Message), reply, from, time.Now()})
}

// paid waits until every payment is dealt with.
func (t *talk) paid(ctx context.Context, r *rush) error {
	s, err := t.stage.Await(ctx, nil)
	switch {
	case err != nil:
		return err
	case s.Reason == target.Died:
		return t.died("CON-1")
	case s.Reason == target.Overdue && s.CPU >= busy:
		return &Trouble{ID: "FRM-8", Why: "the server computes without end", Want: "(any)"}
	case s.Reason != target.Quiet || !s.Proved:
		return &undecided{"it is not proved that the payments were dealt with"}
	}
	for _, i := range r.paid {
		r.events[i].to = time.Now()
	}
	return nil
}

// audit has every account's balance shown: who is online asks for the list, and to who
// is not somebody logs in. It gives the balances.
func (t *talk) audit(ctx context.Context, sc Script, r *rush) (map[string]int64, error) {
	balances := map[string]int64{}
	ask := func(who string, m scenario.Message, of string) error {
		from := time.Now()
		if err := t.stage.Send(ctx, who, t.subject.render(m), true); err != nil {
			return nil //nolint:nilerr // the program has closed its end: the balance stays unknown
		}
		reply, err := t.hear(ctx, who)
		if err != nil {
			return err
		}
		r.events = append(r.events, event{who, t.subject.request(m), reply, from, time.Now()})
		if reply.Kind == model.AList && of != "" {
			balances[of] = reply.List.Balance
		}
		return nil
	}
	online := map[string]bool{}
	for _, name := range sc.names() {
		conn, open := t.open[name]
		if !open || conn.Lost || r.absent[name] {
			continue
		}
		if name == sc.ownOf(name) {
			if err := ask(name, scenario.Message{Kind: scenario.List}, name); err != nil {
				return nil, err
			}
			if _, shown := balances[name]; shown {
				online[name] = true
			}
		}
	}
	for i, name := range sc.names() {
		if online[name] {
			continue
		}
		who := fmt.Sprintf("look%d", i)
		if err := t.connect(ctx, who, ""); err != nil {
			return nil, err
		}
		port := scenario.Template{{Text: fmt.Sprint(portOf(name))}}
		if err := ask(who, scenario.Message{Kind: scenario.Login, Name: name, Port: port}, name); err != nil {
			return nil, err
		}
	}
	return balances, nil
}

// ownOf is the account that a client of the script is logged in as before the rush, and
// after it unless it exits; empty: none.
func (sc Script) ownOf(who string) string {
	own := ""
	for _, a := range sc.Acts {
		if send, ok := a.(scenario.Send); ok && send.Who == who && send.Message.Kind == scenario.Login {
			own = send.Message.Name
		}
	}
	return own
}

// conserved demands that there is as much money as the registrations have brought.
func (t *talk) conserved(sc Script, balances map[string]int64) *Trouble {
	sum, accounts := int64(0), int64(0)
	for _, b := range balances {
		sum, accounts = sum+b, accounts+1
	}
	if want := accounts * t.subject.edition.InitialBalance; sum != want && int(accounts) == len(sc.names()) {
		return &Trouble{
			ID: "CON-4", Why: fmt.Sprintf("the sum of all balances is %d, and has to be %d", sum, want), Want: "(list)",
		}
	}
	return nil
}

// ordered demands that the requests can have been carried out one after another. What
// is wrong is named by the part of the replies without which they can.
func (t *talk) ordered(r *rush) error {
	news := t.heard()
	search := func(leave ...aspect) verdict {
		return order(t.set, r.events, news, r.absent, t.subject.edition, leave...)
	}
	switch search() {
	case ordered:
		return nil
	case unsettled:
		return &undecided{"no order was found in the time that the search has"}
	}
	f := &Trouble{Want: "(any)"}
	switch {
	case search(told) == ordered:
		f.ID, f.Why = "PAY-3", fmt.Sprintf("only %d and %d were told what became of payments made at one moment", news.good, news.bad)
	case search(balance, told) == ordered:
		f.ID, f.Why = "CON-4", "in no order would payments that came at one moment leave these balances"
	case search(entries) == ordered:
		f.ID, f.Why = "CON-5", "in no order would what was done at one moment give these lists"
	case granted(r.events) > 1:
		f.ID, f.Why = "CON-3", fmt.Sprintf("%d clients that registered one free name at one moment got 100 OK", granted(r.events))
	default:
		f.ID, f.Why = "CON-1", "in no order would requests that came at one moment be answered so"
	}
	return f
}

// granted is how often one name was registered, of the one that was most often.
func granted(events []event) int {
	count, most := map[string]int{}, 0
	for _, e := range events {
		if e.request.Kind == model.Register && e.reply.Kind == model.Line && e.reply.Text == edition.OK {
			count[e.request.Name]++
			most = max(most, count[e.request.Name])
		}
	}
	return most
}

// heard counts what everybody was told of payments.
func (t *talk) heard() (news tally) {
	for who := range t.open {
		lines := t.stage.News(who)
		if conn, err := t.stage.Conn(context.Background(), who); err == nil {
			lines = append(slices.Clone(lines), wire.Lines(conn.Unread())...)
		}
		for _, line := range lines {
			good, bad := model.Tells(line.Text)
			if good {
				news.good++
			}
			if bad {
				news.bad++
			}
		}
	}
	return news
}
