package page

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Clean makes each control character of text, each byte that is no UTF-8 and each
// invisible character an escape, so that the text is what it looks like.
func Clean(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\t':
			b.WriteByte(' ')
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// brief is how many characters of a text from outside are shown.
const brief = 400

// Brief is [Clean] for a text of unknown length, in which line breaks are meant:
// what is beyond some lines is left out and counted.
func Brief(text string) string {
	all := []rune(text)
	left := ""
	if len(all) > brief {
		left = "... (" + Count(len(all)-brief, "character") + " left out)"
		text = string(all[:brief])
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Clean(line)
	}
	return strings.Join(lines, "\n") + left
}

// Len is how many columns text takes: paint takes none, an East Asian character two.
func Len(text string) int {
	n := 0
	for _, piece := range pieces(text) {
		n += piece.columns
	}
	return n
}

// A piece is one character, or one escape sequence of an [Ink].
type piece struct {
	text    string
	columns int
}

func pieces(text string) []piece {
	var all []piece
	for text != "" {
		if strings.HasPrefix(text, "\x1b[") {
			if end := strings.IndexByte(text, 'm'); end > 0 {
				all = append(all, piece{text: text[:end+1]})
				text = text[end+1:]
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(text)
		all = append(all, piece{text: text[:size], columns: columnsOf(r)})
		text = text[size:]
	}
	return all
}

func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r < 0x1100: // nothing below Hangul Jamo is wide
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// split cuts text where it has filled columns, paint belonging to what follows it.
func split(text string, columns int) (head, tail string) {
	taken := 0
	for i, p := range pieces(text) {
		if taken+p.columns > columns && i > 0 {
			return head, text[len(head):]
		}
		taken += p.columns
		head += p.text
	}
	return head, ""
}

// Cut shortens text to columns; `...` stands for what is missing.
func Cut(text string, columns int) string {
	if Len(text) <= columns {
		return text
	}
	head, tail := split(text, max(columns-3, 1))
	head += "..."
	if strings.Contains(tail, "\x1b[0m") { // the paint must end here
		head += "\x1b[0m"
	}
	return head
}

// Wrap breaks text into lines of at most so many columns: between words, beside
// Chinese characters, and inside a word that is longer than a line. It gives at least
// one line.
func Wrap(text string, columns int) []string {
	var lines []string
	line, room := "", columns
	for _, a := range atoms(text) {
		gap := ""
		if a.spaced && line != "" {
			gap = " "
		}
		if n := Len(gap + a.text); line != "" && n <= room {
			line, room = line+gap+a.text, room-n
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		word := a.text
		for Len(word) > columns {
			var head string
			head, word = split(word, columns)
			lines = append(lines, head)
		}
		line, room = word, columns-Len(word)
	}
	return append(lines, line)
}

// An atom is what a line break does not part: a word, or a Chinese character with the
// punctuation that belongs to it.
type atom struct {
	text   string
	spaced bool // a space stands before it
}

// Punctuation that begins no line, and that ends none.
const (
	closing = "，。、；：？！）」』》…"
	opening = "（「『《"
)

func atoms(text string) (all []atom) {
	for word := range strings.FieldsSeq(text) {
		var last piece
		for i, p := range pieces(word) {
			beside := p.columns == 2 || last.columns == 2
			if i == 0 || beside && !strings.Contains(closing, p.text) && !strings.Contains(opening, last.text) {
				all = append(all, atom{p.text, i == 0})
			} else {
				all[len(all)-1].text += p.text
			}
			last = p
		}
	}
	return all
}

// Count gives a number with its noun: "1 check", "2 checks".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
