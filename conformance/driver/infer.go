package driver

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Draft is a driver inferred from a recording.
type Draft struct {
	Driver  Driver
	Missing []Op // of which no message was heard
	// Questions are for the person who has recorded it: what could not be told.
	Questions []string
}

// A typedLine is one line of a recording.
type typedLine struct {
	text      string
	before    string // what the screen showed since the line before
	connected bool   // to the server, when it was typed
	heard     int    // messages that had come by then
}

// A segment is the lines of one operation.
type segment struct {
	op    Op
	lines []typedLine
	from  Message // that it brought
}

// infer assigns each message to the last line typed before it. An operation ends at
// that line, and begins behind the one before.
func infer(lines []typedLine, heard []Message, v Values, ended bool) Draft {
	first := 0 // that was typed to a client that had connected, which may be seen late
	for first < len(lines) && !lines[first].connected && until(lines, first, heard) == lines[first].heard {
		first++
	}
	draft := Draft{Driver: Driver{Ops: map[Op][]Step{}}}
	begin, rest := lines[:first], lines[first:]
	segments := split(rest, heard)
	if len(segments) > 0 { // what comes before the first menu is asked once
		s := &segments[0]
		if menu := slices.IndexFunc(s.lines, func(l typedLine) bool { return isMenu(l.before) }); menu > 0 {
			begin, s.lines = slices.Concat(begin, s.lines[:menu]), s.lines[menu:]
		}
	}
	v = learned(v, segments)
	for _, l := range begin {
		draft.Driver.Begin = append(draft.Driver.Begin, Step{Wait: pattern(l.before, v), Type: v.template(l.text, startHoles)})
	}
	f := finish{stable: map[string]bool{}}
	for _, s := range segments {
		if draft.Driver.Can(s.op) || s.aside(segments) { // the first time counts
			continue
		}
		draft.Driver.Ops[s.op] = f.steps(s, v)
		draft.Questions = append(draft.Questions, doubts(s, draft.Driver.Ops[s.op], v)...)
	}
	f.loosen(draft.Driver.Ops)
	for _, op := range Ops() {
		if !draft.Driver.Can(op) {
			draft.Missing = append(draft.Missing, op)
			draft.Questions = append(draft.Questions, fmt.Sprintf("Nothing was seen for %s: did it fail, or is it missing?", op))
		}
	}
	if ended && draft.Driver.Can(Exit) {
		draft.Driver.Fatal = []Op{Exit}
	}
	return draft
}

// split cuts the lines behind each that brought a message of an operation.
func split(lines []typedLine, heard []Message) (segments []segment) {
	var now []typedLine
	for i, l := range lines {
		now = append(now, l)
		var s segment
		for _, m := range heard[l.heard:until(lines, i, heard)] {
			// A List that the client asks for by itself does not hide what it is asked for.
			if op := kind(m); op != "" && (s.op == "" || s.op == List) {
				s.op, s.from = op, m
			}
		}
		if s.op == "" {
			continue
		}
		s.lines, now = now, nil
		if n := len(segments) - 1; n >= 0 && asksOnBehind(segments[n], s) {
			s.lines = slices.Concat(segments[n].lines, s.lines)
			segments = segments[:n]
		}
		segments = append(segments, s)
	}
	return segments
}

// until is how many messages had come when the line behind one was typed.
func until(lines []typedLine, i int, heard []Message) int {
	if i+1 < len(lines) {
		return lines[i+1].heard
	}
	return len(heard)
}

// asksOnBehind reports whether a list was asked for on the way to something else: what
// follows begins with a question in place of the menu.
func asksOnBehind(before, s segment) bool {
	if before.op != List || s.op == List {
		return false
	}
	then, now := before.lines[0].before, s.lines[0].before
	return !isMenu(now) && pattern(then, Values{}) != pattern(now, Values{})
}

var (
	loginForm   = regexp.MustCompile(`^([^#\s]+)#(\d+)$`)
	paymentForm = regexp.MustCompile(`([^#\s]+)#(\d+)#([^#\s]+)$`)
)

// kind is the operation that a message belongs to, whatever its values.
func kind(m Message) Op {
	switch {
	case m.ToPayee:
		if paymentForm.MatchString(m.Text) {
			return Pay
		}
	case strings.HasPrefix(m.Text, "REGISTER#"):
		return Register
	case strings.EqualFold(m.Text, "List"):
		return List
	case strings.EqualFold(m.Text, "Exit"):
		return Exit
	case loginForm.MatchString(m.Text):
		return Login
	}
	return ""
}

// learned takes the values that the person chose from the messages.
func learned(v Values, segments []segment) Values {
	v.Deposit, v.LoginPort, v.Amount = -1, -1, -1 // no line has these
	for _, s := range segments {
		switch s.op {
		case Register:
			parts := strings.Split(s.from.Text, "#")
			v.Name = parts[1]
			if len(parts) > 2 {
				v.Deposit, _ = strconv.Atoi(parts[2])
			}
		case Login:
			m := loginForm.FindStringSubmatch(s.from.Text)
			v.Name = m[1]
			v.LoginPort, _ = strconv.Atoi(m[2])
		case Pay:
			m := paymentForm.FindStringSubmatch(s.from.Text)
			v.Amount, _ = strconv.Atoi(m[2])
		}
	}
	return v
}

// What may be filled in at the start and in each operation.
var (
	startHoles = []string{"{host}", "{port}", "{lport}"}
	opHoles    = map[Op][]string{
		Register: {"{name}", "{deposit}", "{lport}"},
		Login:    {"{name}", "{lport}"},
		Pay:      {"{payee_ip}", "{payee_port}", "{payee}", "{name}", "{amount}"},
	}
)

// template puts holes in the place of values in a line, as whole words, the longest first.
func (v Values) template(line string, holes []string) string {
	type value struct{ hole, text string }
	var values []value
	for _, h := range holes {
		if text := v.fill(h); text != "" && text != "-1" && text != "0" {
			values = append(values, value{h, text})
		}
	}
	slices.SortStableFunc(values, func(a, b value) int { return len(b.text) - len(a.text) })
	for _, val := range values {
		word := regexp.MustCompile(`(^|[^A-Za-z0-9{])` + regexp.QuoteMeta(val.text) + `($|[^A-Za-z0-9}])`)
		line = word.ReplaceAllString(line, "${1}"+val.hole+"${2}")
	}
	return line
}
