package page

// An Ink is how a piece of text is painted: the parameters of one escape sequence.
type Ink string

// The inks. Meaning never rests on them alone: every line says the same without.
const (
	Plain  Ink = ""
	Bold   Ink = "1"
	Dim    Ink = "2"
	Red    Ink = "31"
	Green  Ink = "32"
	Yellow Ink = "33"
	Alarm  Ink = "1;31" // bold and red
)

// Paint gives text in an ink, or as it is on a page without colour.
func (p *Page) Paint(ink Ink, text string) string {
	if !p.Colour || ink == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(ink) + "m" + text + "\x1b[0m"
}
