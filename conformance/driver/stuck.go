package driver

import (
	"fmt"
	"strings"

	"paycheck/conformance/target"
)

// A StuckError says that an operation could not be performed: at which step, what the
// client did in place of wanting its line, and what the screen showed.
type StuckError struct {
	Driver string
	Op     Op  // empty: after the start, or a line of the caller's
	Step   int // from 1
	Wait   string
	Type   string // filled in
	State  target.State
	Death  target.Death // if it has ended
	Screen string
	Err    error // that of the context, or of typing; nil: it was waited for long enough
}

func (e *StuckError) Error() string {
	where := "a line"
	if e.Op != "" {
		where = fmt.Sprintf("%s, step %d", e.Op, e.Step)
	} else if e.Step > 0 {
		where = fmt.Sprintf("start, step %d", e.Step)
	}
	text := fmt.Sprintf("%s: %q could not be typed: ", where, e.Type)
	switch {
	case e.State.Doing == target.HasEnded:
		text += "the client has ended: " + e.Death.String()
	case e.State.Unread:
		text += fmt.Sprintf("the client %s and has not read the line before", e.State.Doing)
	case e.State.Doing == target.WantsLine && e.Wait != "":
		text += fmt.Sprintf("the client waits for a line, and its screen does not match %q", e.Wait)
	case e.State.Doing == "":
		text += "the client was not at rest"
	default:
		text += "the client " + string(e.State.Doing)
	}
	if last := lastLine(e.Screen); last != "" {
		text += fmt.Sprintf("; the screen ends in %q", last)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *StuckError) Unwrap() error { return e.Err }

func lastLine(text string) string {
	text = strings.TrimRight(text, " \n")
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}
