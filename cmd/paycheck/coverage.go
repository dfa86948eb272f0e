package main

import (
	"fmt"

	"paycheck/conformance/report/page"
	"paycheck/spec"
)

// A tally is how many requirements of one section are tested, and how. One that
// has scenarios and Go checks counts in both columns.
type tally struct{ all, scenarios, goChecks, untestable, untested int }

func (t *tally) add(r spec.Requirement, hasGoCheck bool) {
	t.all++
	if len(r.Scenarios) > 0 {
		t.scenarios++
	}
	if hasGoCheck {
		t.goChecks++
	}
	switch {
	case len(r.Scenarios) > 0 || hasGoCheck:
	case r.Untested != "":
		t.untestable++
	default:
		t.untested++
	}
}

// coverage writes a table of how each section is tested.
func (a *app) coverage(p *page.Page, s *spec.Spec) error {
	checks, err := a.everyCheck()
	if err != nil {
		return err
	}
	inGo := map[string]bool{}
	for _, c := range checks {
		if c.Line == 0 {
			inGo[c.Requirement.ID] = true
		}
	}
	row := "%-32s%8s%10s%10s%10s%10s"
	p.Line(fmt.Sprintf(row, "", "all", "scenario", "Go check", "excused", "untested"))
	var sum tally
	for _, section := range s.Sections {
		var t tally
		for _, r := range section.Requirements {
			t.add(r, inGo[r.ID])
			sum.add(r, inGo[r.ID])
		}
		t.row(p, row, section.Prefix+"  "+section.Title)
	}
	sum.row(p, row, "all sections")
	p.Blank()
	p.Para("", "excused: the text says why no check is possible. untested: nobody says why. One that has both a scenario and a Go check counts in both columns.")
	return nil
}

func (t tally) row(p *page.Page, row, name string) {
	p.Line(fmt.Sprintf(row, page.Cut(name, 31), fmt.Sprint(t.all), fmt.Sprint(t.scenarios),
		fmt.Sprint(t.goChecks), fmt.Sprint(t.untestable), fmt.Sprint(t.untested)))
}
