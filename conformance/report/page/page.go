// Package page lays out plain text for a terminal: words wrapped at a width, byte
// strings shown and cut, and colour where it is wanted.
//
// A [Page] collects lines. An [Ink] paints a piece of text before it is laid out;
// paint takes no room. Text from outside goes through [Clean] first, so that a
// program under test cannot speak to the terminal.
package page

import "strings"

// Width is how many columns a page has where nothing else is said.
const Width = 80

// A Page collects lines that fit Columns. The zero value has [Width] columns and
// no colour.
type Page struct {
	Columns int
	Colour  bool
	b       strings.Builder
}

// String gives what was written so far.
func (p *Page) String() string { return p.b.String() }

func (p *Page) columns() int {
	if p.Columns > 0 {
		return p.Columns
	}
	return Width
}

// Room is how many columns are left after an indent.
func (p *Page) Room(indent int) int { return max(p.columns()-indent, 8) }

// Blank writes an empty line, unless nothing or an empty line comes before it.
func (p *Page) Blank() {
	if text := p.b.String(); text != "" && !strings.HasSuffix(text, "\n\n") {
		p.b.WriteByte('\n')
	}
}

// Line writes one line as it is, cut at the right edge with `...`.
func (p *Page) Line(text string) {
	p.b.WriteString(strings.TrimRight(Cut(text, p.columns()), " ") + "\n")
}

// Para writes text after lead, wrapped; later lines stand under the first word.
// A line break in text begins a new line there.
func (p *Page) Para(lead, text string) {
	room := p.Room(Len(lead))
	indent := strings.Repeat(" ", Len(lead))
	for text := range strings.SplitSeq(text, "\n") {
		for _, line := range Wrap(text, room) {
			p.b.WriteString(strings.TrimRight(lead+line, " ") + "\n")
			lead = indent
		}
	}
}

// Rule writes a line across the page.
func (p *Page) Rule() { p.b.WriteString(p.Paint(Dim, strings.Repeat("-", p.columns())) + "\n") }
