package transcript

import (
	"fmt"
	"strings"
)

// String gives the event as a line of the notation, every byte visible.
func (e Event) String() string {
	switch e.Kind {
	case Sent:
		return e.Who + " > " + Visible(e.Bytes)
	case Received:
		return e.Who + " < " + Visible(e.Bytes)
	case Ended:
		return e.Who + " < (closed)"
	case Reset:
		return e.Who + " < (closed) by a reset"
	case Act:
		return e.Text
	}
	return "# " + e.Text
}

// String gives the conversation, a line an event.
func (t Transcript) String() string {
	var b strings.Builder
	for _, e := range t {
		b.WriteString(e.String() + "\n")
	}
	return b.String()
}

// Visible shows bytes as text in which each control byte is an escape, and runs
// of NUL are counted: `100 OK\r\n`, `Bye\0*1021`. A star or a digit behind a NUL is an
// escape too, so that no two texts look alike.
func Visible(data []byte) string {
	var b strings.Builder
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == 0:
			n := 1
			for i+n < len(data) && data[i+n] == 0 {
				n++
			}
			b.WriteString(`\0`)
			if n > 1 {
				fmt.Fprintf(&b, "*%d", n)
			}
			i += n - 1
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\':
			b.WriteString(`\\`)
		case c < 0x20 || c >= 0x7f || i > 0 && data[i-1] == 0 && (c == '*' || '0' <= c && c <= '9'):
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
