package report

import (
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/spec"
)

// A rung is one line of the ladder that a program climbs: a section, or some of its
// requirements.
type rung struct {
	prefix, name string
	ids          []string // empty: the whole section
}

// has reports whether a requirement stands on the rung.
func (r rung) has(q spec.Requirement) bool {
	return q.Section == r.prefix && (len(r.ids) == 0 || slices.Contains(r.ids, q.ID))
}

var rungs = []rung{
	{prefix: "REG", name: "register"},
	{prefix: "LOG", name: "login"},
	{prefix: "LST", name: "list"},
	{prefix: "EXT", name: "exit"},
	{prefix: "PAY", name: "pay"},
	{prefix: "CON", name: "many clients"},
	{prefix: "LIM", name: "limit"},
	{prefix: "VAN", name: "vanishing"},
	{prefix: "FRM", name: "framing"},
	{prefix: "OPS", name: "start and stop"},
	{prefix: "SEC", name: "secure"},
}

// clientRungs are those of a client, which has one section and several things to do.
var clientRungs = []rung{
	{"CLI", "connect", []string{"CLI-1", "CLI-2"}},
	{"CLI", "register", []string{"CLI-3", "CLI-10"}},
	{"CLI", "login", []string{"CLI-4", "CLI-5", "CLI-11"}},
	{"CLI", "list", []string{"CLI-6", "CLI-7", "CLI-8"}},
	{"CLI", "pay", []string{"CLI-12", "CLI-13", "CLI-16", "CLI-21"}},
	{"CLI", "be paid", []string{"CLI-14", "CLI-15", "CLI-23", "CLI-25"}},
	{"CLI", "read replies", []string{"CLI-9", "CLI-17", "CLI-20", "CLI-24"}},
	{"CLI", "menu and exit", []string{"CLI-18", "CLI-19", "CLI-22", "CLI-26"}},
}

// rungLine lays out the name of a rung and its two counts.
const rungLine = "%-16s%9s%11s"

// ladder writes how many requirements of each section hold, of those that apply,
// and which failure to mend first.
func ladder(p *page.Page, topics []*topic, v View) {
	if len(topics) == 0 {
		return
	}
	first := first(topics, v.Gate)
	p.Line(p.Paint(page.Dim, "   "+fmt.Sprintf(rungLine, "", "basic", "bonus")))
	both := sidesOf(topics)
	for _, role := range both {
		if len(both) > 1 {
			p.Line("   " + p.Paint(page.Dim, "the "+string(role)))
		}
		climb(p, ofSide(topics, role), first)
	}
	p.Blank()
	if first != nil {
		p.Para(p.Paint(page.Bold, "-> fix this first:  "), p.Paint(page.Bold, first.ID)+"  "+page.Clean(first.Sentence))
		p.Blank()
	}
}

// climb writes a line for each rung of one program.
func climb(p *page.Page, topics []*topic, first *topic) {
	for _, r := range rungsOf(topics) {
		var here []*topic
		for _, t := range topics {
			if r.has(t.Requirement) {
				here = append(here, t)
			}
		}
		if len(here) == 0 {
			continue
		}
		mark := "   "
		if slices.Contains(here, first) {
			mark = p.Paint(page.Bold, "-> ")
		}
		line := fmt.Sprintf(rungLine, r.name, share(here, spec.Basic), share(here, spec.Bonus))
		p.Line(mark + line + "   " + standing(p, here))
	}
}

// first gives the failure to mend first, of those that the gate rests on if there
// is one; nil if nothing failed.
func first(topics []*topic, gate conformance.Gate) *topic {
	failed := of(topics, conformance.Fail)
	if against := violating(topics, gate); len(against) > 0 {
		failed = against
	}
	if len(failed) == 0 {
		return nil
	}
	return byCause(failed)[0]
}

// violating gives the topics that make the gate say that a program does not conform.
func violating(topics []*topic, gate conformance.Gate) []*topic {
	var some []*topic
	for _, t := range topics {
		if gate.Exit(t.results) == conformance.ExitViolates {
			some = append(some, t)
		}
	}
	return some
}

// rungsOf adds a rung for each section that the ladder does not know.
func rungsOf(topics []*topic) []rung {
	all := slices.Concat(rungs, clientRungs)
	for _, t := range topics {
		if !slices.ContainsFunc(all, func(r rung) bool { return r.has(t.Requirement) }) {
			all = append(all, rung{prefix: t.Section, name: t.Section})
		}
	}
	return all
}

// share says "6 of 7": those that hold, of those of that mark that apply.
func share(topics []*topic, mark spec.Mark) string {
	hold, all := 0, 0
	for _, t := range topics {
		if t.Mark != mark || t.verdict == conformance.Skipped {
			continue
		}
		all++
		if t.verdict == conformance.Pass || t.verdict == conformance.Accepted {
			hold++
		}
	}
	if all == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d", hold, all)
}

// standing says in words what the counts of a rung leave open.
func standing(p *page.Page, topics []*topic) string {
	var words []string
	for _, kind := range []struct {
		verdict conformance.Verdict
		ink     page.Ink
		word    string
	}{
		{conformance.Fail, page.Red, "failed"},
		{conformance.Warn, page.Yellow, "to improve"},
		{conformance.BlockedBy, page.Plain, "blocked"},
		{conformance.NotJudged, page.Plain, "not judged"},
		{conformance.Skipped, page.Dim, "skipped"},
	} {
		if n := len(of(topics, kind.verdict)); n > 0 {
			words = append(words, p.Paint(kind.ink, fmt.Sprintf("%d %s", n, kind.word)))
		}
	}
	if len(words) == 0 {
		return p.Paint(page.Green, "ok")
	}
	return strings.Join(words, ", ")
}
