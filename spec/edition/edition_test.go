package edition_test

import (
	"slices"
	"strings"
	"testing"

	"paycheck/spec/edition"
)

func TestNamed(t *testing.T) {
	for _, want := range edition.All {
		got, err := edition.Named(want.Name)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", want.Name, got, err)
		}
	}
	for _, name := range []string{"", "1999", "21", " 2021"} {
		_, err := edition.Named(name)
		if err == nil || !strings.Contains(err.Error(), strings.Join(edition.Names(), ", ")) {
			t.Errorf("%q: the error %v does not list the editions", name, err)
		}
	}
}

func TestAll(t *testing.T) {
	names := edition.Names()
	if len(names) != len(edition.All) || names[0] != edition.Default().Name {
		t.Errorf("%q, and the default is %s", names, edition.Default().Name)
	}
	if sorted := slices.Sorted(slices.Values(names)); len(slices.Compact(sorted)) != len(names) {
		t.Errorf("two editions have one name: %q", names)
	}
	for _, e := range edition.All {
		if e.InitialBalance < 1 || e.InitialBalance > edition.MaxAmount {
			t.Errorf("%s: an initial balance of %d is no amount, and could be no deposit", e.Name, e.InitialBalance)
		}
	}
}
