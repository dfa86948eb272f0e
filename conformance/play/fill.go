package play

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"paycheck/spec/scenario"
)

// namePart finds the name with which an entry line begins.
var namePart = regexp.MustCompile(`^[A-Za-z0-9]+#`)

// value computes a captured number.
func (st *Stage) value(p scenario.Part) (int64, bool) {
	n, ok := st.values[p.Text]
	if !ok {
		return 0, false
	}
	n += p.N
	for _, term := range []struct {
		name string
		sign int64
	}{{p.Plus, 1}, {p.Less, -1}} {
		if term.name == "" {
			continue
		}
		m, ok := st.values[term.name]
		if !ok {
			return 0, false
		}
		n += term.sign * m
	}
	return n, true
}

// fill renders a template that is sent.
func (st *Stage) fill(t scenario.Template) (string, error) {
	var b strings.Builder
	for _, p := range t {
		switch p.Hole {
		case scenario.Literal:
			b.WriteString(p.Text)
		case scenario.Value:
			n, ok := st.value(p)
			if !ok {
				return "", fmt.Errorf("%v is used before it was captured", p)
			}
			b.WriteString(strconv.FormatInt(n, 10))
		case scenario.Name:
			b.WriteString(st.client(p.Text).fresh)
		case scenario.Port:
			b.WriteString(strconv.Itoa(st.client(p.Text).port))
		case scenario.Address:
			b.WriteString(st.client(p.Text).ip)
		case scenario.End:
			b.WriteString(st.Env.Profile.Dialect.Ending.After(b.String()))
		case scenario.Repeat:
			b.WriteString(strings.Repeat(p.Text, int(p.N)))
		default:
			return "", fmt.Errorf("%v can't be sent", p)
		}
	}
	return b.String(), nil
}

// A match is how a line compares with a template.
type match struct {
	ok        bool
	at        int // offset of the first byte that differs
	captured  map[string]int64
	tolerated string // the form that was asked for, if another was accepted
}

// compare holds a line against a template. A value that is new is captured; it has
// to be a number.
func (st *Stage) compare(t scenario.Template, line string) match {
	m := match{captured: map[string]int64{}}
	var pattern strings.Builder
	var holes []scenario.Part
	for i, p := range t {
		switch p.Hole {
		case scenario.Anything, scenario.Key:
			pattern.WriteString(`.*`)
			continue
		case scenario.Value:
			if _, known := st.value(p); !known && p.N == 0 && p.Plus == "" && p.Less == "" {
				pattern.WriteString(`(-?[0-9]+)`)
				holes = append(holes, p)
				continue
			}
		}
		text, err := st.fill(scenario.Template{p})
		if err != nil {
			return m
		}
		if i == 0 && p.Hole == scenario.Literal {
			text = st.freshEntry(text)
		}
		pattern.WriteString(regexp.QuoteMeta(text))
	}
	found := regexp.MustCompile(`(?s)^` + pattern.String() + `$`).FindStringSubmatch(line)
	if found == nil {
		m.at = commonPrefix(st.wanted(t), line)
		return m
	}
	for i, hole := range holes {
		n, err := strconv.ParseInt(found[i+1], 10, 64)
		if err != nil || !m.captures(hole.Text, n) {
			return m
		}
	}
	m.ok = true
	return m
}

// captures notes a value, and reports whether it is what it was before.
func (m match) captures(name string, n int64) bool {
	before, known := m.captured[name]
	m.captured[name] = n
	return !known || before == n
}

// computable reports, by its error, a value that a template computes with and that
// nothing has captured: the steps are at fault then, and no program.
func (st *Stage) computable(t scenario.Template) error {
	for _, p := range t {
		isPlain := p.N == 0 && p.Plus == "" && p.Less == ""
		if _, ok := st.value(p); p.Hole == scenario.Value && !ok && !isPlain {
			return &broken{why: fmt.Sprintf("%v is used before it was captured", p)}
		}
	}
	return nil
}

// capture keeps the values of a line that matched.
func (st *Stage) capture(m match) {
	for name, n := range m.captured {
		st.values[name] = n
	}
}

// freshEntry gives the name at the beginning of an entry line its prefix.
func (st *Stage) freshEntry(text string) string {
	if namePart.MatchString(text) {
		return st.prefix + text
	}
	return text
}

// wanted shows a template as a person reads it: what is known filled in, the rest as
// the notation has it.
func (st *Stage) wanted(t scenario.Template) string {
	var b strings.Builder
	for i, p := range t {
		text, err := st.fill(scenario.Template{p})
		if err != nil {
			text = p.String()
		}
		if i == 0 && p.Hole == scenario.Literal {
			text = st.freshEntry(text)
		}
		b.WriteString(text)
	}
	return b.String()
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// render gives the bytes of a message in the program's dialect.
func (st *Stage) render(m scenario.Message) ([]byte, error) {
	e := st.Env.Profile.Edition
	var text string
	switch m.Kind {
	case scenario.Register:
		text = "REGISTER#" + st.Fresh(m.Name)
		if e.Deposit {
			text += "#" + strconv.FormatInt(e.InitialBalance, 10)
		}
	case scenario.Login:
		port, err := st.fill(m.Port)
		if err != nil {
			return nil, err
		}
		text = st.Fresh(m.Name) + "#" + port
	case scenario.Payment:
		amount, err := st.fill(m.Amount)
		if err != nil {
			return nil, err
		}
		text = st.Fresh(m.Name) + "#" + amount + "#" + st.Fresh(m.Payee)
	default:
		text = m.String()
	}
	return []byte(text + st.Env.Profile.Dialect.Ending.After(text)), nil
}
