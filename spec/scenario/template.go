package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A Template is text with holes, such as `{alice.port}` or `{n+100}`.
type Template []Part

// A Part is literal text or one hole.
type Part struct {
	Hole Hole
	Text string // Literal: the text; Name, Port, Address: the actor; Value: its name; Repeat: the character
	N    int64  // Value: what is added; Repeat: how often
	Plus string // Value: another value that is added
	Less string // Value: another value that is taken away
}

// A Hole says what fills a part of a template.
type Hole int

// The kinds of part.
const (
	Literal  Hole = iota
	Value         // {n} {n+100} {n+m}: captured at first use in an expectation, equal from then on
	Name          // {alice}: her fresh name
	Port          // {alice.port}: the port she gives at login
	Address       // {alice.ip}: the address she comes from
	Key           // {key}: the key line, where the edition has one
	End           // {end}: the request ending that the program is spoken to with
	Anything      // {_}: whatever comes, up to the end of the line
	Repeat        // {x*1024}: one character many times
)

// maxRepeat bounds {x*n}: sixteen times the longest request any requirement asks for.
const maxRepeat = 1 << 20

var (
	repeatHole = regexp.MustCompile(`^(.)\*([0-9]+)$`)
	valueHole  = regexp.MustCompile(`^([a-z][a-z0-9]*)(?:([+-])([0-9]+|[a-z][a-z0-9]*))?$`)
	actorHole  = regexp.MustCompile(`^([a-z][a-z0-9]*)\.(port|ip)$`)
)

// parseTemplate reads text with holes; actors tells a name from a value.
func parseTemplate(text string, actors map[string]bool) (Template, error) {
	var t Template
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			return append(t, Part{Text: text}), nil
		}
		if open > 0 {
			t = append(t, Part{Text: text[:open]})
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			return nil, fmt.Errorf("%q: a { without its }", text)
		}
		part, err := parseHole(text[open+1:open+end], actors)
		if err != nil {
			return nil, err
		}
		t = append(t, part)
		text = text[open+end+1:]
	}
	return t, nil
}

func parseHole(hole string, actors map[string]bool) (Part, error) {
	switch hole {
	case "_":
		return Part{Hole: Anything}, nil
	case "key":
		return Part{Hole: Key}, nil
	case "end":
		return Part{Hole: End}, nil
	}
	if m := repeatHole.FindStringSubmatch(hole); m != nil {
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil || n > maxRepeat {
			return Part{}, fmt.Errorf("{%s}: at most %d times", hole, maxRepeat)
		}
		return Part{Hole: Repeat, Text: m[1], N: n}, nil
	}
	if m := actorHole.FindStringSubmatch(hole); m != nil {
		if !actors[m[1]] {
			return Part{}, fmt.Errorf("{%s}: %s takes no part in this scenario", hole, m[1])
		}
		if m[2] == "port" {
			return Part{Hole: Port, Text: m[1]}, nil
		}
		return Part{Hole: Address, Text: m[1]}, nil
	}
	m := valueHole.FindStringSubmatch(hole)
	if m == nil {
		return Part{}, fmt.Errorf("{%s} is no hole that the notation knows", hole)
	}
	if actors[m[1]] {
		if m[2] != "" {
			return Part{}, fmt.Errorf("{%s}: %s is a client, not a number", hole, m[1])
		}
		return Part{Hole: Name, Text: m[1]}, nil
	}
	part := Part{Hole: Value, Text: m[1]}
	sign, term := m[2], m[3]
	n, err := strconv.ParseInt(sign+term, 10, 64)
	switch {
	case sign == "":
	case err == nil:
		part.N = n
	case term[0] >= '0' && term[0] <= '9':
		return Part{}, fmt.Errorf("{%s}: %w", hole, err)
	case actors[term]:
		return Part{}, fmt.Errorf("{%s}: %s is a client, not a number", hole, term)
	case sign == "+":
		part.Plus = term
	default:
		part.Less = term
	}
	return part, nil
}

// String gives the part in the notation.
func (p Part) String() string {
	switch p.Hole {
	case Value:
		switch {
		case p.N != 0:
			return fmt.Sprintf("{%s%+d}", p.Text, p.N)
		case p.Plus != "":
			return fmt.Sprintf("{%s+%s}", p.Text, p.Plus)
		case p.Less != "":
			return fmt.Sprintf("{%s-%s}", p.Text, p.Less)
		}
		return "{" + p.Text + "}"
	case Name:
		return "{" + p.Text + "}"
	case Port:
		return "{" + p.Text + ".port}"
	case Address:
		return "{" + p.Text + ".ip}"
	case Key:
		return "{key}"
	case End:
		return "{end}"
	case Anything:
		return "{_}"
	case Repeat:
		return fmt.Sprintf("{%s*%d}", p.Text, p.N)
	}
	return p.Text
}

// String gives the template in the notation.
func (t Template) String() string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.String())
	}
	return b.String()
}

// IsKey reports whether the template is the key line, which some editions lack.
func (t Template) IsKey() bool { return len(t) == 1 && t[0].Hole == Key }
