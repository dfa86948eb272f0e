package report

import (
	"fmt"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/conformance/transcript"
)

// A conversation is shown as commands if it has no more than so many messages.
const byHandMessages = 10

// byHand writes how to see the same with printf and nc alone: a line for each client,
// to be pasted into a shell. What nc cannot do, such as a reset, has none.
func byHand(p *page.Page, r conformance.Result) {
	speakers, ok := speakersOf(r.Transcript)
	if !ok {
		return
	}
	var rows []string
	for i, s := range speakers {
		words := s.words()
		if s.judged {
			words = append(words, "|", "od", "-c")
		}
		if i < len(speakers)-1 {
			words = append(words, "&")
		}
		lines, isWhole := commandLines(words, p.Room(indent))
		if !isWhole {
			return
		}
		rows = append(rows, lines...)
	}
	field(p, "by hand", "start your server on port 8888, and paste into another terminal:")
	for _, row := range rows {
		labelled(p, "", row)
	}
}

// A speaker is one client: what it sends, and in which second.
type speaker struct {
	who    string
	says   []string // as printf takes it
	at     []int
	until  int // when it may go
	judged bool
}

// speakersOf divides a conversation among its clients, up to the wrong line. Each
// message has a second to itself, which is the order of the conversation.
func speakersOf(t transcript.Transcript) (speakers []*speaker, ok bool) {
	of := map[string]*speaker{}
	second := 0
	for _, e := range t {
		s := of[e.Who]
		if s == nil && e.Who != "server" {
			s = &speaker{who: e.Who}
			of[e.Who], speakers = s, append(speakers, s)
		}
		switch e.Kind {
		case transcript.Sent:
			if len(e.Bytes) >= transcript.MaxBytes {
				return nil, false
			}
			s.says, s.at = append(s.says, formatted(e.Bytes)), append(s.at, second)
			second++
		case transcript.Act:
			if e.Text != e.Who+" connects" {
				return nil, false
			}
		}
		if e.Wrong {
			s.judged = true
			break
		}
	}
	for _, s := range speakers {
		s.until = second + 1
	}
	return speakers, second > 0 && second <= byHandMessages
}

// words are the command of one client, before they are broken into lines.
func (s *speaker) words() []string {
	words, now := []string{}, 0
	for i, text := range s.says {
		if wait := s.at[i] - now; wait > 0 {
			words = append(words, "sleep", fmt.Sprintf("%d;", wait))
			now += wait
		}
		words = append(words, "printf", "'"+text+"';")
	}
	words = append(words, "sleep", fmt.Sprintf("%d)", s.until-now), "|", "nc", "127.0.0.1", "8888")
	words[0] = "(" + words[0]
	return words
}

// formatted gives bytes as the format of printf(1) within single quotes.
func formatted(data []byte) string {
	var b strings.Builder
	for _, c := range data {
		switch {
		case c == '%':
			b.WriteString("%%")
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c < 0x20 || c >= 0x7f || c == '\'':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// commandLines breaks a command between its words. One that has a word longer than a
// line can't be shown whole.
func commandLines(words []string, columns int) (lines []string, isWhole bool) {
	line := words[0]
	for _, word := range words[1:] {
		if page.Len(word) > columns-2 {
			return nil, false
		}
		if page.Len(line)+1+page.Len(word) <= columns-2 {
			line += " " + word
			continue
		}
		lines, line = append(lines, line+` \`), word
	}
	return append(lines, line), true
}
