package spec_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"paycheck/spec"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
	"paycheck/spec/vectors"
)

// What a scenario says is of the grammar: each message, each reply that is wanted
// and written out, and each that the suite's own server sends. Tolerated forms and
// the bytes of `sends` are exempt.
func TestScenariosAreOfTheGrammar(t *testing.T) {
	g := parseGrammar(t)
	messages, replies := 0, 0
	for _, r := range all(t) {
		for _, s := range r.Scenarios {
			for _, step := range s.Steps {
				for _, e := range edition.All {
					switch a := step.Act.(type) {
					case scenario.Send:
						messages++
						checkMessage(t, g, e, r, step.Line, a)
					case scenario.Serve:
						replies++
						checkReply(t, g, e, step.Line, a.Reply)
					case scenario.Expect:
						for _, want := range a.Want {
							if written(want) {
								replies++
								checkExpected(t, g, e, r, step.Line, a.Who, want)
							}
						}
					}
				}
			}
		}
	}
	if messages == 0 || replies == 0 {
		t.Errorf("%d messages, %d replies", messages, replies)
	}
	t.Logf("%d messages, %d replies, in %d editions", messages, replies, len(edition.All))
}

// written reports whether a reply is spelt out, and not just {_}.
func written(r scenario.Reply) bool {
	isAnything := len(r.Lines) == 1 && len(r.Lines[0]) == 1 && r.Lines[0][0].Hole == scenario.Anything
	return r.Form == scenario.Lines && !isAnything
}

var kinds = map[scenario.Kind]vectors.Kind{
	scenario.Register: vectors.Register, scenario.Login: vectors.Login, scenario.List: vectors.List,
	scenario.Exit: vectors.Exit, scenario.Payment: vectors.Payment,
}

// checkMessage demands that a message is read as what it was meant for. Between
// clients, in the scenarios of the client, only payments go.
func checkMessage(t *testing.T, g grammar, e edition.Edition, r spec.Requirement, line int, send scenario.Send) {
	t.Helper()
	m := send.Message
	text := m.Name + "#" + filled(m.Amount, 100) + "#" + m.Payee
	switch m.Kind {
	case scenario.Register:
		if text = "REGISTER#" + m.Name; e.Deposit {
			text += "#100"
		}
	case scenario.Login:
		text = m.Name + "#" + filled(m.Port, 5001)
	case scenario.List, scenario.Exit:
		text = m.String()
	}
	if got := g.readings(t, e, text); !slices.Equal(got, []vectors.Kind{kinds[m.Kind]}) {
		t.Errorf("%s:%d: %q in %s is %q, not a %s", spec.File, line, text, e.Name, got, m.Kind)
	}
	if r.Role == spec.Client && !g.matches(t, "peer-"+e.Name, text+e.RequestEnd) {
		t.Errorf("%s:%d: %q is nothing that a peer sends in %s", spec.File, line, text, e.Name)
	}
}

// checkExpected tells a reply from what a client under test has to send.
func checkExpected(t *testing.T, g grammar, e edition.Edition, r spec.Requirement, line int, who string, want scenario.Reply) {
	t.Helper()
	text := filled(want.Lines[0], 100) // of a message, which is one line
	switch {
	case r.Role == spec.Server:
		checkReply(t, g, e, line, want)
	case who == "server":
		// A registration without its deposit, as the notation has it in every edition.
		if !e.Deposit && len(g.readings(t, e, text)) != 1 {
			t.Errorf("%s:%d: %q is no request in %s", spec.File, line, text, e.Name)
		}
	case !g.matches(t, "peer-"+e.Name, text+e.RequestEnd):
		t.Errorf("%s:%d: %q is nothing that a client sends to its peer in %s", spec.File, line, text, e.Name)
	}
}

// checkReply fills the holes of a reply and holds it against the grammar.
func checkReply(t *testing.T, g grammar, e edition.Edition, line int, reply scenario.Reply) {
	t.Helper()
	lines := reply.Lines
	if len(lines) == 1 {
		text := filled(lines[0], 0) + edition.ReplyEnd
		if !g.matches(t, "reply-"+e.Name, text) && !g.matches(t, "notice", text) {
			t.Errorf("%s:%d: %q is no reply in %s", spec.File, line, text, e.Name)
		}
		return
	}
	if len(lines) < 3 {
		t.Errorf("%s:%d: a list has a balance, a key line and a count at least", spec.File, line)
		return
	}
	entries := lines[3:]
	texts := []string{filled(lines[0], 10_000)}
	if key := lines[1]; e.KeyLine {
		texts = append(texts, strings.NewReplacer("{key}", "public key", "{_}", "public key").Replace(key.String()))
	}
	// The number in <count> is the number of <entry> lines that follow it.
	count := filled(lines[2], int64(len(entries)))
	if count != strconv.Itoa(len(entries)) {
		t.Errorf("%s:%d: the list counts %s and has %d entries", spec.File, line, count, len(entries))
	}
	texts = append(texts, count)
	for _, entry := range entries {
		texts = append(texts, strings.Replace(filled(entry, 5001), "{_}", "127.0.0.1#5001", 1))
	}
	text := strings.Join(texts, edition.ReplyEnd) + edition.ReplyEnd
	if !g.matches(t, "reply-"+e.Name, text) {
		t.Errorf("%s:%d: %q is no list in %s", spec.File, line, text, e.Name)
	}
}

// filled gives a template with a number in place of each value.
func filled(template scenario.Template, n int64) string {
	var b strings.Builder
	for _, p := range template {
		switch p.Hole {
		case scenario.Value:
			b.WriteString(strconv.FormatInt(n, 10))
		case scenario.Port:
			b.WriteString("5001")
		case scenario.Address:
			b.WriteString("127.0.0.1")
		default:
			b.WriteString(p.String())
		}
	}
	return b.String()
}
