package report

import (
	"fmt"
	"strconv"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
)

// indent is where the second column of the report begins.
const indent = 13

// shownHash is how many columns a hash takes; the JSON report has it whole.
const shownHash = 19

// field writes a label and its text in the second column.
func field(p *page.Page, label, text string) {
	p.Para("  "+p.Paint(page.Dim, label)+strings.Repeat(" ", max(indent-2-page.Len(label), 1)), text)
}

func header(p *page.Page, run conformance.Run, v View) {
	p.Line(p.Paint(page.Bold, "paycheck judges "+page.Clean(run.Program)))
	p.Blank()
	if run.Recipe != "" {
		field(p, "started as", page.Clean(run.Recipe))
	}
	if run.SHA256 != "" {
		field(p, "sha256", page.Cut(page.Clean(run.SHA256), shownHash))
	}
	if run.Dialect != "" {
		field(p, "speaks", page.Brief(run.Dialect))
	}
	field(p, "edition", page.Clean(run.Edition))
	field(p, "seed", strconv.FormatUint(run.Seed, 10))
	if run.Scale != 0 && run.Scale != 1 {
		field(p, "time", fmt.Sprintf("every bound is %g times as long as the text has it", run.Scale))
	}
	if len(v.Only) > 0 {
		field(p, "only", page.Clean(strings.Join(v.Only, ", ")))
	}
	if run.Incomplete {
		field(p, "note", p.Paint(page.Yellow, "This run was interrupted: not every check was judged."))
	}
	for _, note := range run.Notes {
		field(p, "note", page.Brief(note))
	}
	p.Blank()
}
