package report

import (
	"cmp"
	"slices"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/hint"
	"paycheck/conformance/report/page"
	"paycheck/spec"
)

// failures writes an entry for each requirement that failed, the first cause first.
func failures(p *page.Page, topics []*topic, v View) {
	for _, t := range byCause(of(topics, conformance.Fail)) {
		p.Rule()
		entry(p, t, v)
		p.Blank()
	}
}

// entry shows one failure whole: what is asked, what was said, what was wrong, what
// the program was doing, what is usually the cause and how to see it again.
func entry(p *page.Page, t *topic, v View) {
	shown := best(t.with(t.verdict))
	title(p, t, page.Alarm, "FAIL")
	p.Blank()
	p.Para("  ", page.Clean(t.Sentence))
	field(p, "basis", page.Clean(t.Basis))
	p.Blank()
	p.Para("  "+p.Paint(page.Dim, shown.Check.Name()+" "), p.Paint(page.Bold, page.Clean(shown.Check.Title)))
	p.Blank()
	if len(shown.Transcript) > 0 {
		excerpt(p, shown)
		p.Blank()
	}
	finding(p, shown)
	alsoFailed(p, t, shown)
	p.Blank()
	if !likely(p, shown, v) {
		pitfalls(p, t.Pitfalls)
	}
	byHand(p, shown)
	again(p, t, v)
	field(p, "more", "paycheck explain "+t.ID)
}

// likely writes what is probably the cause, if what was seen tells.
func likely(p *page.Page, r conformance.Result, v View) bool {
	e := hint.Evidence{Requirement: r.Check.Requirement.ID, Why: r.Why}
	if f := r.Finding; f != nil {
		e.Got, e.Stderr = f.Got, f.Stderr
		if f.Death != nil {
			e.Signal = f.Death.Signal
		}
	}
	text := hint.For(e, cmp.Or(v.Hints, hint.English))
	if text != "" {
		field(p, "likely", text)
	}
	return text != ""
}

// pitfalls writes how programs usually come to this.
func pitfalls(p *page.Page, all []string) {
	label := "usually"
	for _, text := range all {
		field(p, label, page.Clean(text))
		label = "or"
	}
}

func title(p *page.Page, t *topic, ink page.Ink, word string) {
	p.Line(p.Paint(ink, word) + "  " + p.Paint(page.Bold, t.ID) +
		p.Paint(page.Dim, "  "+string(t.Level)+", "+string(t.Mark)+", "+page.Clean(heading(t.Requirement))))
}

// heading names what a requirement is about as the ladder does.
func heading(q spec.Requirement) string {
	for _, r := range slices.Concat(rungs, clientRungs) {
		if r.has(q) {
			return r.name
		}
	}
	return q.Section
}

// alsoShown is how many further checks of one requirement an entry names.
const alsoShown = 3

func alsoFailed(p *page.Page, t *topic, shown conformance.Result) {
	var others []string
	for _, r := range t.with(t.verdict) {
		if r.Check.Number != shown.Check.Number {
			others = append(others, r.Check.Name()+" "+page.Clean(r.Check.Title))
		}
	}
	more := ""
	if len(others) > alsoShown {
		more = "\nand " + page.Count(len(others)-alsoShown, "more check") + " of " + t.ID
		others = others[:alsoShown]
	}
	if len(others) > 0 {
		field(p, "also", strings.Join(others, "\n")+more)
	}
}
