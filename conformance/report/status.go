package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
)

// A Status shows how far a run is: on a terminal one line that is written over
// and over and leaves no trace, elsewhere a plain line at each quarter.
type Status struct {
	Out     io.Writer
	Live    bool // Out is a terminal
	Columns int  // at most so many; 0: [page.Width]
	Colour  bool
	failed  []string // the IDs, each once
	quarter int
}

// Begin shows that something is under way before the first result.
func (s *Status) Begin(text string) {
	if s.Live {
		s.rewrite(text)
	}
}

// Step shows one more result.
func (s *Status) Step(step conformance.Progress) {
	id := step.Result.Check.Requirement.ID
	if step.Result.Verdict() == conformance.Fail && !slices.Contains(s.failed, id) {
		s.failed = append(s.failed, id)
	}
	text := fmt.Sprintf("%d of %s done", step.Done, page.Count(step.Total, "check"))
	if len(s.failed) > 0 {
		p := page.Page{Colour: s.Colour}
		text += ", " + p.Paint(page.Red, fmt.Sprintf("%d failed", len(s.failed))) + ": " + strings.Join(s.failed, ", ")
	}
	if s.Live {
		s.rewrite(text)
		return
	}
	if quarter := 4 * step.Done / max(step.Total, 1); quarter > s.quarter && step.Done < step.Total {
		s.quarter = quarter
		s.write(s.cut(text) + "\n")
	}
}

// End takes the line away.
func (s *Status) End() {
	if s.Live {
		s.write("\r\x1b[K")
	}
}

func (s *Status) rewrite(text string) { s.write("\r\x1b[K" + s.cut(text)) }

// write drops its error: the report comes after, and says if nothing can be shown.
func (s *Status) write(text string) { _, _ = io.WriteString(s.Out, text) }

// cut keeps a column free: a full line would wrap, and could not be written over.
func (s *Status) cut(text string) string {
	columns := s.Columns
	if columns == 0 {
		columns = page.Width
	}
	return page.Cut(text, columns-1)
}
