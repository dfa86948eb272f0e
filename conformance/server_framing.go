package conformance

import (
	"context"
	"fmt"
	"strings"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// The form of replies is judged here, once, from the bytes of every kind of reply;
// no other check looks at line ends.
var framing = []written{
	{"FRM-5", "Every line of every reply and notice ends in CR LF.", 2, tour(lineEnds)},
	{"FRM-5", "What refuses an early List or a malformed request ends in CR LF.", 2, refusals(lineEnds)},
	{"FRM-6", "No byte follows the last line end of a reply or notice.", 2, tour(nothingAfter)},
	{"FRM-6", "No byte follows the last line end of what refuses an early List or a malformed request.", 2, refusals(nothingAfter)},
	{"FRM-8", "Texts that are no requests, each on a connection of its own, leave the service running.", 2, hostile(false, oddities)},
	{"FRM-8", "Texts that are no requests, each sent after a login, leave the service running.", 2, hostile(true, accounted)},
	{"FRM-8", "Texts about as long as usual buffers leave the service running.", 2, hostile(false, lengths)},
	{"FRM-9", "Who sends a word that is no request stays in the list while the connection lasts.", 2, staysListed},
}

// A said is all that came to a client after one request, until the program was quiet.
type said struct {
	who  string
	what string // for people, such as "the reply to List"
	data []byte
	free bool // its text is the program's own, and so is how many lines it has
}

// A judge holds what was said against one requirement.
type judge func(ctx context.Context, st *play.Stage, s said) error

// tour hears every kind of reply that well-formed requests have.
func tour(judge judge) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		e := &ear{stage: st, judge: judge, from: map[string]int{}}
		for _, step := range []struct{ who, request, what string }{
			{"alice", "REGISTER#alice", "the reply to a registration"},
			{"alice", "REGISTER#alice", "the reply to a registration of a name that is taken"},
			{"alice", "ghost#5001", "the reply to a login of a name that nobody registered"},
			{"alice", "alice#5002", "the reply to a login"},
			{"alice", "List", "the reply to List"},
			{"bob", "REGISTER#bob", "the reply to a second client's registration"},
			{"bob", "bob#5003", "the reply to a second client's login"},
			{"bob", "alice#1#bob", "the notice of a payment"},
			{"bob", "alice#2147483647#bob", "the notice of a payment above the balance"},
			{"alice", "List", "the reply to List after payments"},
			{"alice", "Exit", "the reply to Exit"},
		} {
			if err := e.ask(ctx, step.who, step.request, step.what); err != nil {
				return err
			}
		}
		return e.done(ctx)
	}
}

// refusals hears what the program says to requests that it refuses for their form
// or their time. Many programs end of them, which is FRM-8's business.
func refusals(judge judge) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		e := &ear{stage: st, judge: judge, from: map[string]int{}, free: true}
		if err := e.ask(ctx, "alice", "List", "the reply to a List before login"); err != nil {
			return err
		}
		conn, err := e.open(ctx, "bob")
		if err != nil {
			return err
		}
		if err := conn.Send([]byte("hello" + st.Env.Profile.Dialect.Ending.After("hello"))); err != nil {
			return play.Setup("FRM-9", st.Fail(ctx, "bob", "a connection that takes requests", nil, -1, "the connection was closed"))
		}
		if err := e.listen(ctx, "the reply to a malformed request"); err != nil {
			return err
		}
		return e.done(ctx)
	}
}

// An ear listens to what clients are told and has it judged.
type ear struct {
	stage *play.Stage
	judge judge
	names []string
	from  map[string]int // how many bytes of each client's were heard
	free  bool
	heard int // how many times anything came
}

// ask has one request answered, listens until the program is quiet, and has all
// judged that came, whoever it came to.
func (e *ear) ask(ctx context.Context, who, request, what string) error {
	if _, err := e.open(ctx, who); err != nil {
		return err
	}
	if _, err := e.stage.Ask(ctx, who, request); err != nil {
		return play.Setup("FRM-1", err)
	}
	return e.listen(ctx, what)
}

// open connects a client. A greeting is FRM-7's business.
func (e *ear) open(ctx context.Context, who string) (*wire.Conn, error) {
	conn, err := e.stage.Conn(ctx, who)
	if err != nil {
		return nil, play.Setup("OPS-1", err)
	}
	if _, known := e.from[who]; !known {
		if err := e.stage.Rest(ctx); err != nil {
			return nil, err
		}
		e.names, e.from[who] = append(e.names, who), len(conn.Raw())
	}
	return conn, nil
}

func (e *ear) listen(ctx context.Context, what string) error {
	if err := e.stage.Rest(ctx); err != nil {
		return err
	}
	for _, who := range e.names {
		conn, err := e.stage.Conn(ctx, who)
		if err != nil {
			return err
		}
		data := conn.Raw()[e.from[who]:]
		e.from[who] += len(data)
		if len(data) == 0 {
			continue
		}
		e.heard++
		if err := e.judge(ctx, e.stage, said{who: who, what: what, data: data, free: e.free}); err != nil {
			return err
		}
	}
	if _, dead := e.stage.Program.Death(); dead && e.free {
		return play.Inapplicable("the program ends at such a request, so there is no reply to look at")
	} else if dead {
		return play.Setup("FRM-8", stillRuns(ctx, e.stage))
	}
	return nil
}

// done makes sure that something was judged.
func (e *ear) done(ctx context.Context) error {
	switch {
	case e.heard > 0:
		return nil
	case e.free:
		return play.Inapplicable("the program says nothing to such requests")
	}
	return play.Setup("REG-1", e.stage.Fail(ctx, "alice", "100 OK", nil, -1, "no request was answered"))
}

// cut divides what was said into its lines, those of the reply and of notices, and
// what follows: rest is where that begins.
func (s said) cut(e edition.Edition) (lines []wire.Line, list *wire.List, rest int) {
	r, ok := wire.Next(s.data, e, true)
	if !ok {
		return nil, nil, 0
	}
	lines, rest = wire.Lines(r.Raw), len(r.Raw)
	for _, line := range wire.Lines(s.data[rest:]) {
		line.Stop += len(r.Raw)
		if !wire.Unasked(line.Text) || line.Stop-len(line.End)-len(line.Text) != rest {
			break
		}
		lines, rest = append(lines, line), line.Stop
	}
	return lines, r.List, rest
}

// ends holds what was said against FRM-5: at is where the first line that is not
// well ended should have its CR LF.
func (s said) ends(e edition.Edition) (o play.Outcome, at int, line string) {
	lines, _, _ := s.cut(e)
	o, at = play.Held, -1
	for _, l := range lines {
		end := l.Stop - len(l.End)
		switch {
		case l.End != "\r\n" && l.End != "\n":
			return play.Violated, end, l.Text
		case l.End == "\n" && o == play.Held:
			o, at, line = play.Tolerated, end, l.Text
		}
	}
	return o, at, line
}

func lineEnds(ctx context.Context, st *play.Stage, s said) error {
	const want = "CR LF at the end of each line"
	switch o, at, line := s.ends(st.Env.Profile.Edition); o {
	case play.Violated:
		return st.Fail(ctx, s.who, want, s.data, at, fmt.Sprintf("the line %q in %s has no line end", line, s.what))
	case play.Tolerated:
		st.Tolerate(want, s.data, at)
	}
	return nil
}

// follows holds what was said against FRM-6: at is where what follows the last line
// end begins. Where there is no line end, FRM-5 is violated and not this.
func (s said) follows(e edition.Edition) (o play.Outcome, at int) {
	lines, list, rest := s.cut(e)
	if n := len(lines); n > 1 && lines[n-1].End == "" && wire.Unasked(lines[n-1].Text) {
		lines, rest = lines[:n-1], lines[n-2].Stop // a notice without a line end is no line
	}
	if len(lines) == 0 || !strings.HasSuffix(lines[len(lines)-1].End, "\n") {
		return play.Held, -1
	}
	if s.free || list != nil && int64(len(list.Entries)) != list.Count {
		rest += wholeLines(s.data[rest:])
	}
	switch after := s.data[rest:]; {
	case len(after) == 0:
		return play.Held, -1
	case len(after) == 1 && after[0] == 0:
		return play.Tolerated, rest
	}
	return play.Violated, rest
}

// wholeLines is how long the lines are with which data begins: where the text is the
// program's own it may have several, and so may a list that does not agree with
// itself (LST-5).
func wholeLines(data []byte) (n int) {
	for _, line := range wire.Lines(data) {
		if !strings.HasSuffix(line.End, "\n") || line.Stop-len(line.End)-len(line.Text) != n {
			break
		}
		n = line.Stop
	}
	return n
}

func nothingAfter(ctx context.Context, st *play.Stage, s said) error {
	const want = "nothing after the last line end"
	switch o, at := s.follows(st.Env.Profile.Edition); o {
	case play.Violated:
		return st.Fail(ctx, s.who, want, s.data, at, fmt.Sprintf("%s has more after its last line end; bytes: %d", s.what, len(s.data)-at))
	case play.Tolerated:
		st.Tolerate(want, s.data, at)
	}
	return nil
}

// staysListed is FRM-9 where the connection is not closed, which it may be.
func staysListed(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice bob online"); err != nil {
		return err
	}
	const word = "Hello"
	if err := st.Send(ctx, "bob", []byte(word+st.Env.Profile.Dialect.Ending.After(word)), true); err != nil {
		return err
	}
	if a, err := st.Hear(ctx, "bob"); err != nil || a.Closed {
		return err
	}
	return st.Do(ctx, "alice sees bob")
}
