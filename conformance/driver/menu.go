package driver

import (
	"regexp"
	"slices"
	"strings"
)

// An entry is what a screen offers: what to type, what has to stand behind it on the
// same line, and what it is said to do.
type entry struct {
	key   string
	args  []string // as the screen calls them
	label string
}

// The forms of entries, in the order in which they are looked for. Each has a group for
// the key and one for the label.
var (
	inside   = regexp.MustCompile(`[(\[]([A-Za-z])[)\]]([a-z]+(?: [a-z]+)?)`) // (R)egister
	bracket  = regexp.MustCompile(`(?:^|[\s,])[(\[{<]?([0-9]{1,2}|[A-Za-z])[)\]}>.:](?:[ \t]*[-:=]+>?)?[ \t]*([A-Za-z][^\n]*?)(?:[ \t]{2}|[,;]|\n|$)`)
	worded   = regexp.MustCompile(`[(\[{<]([A-Za-z]{2,})[)\]}>][ \t]*[-:=]*[ \t]*([A-Za-z][^\n]*)`) // [EXIT] Log out
	quotedTo = regexp.MustCompile(`['"\x60]?\b([A-Za-z]+|[0-9]{1,2})\b['"\x60]?,? (?:to|for|=) ([A-Za-z][A-Za-z ]*)`)
	usage    = regexp.MustCompile(`(?m)(?:^|usage:|:)[ \t]*([A-Za-z]+)((?:[ \t]+[<\[{][^>\]}\n]+[>\]}])+)[ \t]*([^\n]*)$`)
	spaced   = regexp.MustCompile(`(?m)^[ \t]*([A-Za-z]+|[0-9]{1,2})(?:[ \t]*[-:=]+>?[ \t]+|[ \t]{2,}|\t+)([A-Za-z][^\n]*)$`)
	numbered = regexp.MustCompile(`(?m)^[ \t]*([0-9]{1,2})[ \t]+([A-Za-z][^\n]*)$`)
	listed   = regexp.MustCompile(`[(\[{:]\s*((?:[A-Za-z]+\s*[,/|]\s*(?:or )?)+[A-Za-z]+)\s*[)\]}?:]?`)
	lonely   = regexp.MustCompile(`(?m)^[ \t]*[-*]?[ \t]*([A-Za-z]+)[ \t]*$`)
	argument = regexp.MustCompile(`[<\[{]([^>\]}\n]+)[>\]}]`)
)

// entries takes a screen apart.
func entries(text string) []entry {
	var found []entry
	for _, form := range []*regexp.Regexp{inside, bracket, worded, quotedTo, spaced, numbered} {
		for _, m := range form.FindAllStringSubmatch(doubled(form, text), -1) {
			label := m[2]
			if form == inside {
				label = m[1] + m[2]
			}
			if argument.MatchString(label) {
				continue // a usage
			}
			found = append(found, entry{key: m[1], label: label})
		}
	}
	for _, m := range usage.FindAllStringSubmatch(text, -1) {
		e := entry{key: m[1], label: m[3]}
		for _, a := range argument.FindAllStringSubmatch(m[2], -1) {
			e.args = append(e.args, a[1])
		}
		found = append(found, e)
	}
	for _, m := range listed.FindAllStringSubmatch(text, -1) {
		for word := range strings.FieldsFuncSeq(m[1], func(c rune) bool { return strings.ContainsRune(" ,/|\n", c) }) {
			found = append(found, entry{key: word})
		}
	}
	for _, m := range lonely.FindAllStringSubmatch(text, -1) {
		found = append(found, entry{key: m[1]})
	}
	return found
}

// doubled doubles what parts entries on a line: one match uses up what stands before the
// next.
func doubled(form *regexp.Regexp, text string) string {
	if form != bracket {
		return text
	}
	return strings.NewReplacer("\n", "\n\n", "  ", "    ", ", ", ",, ").Replace(text)
}

// op is the operation that an entry stands for; empty: none that is known. The word
// that comes first counts: "List account balance".
func (e entry) op() Op {
	text := e.label
	if len(e.key) > 1 {
		text = e.key + " " + e.label
	}
	return opOf(text)
}

// choices gives the entries of a screen for an operation, the likeliest first.
func choices(text string, op Op) (found []entry) {
	for _, e := range entries(text) {
		same := func(o entry) bool { return o.key == e.key && slices.Equal(o.args, e.args) }
		if e.op() == op && !slices.ContainsFunc(found, same) {
			found = append(found, e)
		}
	}
	return found
}

// isMenu reports whether a screen offers several operations.
func isMenu(text string) bool {
	seen := map[Op]bool{}
	for _, e := range entries(text) {
		if op := e.op(); op != "" {
			seen[op] = true
		}
	}
	return len(seen) > 1
}
