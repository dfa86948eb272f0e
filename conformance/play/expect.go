package play

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"paycheck/conformance/target"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// expect waits for what the client must get, and compares.
func (st *Stage) expect(ctx context.Context, c *client, a scenario.Expect) error {
	if texts, ok := isNews(a); ok {
		return st.expectNews(ctx, c, texts)
	}
	if c.conn == nil {
		return &broken{why: c.name + " has no connection to expect anything on"}
	}
	allowed := slices.Concat(a.Want, a.Tolerated)
	for _, r := range allowed {
		for _, line := range r.Lines {
			if err := st.computable(line); err != nil {
				return err
			}
		}
	}
	silence := slices.ContainsFunc(allowed, func(r scenario.Reply) bool { return r.Form == scenario.Nothing })
	got, err := st.await(ctx, c, silence)
	if err != nil {
		return err
	}
	best := match{at: -1}
	for _, want := range a.Want {
		m := st.meets(want, got)
		if m.ok {
			return st.took(c, want, got, m)
		}
		best.at = max(best.at, m.at)
	}
	for _, want := range a.Tolerated {
		if m := st.meets(want, got); m.ok {
			st.tolerate(&Finding{Line: st.line, Step: st.step, Want: st.wantedReplies(a.Want), Got: got.raw, At: best.at})
			return st.took(c, want, got, m)
		}
	}
	return st.mismatch(ctx, c, got, st.wantedReplies(a.Want), best.at)
}

// took captures the values of a reply that met its expectation.
func (st *Stage) took(c *client, want scenario.Reply, got answer, m match) error {
	st.capture(m)
	if want.Form == scenario.IsClosed {
		st.past = append(st.past, c.conn)
		c.conn.Discard()
		c.conn = nil
	}
	if m.tolerated != "" {
		st.tolerate(&Finding{Line: st.line, Step: st.step, Want: m.tolerated, Got: got.raw, At: m.at})
	}
	return nil
}

// meets holds an answer against one form that is allowed.
func (st *Stage) meets(want scenario.Reply, got answer) match {
	switch want.Form {
	case scenario.IsClosed:
		return match{ok: got.kind == ended && len(got.raw) == 0, at: -1}
	case scenario.Nothing:
		return match{ok: got.kind == silence && len(got.raw) == 0, at: -1}
	}
	if got.kind != replied {
		return match{at: -1}
	}
	switch want.Form {
	case scenario.Any:
		return match{ok: true}
	case scenario.AList:
		return match{ok: got.reply.List != nil}
	case scenario.NoList:
		return match{ok: got.reply.List == nil}
	}
	if len(want.Lines) == 1 {
		if got.reply.List != nil {
			return match{}
		}
		m := st.compare(want.Lines[0], got.reply.Text)
		m.at += textAt(got.raw, got.reply)
		return m
	}
	if got.reply.List == nil {
		return match{}
	}
	return st.meetsList(want.Lines, got.reply.List)
}

// textAt is where the first line of a reply begins in its bytes.
func textAt(raw []byte, r wire.Reply) int {
	return max(0, strings.LastIndex(string(raw), r.Text))
}

// meetsList compares line by line: balance, key, count, and the entries as a set.
// The key is compared where it is written as {key}; a line {_} in its place stands
// for whatever the program has there.
func (st *Stage) meetsList(want []scenario.Template, l *wire.List) match {
	all := match{ok: true, captured: map[string]int64{}}
	number := func(t scenario.Template, n int64, at int) bool {
		m := st.compare(t, itoa(n))
		for name, value := range m.captured {
			m.ok = all.captures(name, value) && m.ok
		}
		if !m.ok {
			all.ok, all.at = false, at
		}
		return m.ok
	}
	if !number(want[0], l.Balance, lineAt(l, 0)) {
		return all
	}
	want = want[1:]
	if want[0].IsKey() {
		if st.Env.Profile.Edition.KeyLine && (len(l.Key) == 0 || strings.TrimSpace(l.Key[0]) == "") {
			return match{at: lineAt(l, 1)}
		}
		if len(l.Key) > 1 && st.Env.Requirement == "LST-3" {
			all.tolerated, all.at = "the key as one line", lineAt(l, 1)
		}
		want = want[1:]
	} else if len(want[0]) == 1 && want[0][0].Hole == scenario.Anything {
		want = want[1:]
	}
	if len(want) == 0 || !number(want[0], l.Count, lineAt(l, 1+len(l.Key))) {
		return all
	}
	if l.WordedCount && st.Env.Requirement == "LST-4" {
		all.tolerated, all.at = "the count as a bare number", lineAt(l, 1+len(l.Key))
	}
	if at, ok := st.meetsEntries(want[1:], l); !ok {
		return match{at: at}
	}
	return all
}

// meetsEntries finds an entry for each template, and none besides.
func (st *Stage) meetsEntries(want []scenario.Template, l *wire.List) (at int, ok bool) {
	first := 2 + len(l.Key)
	open := make([]int, 0, len(l.Entries))
	for i := range l.Entries {
		open = append(open, first+i)
	}
	for _, t := range want {
		found := -1
		for i, line := range open {
			if st.compare(t, strings.TrimRight(l.Lines[line].Text, " ")).ok {
				found = i
				break
			}
		}
		if found < 0 {
			if len(open) > 0 {
				return lineAt(l, open[0]), false
			}
			return lineAt(l, len(l.Lines)), false
		}
		open = append(open[:found], open[found+1:]...)
	}
	if len(open) > 0 {
		return lineAt(l, open[0]), false
	}
	return 0, true
}

// lineAt is where a line of a list begins in its bytes.
func lineAt(l *wire.List, i int) int {
	if i >= len(l.Lines) {
		return l.Lines[len(l.Lines)-1].Stop
	}
	return l.Lines[i].Stop - len(l.Lines[i].End) - len(l.Lines[i].Text)
}

func (st *Stage) wantedReplies(replies []scenario.Reply) string {
	texts := make([]string, len(replies))
	for i, r := range replies {
		texts[i] = r.Form.String()
		if r.Form == scenario.Lines {
			lines := make([]string, len(r.Lines))
			for j, line := range r.Lines {
				lines[j] = st.wanted(line)
			}
			texts[i] = strings.Join(lines, "\n")
		}
	}
	return strings.Join(texts, " / ")
}

// Other wordings of the news of a payment (PAY-3, PAY-4).
var (
	saysOK   = regexp.MustCompile(`(?i)\b(ok|success|successful|successfully|done|complete|completed)\b`)
	saysFail = regexp.MustCompile(`(?i)fail|refus|error|insufficient|not enough|invalid|denied|reject|can't|cannot`)
)

// expectNews looks for the news of a payment on the client's connection: exactly as
// written, or in other words, or told to another client, which is tolerated.
func (st *Stage) expectNews(ctx context.Context, c *client, texts []string) error {
	exact := func(line string) bool { return slices.Contains(texts, strings.TrimRight(line, " ")) }
	alike := func(line string) bool {
		return slices.Contains(texts, edition.TransferOK) && saysOK.MatchString(line) ||
			slices.Contains(texts, edition.TransferFail) && saysFail.MatchString(line)
	}
	s, err := st.wait(ctx, func() bool {
		st.setAside(c)
		return slices.ContainsFunc(c.news, func(l wire.Line) bool { return l.End != "" && exact(l.Text) })
	}, true)
	if err != nil {
		return err
	}
	if _, ok := c.takeNews(exact); ok {
		return nil
	}
	if s.Reason != target.Died {
		for _, name := range append([]string{c.name}, st.order...) {
			other := st.clients[name]
			st.setAside(other)
			if line, ok := other.takeNews(alike); ok {
				st.tolerate(&Finding{Line: st.line, Step: st.step, Want: strings.Join(texts, " / "), Got: []byte(line.Text), At: -1})
				return nil
			}
		}
	}
	return st.violation(ctx, c, strings.Join(texts, " / "), nil, -1, "the news of the payment did not come")
}

// takeNews removes the first unasked line of that kind.
func (c *client) takeNews(is func(string) bool) (wire.Line, bool) {
	for i, line := range c.news {
		if is(line.Text) {
			c.news = slices.Delete(c.news, i, i+1)
			return line, true
		}
	}
	return wire.Line{}, false
}
