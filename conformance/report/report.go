// Package report shows a [conformance.Run]: [Text] for a person at a terminal,
// [NewDocument] as JSON, [JUnit] for continuous integration. A [Status] and a
// [Stream] show it while it runs.
//
// Each is a function of the run and of how to show it. None decides anything:
// what a result means is its Verdict, and what a gate rests on is asked of the
// [conformance.Gate].
package report

import (
	"paycheck/conformance"
	"paycheck/conformance/hint"
	"paycheck/conformance/report/page"
)

// A View is how a run is shown.
type View struct {
	Columns int              // at most so many; 0: [page.Width]
	Colour  bool             // paint, on a terminal
	Verbose bool             // every check with its conversation
	Gate    conformance.Gate // what the exit code rests on
	Only    []string         // the selection, empty: everything
	Again   []string         // the words of the command that ran, without its selection
	Hints   hint.Language    // what is usually the cause is said in it; empty: English
}

func (v View) page() *page.Page { return &page.Page{Columns: v.Columns, Colour: v.Colour} }

// Text gives the whole report: what was judged, how far the program has come,
// what fails and why, what could not be judged, and in the last line the verdict.
func Text(run conformance.Run, v View) string {
	p := v.page()
	topics := topicsOf(run.Results)
	header(p, run, v)
	if v.Verbose {
		everything(p, run.Results)
	}
	ladder(p, topics, v)
	failures(p, topics, v)
	unjudged(p, topics)
	warnings(p, topics, v)
	accepted(p, topics, v)
	skipped(p, topics)
	closing(p, run, topics, v)
	return p.String()
}
