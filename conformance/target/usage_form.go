package target

import (
	"regexp"
	"slices"
	"strings"
)

var (
	usageLine = regexp.MustCompile(`(?i)\busage\b\s*:?|\x{7528}\x{6cd5}\s*[:\x{ff1a}]?`)
	wordPort  = regexp.MustCompile(`(?i)port`)
	wordHost  = regexp.MustCompile(`(?i)^(ip|.*addr.*|.*host.*|.*_ip|server)$`)
	wordLimit = regexp.MustCompile(`(?i)limit|max|thread|worker|pool|client|conn|num|count|size|^[nkN]$`)
)

// formsIn reads forms from what a program says of its usage, such as
//
//	usage: ./server <port> [-d|-s|-a]
//
// with what is optional, and without. A usage with a word that is not known gives
// none.
func formsIn(lines []string) [][]string {
	var all [][]string
	for i, line := range lines {
		at := usageLine.FindStringIndex(line)
		if at == nil {
			continue
		}
		words := usageWords(line[at[1]:])
		if len(words) < 2 && i+1 < len(lines) {
			words = usageWords(lines[i+1]) // the command stands in a line of its own
		}
		if len(words) == 0 {
			continue
		}
		for _, whole := range []bool{true, false} {
			form, ok := formOf(words[1:], whole)
			if ok && !slices.ContainsFunc(all, func(f []string) bool { return slices.Equal(f, form) }) {
				all = append(all, form)
			}
		}
	}
	return all
}

// A usageWord is one word of a usage text.
type usageWord struct {
	text     string
	optional bool // in square brackets
}

func usageWords(text string) []usageWord {
	var words []usageWord
	depth := 0
	for _, field := range strings.Fields(strings.NewReplacer("[", " [ ", "]", " ] ").Replace(text)) {
		switch field {
		case "[":
			depth++
			continue
		case "]":
			depth--
			continue
		}
		if field = strings.Trim(field, "<>(){}'\"`,;.:"); field != "" && field != "|" {
			words = append(words, usageWord{field, depth > 0})
		}
	}
	return words
}

// formOf turns the words behind the program's name into arguments.
func formOf(words []usageWord, whole bool) ([]string, bool) {
	var form []string
	hasPort := false
	for i, w := range words {
		if w.optional && !whole {
			continue
		}
		choices := strings.FieldsFunc(w.text, func(c rune) bool { return c == '|' || c == '/' })
		switch {
		case len(choices) == 0:
			return nil, false
		case strings.HasPrefix(choices[0], "-"):
			flag := choices[0]
			if slices.Contains(choices, "-a") {
				flag = "-a" // all messages, in the manner of the course's own server
			}
			if w.optional && i+1 < len(words) && words[i+1].optional && !known(words[i+1].text) {
				continue // a flag with a value that nobody can guess
			}
			form = append(form, flag)
		case wordPort.MatchString(w.text):
			form, hasPort = append(form, portHole), true
		case wordLimit.MatchString(w.text):
			form = append(form, limitHole)
		case wordHost.MatchString(w.text):
			form = append(form, "127.0.0.1")
		case !w.optional:
			return nil, false
		}
	}
	return form, hasPort
}

func known(word string) bool {
	return strings.HasPrefix(word, "-") || wordPort.MatchString(word) || wordLimit.MatchString(word) || wordHost.MatchString(word)
}

// SaysLimit reports whether a program's usage text names a limit.
func SaysLimit(lines []string) bool {
	return slices.ContainsFunc(formsIn(lines), func(form []string) bool { return slices.Contains(form, limitHole) })
}
