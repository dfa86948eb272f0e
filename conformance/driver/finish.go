package driver

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A finish makes the steps of operations independent of what was done before.
type finish struct {
	enters string          // the pattern of a screen that wants Enter before a menu; empty: none does
	stable map[string]bool // patterns of menus and questions
}

// loosen puts the Enter that was once wanted before all operations. What an operation
// begins with is waited for if it is a menu, a question, or a prompt that others begin
// with too; else it may be the outcome of the operation before.
func (f finish) loosen(ops map[Op][]Step) {
	enter := Step{Wait: f.enters, Optional: true}
	first, often := map[Op]int{}, map[string]int{}
	for op, steps := range ops {
		if steps[0] == enter && len(steps) > 1 {
			first[op] = 1
		}
		often[steps[first[op]].Wait]++
	}
	for op, steps := range ops {
		steps = slices.Clone(steps)
		if wait := &steps[first[op]].Wait; !f.stable[*wait] && often[*wait] < 2 {
			*wait = ""
		}
		if f.enters != "" && first[op] == 0 {
			steps = slices.Insert(steps, 0, enter)
		}
		ops[op] = steps
	}
}

// steps makes the steps of a segment.
func (f *finish) steps(s segment, v Values) (steps []Step) {
	for _, l := range s.lines {
		if l.enter() {
			f.enters = pattern(l.before, v)
		}
	}
	for i, l := range s.lastTry() {
		wait := pattern(l.before, v)
		if l.enter() {
			steps = append(steps, Step{Wait: wait, Optional: true})
			continue
		}
		menu := isMenu(l.before)
		if menu || question(l.before) {
			f.stable[wait] = true
		}
		line := l.text
		if i > 0 && !menu || strings.ContainsAny(line, " #") || question(l.before) {
			line = s.fill(l, v)
		}
		steps = append(steps, Step{Wait: wait, Type: line})
	}
	return steps
}

// enter reports whether the line is the Enter that was asked for.
func (l typedLine) enter() bool { return l.text == "" && asksEnter.MatchString(lastLine(l.before)) }

// lastTry is the lines from the last menu on: what the person typed before it came again
// was a mistake, or failed.
func (s segment) lastTry() []typedLine {
	for i := len(s.lines) - 1; i > 0; i-- {
		if isMenu(s.lines[i].before) && !s.lines[i].enter() {
			return s.lines[i:]
		}
	}
	return s.lines
}

// aside reports whether a list was asked for on the way to something else that did not
// come off: another operation begins with the same line at the same prompt, and no menu
// says that it lists.
func (s segment) aside(all []segment) bool {
	own := s.lastTry()[0]
	listed := slices.ContainsFunc(choices(own.before, List), func(e entry) bool { return e.key == own.text })
	return s.op == List && !listed && slices.ContainsFunc(all, func(o segment) bool {
		first := o.lastTry()[0]
		return o.op != List && first.text == own.text && pattern(first.before, Values{}) == pattern(own.before, Values{})
	})
}

// fill puts holes into a line that answers a question or has arguments.
func (s segment) fill(l typedLine, v Values) string {
	line := v.template(l.text, opHoles[s.op])
	n, err := strconv.Atoi(line)
	if err != nil {
		return line
	}
	asked := lastLine(l.before)
	switch {
	case s.op == Register && asksMoney.MatchString(asked):
		return "{deposit}"
	case s.op == Pay && !s.names(v) && n == v.PayeeIndex:
		return "{payee_index}"
	case s.op == Pay && !s.names(v) && n == v.PayeeIndex-1:
		return "{payee_index0}"
	}
	return line
}

// names reports whether the payee is typed, by name or by address.
func (s segment) names(v Values) bool {
	return slices.ContainsFunc(s.lines, func(l typedLine) bool {
		return strings.Contains(v.template(l.text, opHoles[Pay]), "{payee")
	})
}

// doubts are the questions that the steps of an operation leave.
func doubts(s segment, steps []Step, v Values) (questions []string) {
	if s.op != Pay {
		return nil
	}
	has := func(hole string) bool {
		return slices.ContainsFunc(steps, func(st Step) bool { return strings.Contains(st.Type, hole) })
	}
	switch {
	case !has("{payee"):
		questions = append(questions, "Which of the lines says who is paid?")
	case has("{payee_index"):
		questions = append(questions, fmt.Sprintf("Is the number that says who is paid the place in the list, where %s was number %d, counting from 1?", v.Payee, v.PayeeIndex))
	}
	if !has("{amount}") {
		questions = append(questions, "Which of the lines is the amount?")
	}
	return questions
}
