package wire

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"paycheck/spec/edition"
)

// A Line is one line of a reply, with what ended it.
type Line struct {
	Text string
	End  string // "\r\n", "\n", "\x00", or empty: nothing has ended it yet
	Stop int    // offset behind its ending, in the bytes it was cut from
}

// Lines cuts bytes into lines. CR, LF and NUL before a line are skipped: they are
// padding, or the late ending of the line before. The form of endings is judged
// from the raw bytes, not from here.
func Lines(data []byte) []Line {
	var lines []Line
	for at := 0; ; {
		for at < len(data) && (data[at] == '\r' || data[at] == '\n' || data[at] == 0) {
			at++
		}
		if at == len(data) {
			return lines
		}
		n := bytes.IndexAny(data[at:], "\n\x00")
		if n < 0 {
			return append(lines, Line{Text: string(data[at:]), Stop: len(data)})
		}
		l := Line{Text: string(data[at : at+n]), End: string(data[at+n : at+n+1]), Stop: at + n + 1}
		if text, ok := strings.CutSuffix(l.Text, "\r"); ok {
			l.Text = text
			if l.End == "\n" {
				l.End = "\r\n"
			}
		}
		lines = append(lines, l)
		at = l.Stop
	}
}

var (
	number    = regexp.MustCompile(`-?[0-9]+`)
	entryForm = regexp.MustCompile(`^([^#\s]+)#([^#\s]+)#([0-9]+)\s*$`)
	codeForm  = regexp.MustCompile(`^[0-9]{3}[ #][A-Za-z]`)
	unasked   = regexp.MustCompile(`(?i)transfer|transac|payment|\bpaid\b|\bpays?\b`)
	balance   = regexp.MustCompile(`(?i)balance`)
)

// OneNumber finds the only number in a line; exact says that the line is nothing else.
func OneNumber(text string) (n int64, exact, ok bool) {
	found := number.FindAllString(text, 2)
	if len(found) != 1 {
		return 0, false, false
	}
	n, err := strconv.ParseInt(found[0], 10, 64)
	return n, found[0] == strings.TrimRight(text, " "), err == nil
}

// Unasked reports whether a line reads like the news of a payment, which may come
// before or after any reply.
func Unasked(text string) bool { return unasked.MatchString(text) }

// Begun is how many bytes at the end of data begin the news of a payment whose rest is
// still to come.
func Begun(data []byte) int {
	text := string(data[bytes.LastIndexByte(data, '\n')+1:])
	for _, notice := range []string{edition.TransferOK, edition.TransferFail} {
		if len(text) < len(notice) && strings.HasPrefix(notice, text) {
			return len(text)
		}
	}
	return 0
}

// news is Unasked of a line that a list may follow: it can name the amount, and the
// balance can be worded too.
func news(text string) bool {
	return Unasked(text) && !(beginsList(text) && balance.MatchString(text))
}

// Means reports whether a reply line says what the text says, whatever stands behind.
func Means(line, text string) bool {
	rest, ok := strings.CutPrefix(strings.TrimRight(line, " "), text)
	return ok && (rest == "" || rest[0] == ' ')
}
