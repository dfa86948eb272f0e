package report

import (
	"regexp"
	"strings"

	"paycheck/conformance/report/page"
)

// plainWord is what a shell takes as it is. Braces count: {port} holds no comma.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+{}\-]+$`)

// quoted gives a word as a shell reads it back.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// again writes the command that runs the checks of one requirement alone. It can
// be copied: a line that goes on ends in a backslash, also inside a word that is
// longer than a line, and then everything begins at the left edge.
func again(p *page.Page, t *topic, v View) {
	if len(v.Again) == 0 {
		return
	}
	room, label := p.Room(indent), "again"
	words := append(append([]string(nil), v.Again...), "--only", t.ID, "-v")
	lines, isWhole := shellLines(words, room)
	if !isWhole {
		labelled(p, label, "")
		lines, _ = shellLines(words, p.Room(0))
	}
	for _, line := range lines {
		if isWhole {
			labelled(p, label, page.Clean(line))
		} else {
			p.Line(page.Clean(line))
		}
		label = ""
	}
}

// shellLines breaks a command into lines, and says whether every word stayed whole.
func shellLines(words []string, columns int) (lines []string, isWhole bool) {
	line, isWhole := "", true
	for _, word := range words {
		text := quoted(word)
		switch {
		case line == "":
		case page.Len(line)+1+page.Len(text) <= columns-2:
			line += " " + text
			continue
		default:
			lines = append(lines, line+` \`)
		}
		for page.Len(text) > columns-2 {
			isWhole = false
			head := []rune(word)[:(columns-4)/4] // a quoted character takes up to four
			word = string([]rune(word)[len(head):])
			lines, text = append(lines, quoted(string(head))+`\`), quoted(word)
		}
		line = text
	}
	return append(lines, line), isWhole
}
