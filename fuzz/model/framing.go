package model

import "strings"

// A Voice is what a server takes for the end of a request, besides the ending that it
// is known to understand.
type Voice struct {
	Bare    bool // nothing: one segment is one request (FRM-2)
	LineEnd bool // CR LF or LF (section 19, c)
}

// A Framing is how far a connection has come in sending requests (section 7). The zero
// value is a new connection.
type Framing struct {
	Stream bool   // a line end was sent: only line ends count from now on
	Held   string // a request that was begun and not ended
	Lost   bool   // nobody can tell what a server makes of this connection
}

// Feed cuts a segment into the requests that it ends, in the order in which they are
// answered. In lock-step it must be sent when all before it are.
func (f Framing) Feed(segment string, v Voice) (Framing, []string) {
	switch end := strings.IndexAny(segment, "\n\x00"); {
	case f.Lost || segment == "":
		return f, nil
	case f.Stream:
		return f.lines(segment)
	case end < 0 && v.Bare:
		return f, []string{segment}
	case end < 0:
		return Framing{Lost: true}, nil // perhaps it waits for an end
	case segment[end] == 0:
		return f, []string{strings.TrimSuffix(segment[:end], "\r")} // what follows is padding (FRM-3)
	case !v.LineEnd || end != len(segment)-1:
		// Two requests in one segment are two once a first was answered (FRM-4).
		return Framing{Lost: true}, nil
	}
	f.Stream = true
	return f.lines(segment)
}

func (f Framing) lines(segment string) (Framing, []string) {
	lines := strings.Split(f.Held+segment, "\n")
	f.Held = lines[len(lines)-1]
	lines = lines[:len(lines)-1]
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return f, lines
}
