package fuzz

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"paycheck/spec"
	"paycheck/spec/scenario"
)

// scenario writes a finding down as a scenario: what paycheck replay takes, and a person
// reads. Its head says what is broken; the last expectation is what had to come.
func (f *Finding) scenario(seed uint64) string {
	var b strings.Builder
	f.head(&b, seed, "the server")
	if f.Together > 0 {
		line(&b, "together", fmt.Sprintf("the last %d requests are sent at one moment, again and again", f.Together))
		f.writeTogether(&b)
		return b.String()
	}
	for i, a := range f.Acts {
		b.WriteString(a.String() + "\n")
		last := i == f.Step
		for _, s := range f.seen {
			if s.step == i && !last {
				b.WriteString(s.who + " < " + s.text + "\n")
			}
		}
		if who, ends := actorOf(a); last && !ends {
			want := f.Want
			if want == "" || f.Death != nil || strings.HasPrefix(want, "the ") {
				want = "(any)"
			}
			b.WriteString(who + " < " + strings.ReplaceAll(want, "\n|", "\n"+strings.Repeat(" ", len(who)+1)+"|") + "\n")
		}
	}
	return b.String()
}

// line writes one line of a head, or several.
func line(b *strings.Builder, key, text string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(b, "# %-12s %s\n", key+":", line)
		key = "        "
	}
}

// head writes what a person has to know of a finding; what is the program.
func (f *Finding) head(b *strings.Builder, seed uint64, what string) {
	fmt.Fprintf(b, "# %s is broken: %s.\n", f.ID, oneLine(f.Why))
	if text, err := spec.Load(); err == nil {
		if r, ok := text.Find(f.ID); ok {
			line(b, "requirement", fmt.Sprintf("%s (%s) %s", r.ID, r.Level, r.Sentence))
		}
	}
	line(b, "seed", fmt.Sprintf("%d, conversation %d", seed, f.Number))
	line(b, "rate", fmt.Sprintf("%d of %d fresh processes", f.Failed, f.Tried))
	if f.Death != nil {
		line(b, "the end", f.Death.String())
	}
	if f.Frame != "" {
		line(b, "where", f.Frame)
	}
	if f.Doing != "" {
		line(b, what, f.Doing)
	}
	for _, printed := range f.Stderr {
		line(b, "it printed", oneLine(printed))
	}
}

// writeTogether writes acts that are begun at one moment. What was answered stands at the
// end, or before the next act of the same client, which has waited for it.
func (f *Finding) writeTogether(b *strings.Builder) {
	first := len(f.Acts) - f.Together
	answer := func(step int) {
		for _, s := range f.seen {
			if s.step == step && s.text != "(nothing)" {
				b.WriteString(s.who + " < " + s.text + "\n")
			}
		}
	}
	var open []int
	for i, a := range f.Acts {
		who, _ := actorOf(a)
		open = slices.DeleteFunc(open, func(step int) bool {
			before, _ := actorOf(f.Acts[step])
			if before == who || i == first {
				answer(step)
			}
			return before == who || i == first
		})
		b.WriteString(a.String() + "\n")
		open = append(open, i)
	}
	for _, step := range open {
		answer(step)
	}
}

// oneLine makes a text fit one line of a comment.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, text)
}

// Acts are what the clients of one conversation do.
type Acts []scenario.Act

// Read reads what paycheck replay is given: any scenario with clients of a server. What
// is set up becomes requests, and so does a look at the list; expectations are left
// out, since the model is held against every reply.
func Read(text string) (Script, error) {
	s, err := scenario.Parse(text)
	if err != nil {
		return Script{}, fmt.Errorf("fuzz: %w", err)
	}
	var acts Acts
	registered := map[string]bool{}
	ask := func(who string) {
		acts = append(acts, scenario.Send{Who: who, Message: scenario.Message{Kind: scenario.List}})
	}
	for _, step := range s.Steps {
		switch a := step.Act.(type) {
		case scenario.Send, scenario.Raw, scenario.Link:
			acts = append(acts, a)
		case scenario.Given:
			for _, name := range a.Names {
				if !registered[name] {
					acts = append(acts, scenario.Send{Who: name, Message: scenario.Message{Kind: scenario.Register, Name: name}})
				}
				registered[name] = true
				if a.State == scenario.Online {
					port := scenario.Template{{Hole: scenario.Port, Text: name}}
					acts = append(acts, scenario.Send{Who: name, Message: scenario.Message{Kind: scenario.Login, Name: name, Port: port}})
				}
			}
		case scenario.Has:
			ask(a.Who)
		case scenario.Sees:
			ask(a.Who)
		case scenario.Expect:
		default:
			return Script{}, fmt.Errorf("fuzz: line %d: %q can't be replayed; play it with paycheck server", step.Line, step.Act)
		}
		if usesValue(step.Act) {
			return Script{}, fmt.Errorf("fuzz: line %d: %q sends a number that is captured; write it out", step.Line, step.Act)
		}
	}
	script := Script{Acts: acts}
	if m := togetherLine.FindStringSubmatch(text); m != nil {
		if script.Together, err = strconv.Atoi(m[1]); err != nil || script.Together > len(acts) {
			return Script{}, fmt.Errorf("fuzz: %q: there are %d requests", m[0], len(acts))
		}
	}
	return script, nil
}

var togetherLine = regexp.MustCompile(`(?m)^# together: +the last ([0-9]+) `)

// usesValue reports whether an act sends what an expectation has captured.
func usesValue(a scenario.Act) bool {
	var sent []scenario.Template
	switch a := a.(type) {
	case scenario.Send:
		sent = []scenario.Template{a.Message.Port, a.Message.Amount}
	case scenario.Raw:
		sent = a.Segments
	}
	for _, t := range sent {
		for _, p := range t {
			if p.Hole == scenario.Value {
				return true
			}
		}
	}
	return false
}
