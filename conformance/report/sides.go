package report

import (
	"slices"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/spec"
)

// sidesOf gives the kinds of programs that a run has judged: two, if it was a pair.
func sidesOf(topics []*topic) (sides []spec.Role) {
	for _, role := range []spec.Role{spec.Server, spec.Client} {
		if len(ofSide(topics, role)) > 0 {
			sides = append(sides, role)
		}
	}
	return sides
}

func ofSide(topics []*topic, role spec.Role) []*topic {
	return slices.DeleteFunc(slices.Clone(topics), func(t *topic) bool { return t.Role != role })
}

// sides writes of each program of a pair how it stands, in a line.
func sides(p *page.Page, topics []*topic, v View) {
	both := sidesOf(topics)
	if len(both) < 2 {
		return
	}
	for _, role := range both {
		p.Para("the "+string(role)+": ", standingOf(p, ofSide(topics, role), v.Gate))
	}
}

// standingOf says what one side breaks, or why nothing can be said of it.
func standingOf(p *page.Page, topics []*topic, gate conformance.Gate) string {
	if wrong := violating(topics, gate); len(wrong) > 0 {
		var names []string
		for _, t := range wrong {
			names = append(names, t.ID)
		}
		return p.Paint(page.Red, "breaks "+strings.Join(names, ", "))
	}
	var all []conformance.Result
	for _, t := range topics {
		all = append(all, t.results...)
	}
	if gate.Exit(all) != conformance.ExitConforms {
		return p.Paint(page.Yellow, "breaks nothing that was seen, and not all was")
	}
	return p.Paint(page.Green, "breaks nothing that was seen")
}
