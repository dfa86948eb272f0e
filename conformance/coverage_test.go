package conformance

import (
	"strings"
	"testing"

	"paycheck/spec"
)

// Coverage: what the text demands of a server is judged, or the text says why it
// can't be.
func TestCoverageOfServers(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	checks, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]int{}
	for _, c := range checks {
		has[c.Requirement.ID]++
	}
	for _, r := range text.All(spec.Server) {
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
		t.Errorf("a check judges %s, which is no requirement for servers", id)
	}
}

// Checks are known by name, and told apart by their titles.
func TestCoverageHasNoDuplicates(t *testing.T) {
	checks, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	names, titles := map[string]bool{}, map[string]string{}
	for _, c := range checks {
		if names[c.Name()] {
			t.Errorf("two checks are called %s", c.Name())
		}
		names[c.Name()] = true
		key := c.Requirement.ID + " " + strings.ToLower(c.Title)
		if other, taken := titles[key]; taken {
			t.Errorf("%s and %s have one title: %s", other, c.Name(), c.Title)
		}
		titles[key] = c.Name()
		if c.Title == "" || !strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: the title is no sentence: %q", c.Name(), c.Title)
		}
		if c.run == nil || c.clients < 0 {
			t.Errorf("%s runs nothing, or for %d clients", c.Name(), c.clients)
		}
	}
}

// A check in Go names a requirement that is there, and one for servers.
func TestCoverageOfWritten(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	checks, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	inGo := 0
	for _, c := range checks {
		if c.Line == 0 {
			inGo++
		}
	}
	if written := serverWritten(); inGo != len(written) || inGo == 0 {
		t.Errorf("%d checks are written in Go, and %d are among all", len(written), inGo)
	}
	for _, w := range serverWritten() {
		if r, ok := text.Find(w.id); !ok || r.ID != w.id {
			t.Errorf("%q is for %s, which the text does not have", w.title, w.id)
		}
	}
}

// What names no requirement keeps the suite from running at all.
func TestUnknownIDIsRefused(t *testing.T) {
	before := framing
	defer func() { framing = before }()
	for _, id := range []string{"", "FRM-999", "frm", "CLI-1"} {
		framing = append(before[:len(before):len(before)], written{id: id, title: "A check of nothing.", clients: 1})
		checks, err := Checks()
		if err == nil || checks != nil || !strings.Contains(err.Error(), `the check "A check of nothing." is for `+id) {
			t.Errorf("%q: %d checks, %v", id, len(checks), err)
		}
	}
}
