package target

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What a prompt asks for. Prompts are in English, or in Chinese as the course is.
var (
	asksYesNo   = regexp.MustCompile(`(?i)\(?\[?\by(es)?\s*(/|\||or|,)\s*n(o)?\b`)
	asksPort    = regexp.MustCompile(`(?i)\bports?\b|portno|port_|\x{57e0}|\x{7aef}\x{53e3}`)
	asksAddress = regexp.MustCompile(`(?i)\bip\b|\bhost|\baddress|\x{4f4d}\x{5740}`)
	asksLimit   = regexp.MustCompile(`(?i)limit|max|how many|number of|thread|worker|pool|client|connection|\x{4e0a}\x{9650}|\x{4eba}\x{6578}|\x{6700}\x{5927}`)
	asksEnter   = regexp.MustCompile(`(?i)press (enter|return|any key)`)
	asksSecret  = regexp.MustCompile(`(?i)encrypt|\btls\b|\bssl\b|secure|default port`) // no is the answer that helps
)

// answers is how often a program is answered before it is given up.
const answers = 8

// A reader answers prompts by their text. It gives the port a number of its own, so
// that the number that the program listens on tells where it came from.
type reader struct {
	port int
	said []string // as templates
	last string   // the prompt before
	same int      // how often it came in a row
}

func (r *reader) sure() bool { return false }

func (r *reader) next(prompt string) (string, bool) {
	if len(r.said) == answers {
		return "", false
	}
	prompt = lastLine(prompt)
	if r.same++; prompt != r.last || len(r.said) == 0 {
		r.same = 0
	}
	r.last = prompt
	choices := answersTo(prompt)
	say := choices[min(r.same, len(choices)-1)]
	r.said = append(r.said, say)
	return strings.NewReplacer(portHole, strconv.Itoa(r.port), limitHole, strconv.Itoa(GuessLimit)).Replace(say), true
}

// answersTo gives what is answered to a prompt, and what if it comes again. Most of
// what is asked is the port, so a prompt that says nothing is taken for that; one
// that stays in the program's buffer says nothing either.
func answersTo(prompt string) []string {
	other := []string{portHole, limitHole, "y", "n", ""}
	first := ""
	switch {
	case asksSecret.MatchString(prompt) && asksYesNo.MatchString(prompt):
		return []string{"n", "y"}
	case asksYesNo.MatchString(prompt):
		return []string{"y", "n"}
	case asksEnter.MatchString(prompt):
		first = ""
	case asksPort.MatchString(prompt):
		first = portHole
	case asksAddress.MatchString(prompt):
		return append([]string{"127.0.0.1"}, other...)
	case asksLimit.MatchString(prompt):
		first = limitHole
	default:
		return other
	}
	i := slices.Index(other, first)
	return append([]string{first}, slices.Delete(slices.Clone(other), i, i+1)...)
}

// lastLine is the last line of a text that is not empty.
func lastLine(text string) string {
	lines := strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\r' || c == 0 })
	for _, line := range slices.Backward(lines) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}
