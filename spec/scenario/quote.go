package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// parseSegments reads one or more quoted texts with Go escapes and holes.
func parseSegments(text string, actors map[string]bool) ([]Template, error) {
	var segments []Template
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%s: a segment is a quoted text", text)
		}
		raw, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", quoted, err)
		}
		segment, err := parseTemplate(raw, actors)
		if err != nil {
			return nil, err
		}
		segments = append(segments, segment)
		text = text[len(quoted):]
	}
	if len(segments) == 0 {
		return nil, fmt.Errorf("sends what? quote each segment")
	}
	return segments, nil
}

// quote gives a segment back, holes as they are and every other byte visible.
func quote(t Template) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, p := range t {
		switch p.Hole {
		case Literal:
			// A brace of its own would read as a hole: write it as one.
			b.WriteString(strings.ReplaceAll(escape(p.Text), "{", "{{*1}"))
		case Repeat:
			p.Text = escape(p.Text)
			b.WriteString(p.String())
		default:
			b.WriteString(p.String())
		}
	}
	b.WriteByte('"')
	return b.String()
}

func escape(text string) string {
	q := strconv.QuoteToASCII(text)
	return q[1 : len(q)-1]
}
