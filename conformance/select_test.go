package conformance_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"paycheck/conformance"
	"paycheck/spec"
)

func TestSelect(t *testing.T) {
	check := func(section, id string, number, phase int) *conformance.Check {
		return &conformance.Check{Requirement: spec.Requirement{ID: id, Section: section, Phase: phase}, Number: number}
	}
	all := []*conformance.Check{
		check("FRM", "FRM-1", 1, 2), check("REG", "REG-1", 1, 2), check("REG", "REG-2", 1, 2), check("REG", "REG-2", 2, 2),
		check("CLI", "CLI-1", 1, 1), check("CLI", "CLI-12", 1, 1),
	}
	tests := []struct {
		only string
		want string // names; none: an error
	}{
		{"", "FRM-1/1 REG-1/1 REG-2/1 REG-2/2 CLI-1/1 CLI-12/1"},
		{"REG-2", "REG-2/1 REG-2/2"},
		{"reg-2", "REG-2/1 REG-2/2"},
		{"REG-2/2", "REG-2/2"},
		{"Reg-2/1", "REG-2/1"},
		{"REG", "REG-1/1 REG-2/1 REG-2/2"},
		{"cli", "CLI-1/1 CLI-12/1"},
		{"CLI-1", "CLI-1/1"}, // and not CLI-12
		{"phase1", "CLI-1/1 CLI-12/1"},
		{"PHASE2", "FRM-1/1 REG-1/1 REG-2/1 REG-2/2"},
		{"REG-2 CLI-1 REG-2/1", "REG-2/1 REG-2/2 CLI-1/1"}, // each once, in the order of the text
		{"CLI FRM", "FRM-1/1 CLI-1/1 CLI-12/1"},
		{"phase3", ""},
		{"REG-3", ""},
		{"REG-2/3", ""},
		{"RE", ""},
		{"REG-", ""},
		{"2", ""},
		{"REG-2 NOPE", ""},
	}
	for _, test := range tests {
		only := strings.Fields(test.only)
		got, err := conformance.Select(all, only)
		if test.want == "" {
			last := only[len(only)-1]
			if !errors.Is(err, conformance.ErrUsage) || got != nil || !strings.Contains(err.Error(), `"`+last+`" names no check`) {
				t.Errorf("%s: %v, %v", test.only, got, err)
			}
			continue
		}
		var names []string
		for _, c := range got {
			names = append(names, c.Name())
		}
		if err != nil || !slices.Equal(names, strings.Fields(test.want)) {
			t.Errorf("%s: %q, %v", test.only, names, err)
		}
	}
	if _, err := conformance.Select(all, []string{""}); !errors.Is(err, conformance.ErrUsage) {
		t.Errorf("an empty word: %v", err)
	}
	if _, err := conformance.Select(nil, []string{"REG"}); !errors.Is(err, conformance.ErrUsage) {
		t.Errorf("of no checks: %v", err)
	}
}

// Every requirement that has a check, every section and both phases of it can be
// asked for by name.
func TestSelectOfAll(t *testing.T) {
	all, err := conformance.Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		for _, word := range []string{c.Requirement.ID, c.Name(), c.Requirement.Section} {
			chosen, err := conformance.Select(all, []string{word})
			if err != nil || !slices.Contains(chosen, c) {
				t.Errorf("%s does not choose %s: %v", word, c.Name(), err)
			}
		}
	}
	chosen, err := conformance.Select(all, nil)
	if err != nil || len(chosen) != len(all) {
		t.Errorf("no words choose %d of %d: %v", len(chosen), len(all), err)
	}
}
