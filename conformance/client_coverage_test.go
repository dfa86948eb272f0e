package conformance

import (
	"strings"
	"testing"

	"paycheck/spec"
)

// Coverage: what the text demands of a client is judged, or the text says why it can't
// be.
func TestCoverageOfClients(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	checks, err := ClientChecks()
	if err != nil {
		t.Fatal(err)
	}
	has, names, titles := map[string]int{}, map[string]bool{}, map[string]bool{}
	inGo := 0
	for _, c := range checks {
		has[c.Requirement.ID]++
		if c.Line == 0 {
			inGo++
		}
		if title := strings.ToLower(c.Title); names[c.Name()] || titles[title] && c.Line == 0 {
			t.Errorf("%s is there twice, or its title: %s", c.Name(), c.Title)
		} else {
			names[c.Name()], titles[title] = true, true
		}
		if c.Title == "" || !strings.HasSuffix(c.Title, ".") || c.client == nil {
			t.Errorf("%s has no sentence for a title, or runs nothing: %q", c.Name(), c.Title)
		}
	}
	if written := len(clientWritten()); inGo != written || inGo == 0 {
		t.Errorf("%d checks are written in Go, and %d are among all", written, inGo)
	}
	for _, r := range text.All(spec.Client) {
		n := has[r.ID]
		switch {
		case n == 0 && r.Untested == "" && r.Level != spec.May:
			t.Errorf("%s:%d: %s is a %s, and no check judges it", spec.File, r.Line, r.ID, r.Level)
		case n > 0 && r.Untested != "":
			t.Errorf("%s:%d: %s cannot be tested, says the text, and %d checks do", spec.File, r.Line, r.ID, n)
		}
		delete(has, r.ID)
	}
	for id := range has {
		t.Errorf("a check judges %s, which is no requirement for clients", id)
	}
}

// What is watched by hand is of requirements that there are, each with one sight.
func TestCoverageOfSights(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, look := range sights {
		if r, ok := text.Find(look.id); !ok || r.Role != spec.Client || seen[look.id] {
			t.Errorf("%q is for %s, which is no requirement for clients, or has a sight already", look.title, look.id)
		}
		if seen[look.id] = true; look.try == "" {
			t.Errorf("%s does not say what to try", look.id)
		}
	}
}
