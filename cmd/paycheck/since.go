package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/spec"
)

// since writes what a change of the text touches: each requirement that is not as it
// was in an older text, what of it has changed, and the checks that rest on it.
func (a *app) since(p *page.Page, now *spec.Spec, file string, stdin io.Reader) error {
	text, err := older(file, stdin)
	if err != nil {
		return err
	}
	old, err := spec.Parse(file, text)
	if err != nil {
		return fmt.Errorf("%wthe older text: %w", usage{}, err)
	}
	checks, err := a.everyCheck()
	if err != nil {
		return err
	}
	touched := 0
	for _, section := range now.Sections {
		for _, r := range section.Requirements {
			was, ok := old.Find(r.ID)
			what := "new"
			if ok {
				what = changed(was, r)
			}
			if what == "" {
				continue
			}
			touched++
			p.Line(p.Paint(page.Bold, r.ID) + "  " + what)
			if ok && was.Sentence != r.Sentence {
				p.Para("  was        ", was.Sentence)
			}
			p.Para("  is         ", r.Sentence)
			judgedBy(p, checks, r.ID)
			p.Blank()
		}
	}
	for _, section := range old.Sections {
		for _, r := range section.Requirements {
			if _, ok := now.Find(r.ID); !ok {
				touched++
				p.Line(p.Paint(page.Bold, r.ID) + "  gone; an ID is a name, and is never used again")
				p.Para("  was        ", r.Sentence)
				p.Blank()
			}
		}
	}
	if touched == 0 {
		p.Line("no requirement has changed since " + file)
	}
	return nil
}

func older(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w%w", usage{}, err)
	}
	return text, nil
}

// changed names what of a requirement is not as it was.
func changed(was, is spec.Requirement) string {
	var what []string
	note := func(name string, differs bool) {
		if differs {
			what = append(what, name)
		}
	}
	note("sentence", was.Sentence != is.Sentence)
	note("whom it binds", was.Role != is.Role || was.Phase != is.Phase || was.Mark != is.Mark)
	note("basis", was.Basis != is.Basis)
	note("tolerated form", was.Tolerated != is.Tolerated)
	note("needs", fmt.Sprint(was.Needs) != fmt.Sprint(is.Needs))
	note("whether it can be tested", was.Untested != is.Untested)
	note("prose", was.Prose != is.Prose)
	note("pitfalls", fmt.Sprint(was.Pitfalls) != fmt.Sprint(is.Pitfalls))
	note("scenarios", fmt.Sprint(was.Scenarios) != fmt.Sprint(is.Scenarios))
	return strings.Join(what, ", ")
}

// everyCheck gives those of servers and those of clients.
func (a *app) everyCheck() ([]*conformance.Check, error) {
	all, err := a.checks()
	if err != nil {
		return nil, err
	}
	more, err := a.clientChecks()
	return append(all, more...), err
}

// judgedBy lists the checks of a requirement, and those that are written in Go.
func judgedBy(p *page.Page, all []*conformance.Check, id string) {
	for _, c := range all {
		if c.Requirement.ID != id {
			continue
		}
		from := ""
		if c.Line == 0 {
			from = " (in Go)"
		}
		p.Para(fmt.Sprintf("  %-11s", c.Name()), c.Title+from)
	}
}
