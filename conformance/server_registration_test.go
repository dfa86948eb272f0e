package conformance

import (
	"regexp"
	"strings"
	"testing"

	"paycheck/spec/edition"
)

func TestNamesThatArePromised(t *testing.T) {
	rule := regexp.MustCompile(`^[A-Za-z0-9]+$`)
	folded, lengths := map[string]bool{}, map[int]bool{}
	for _, name := range names {
		if !rule.MatchString(name) || len(name) > edition.MaxName || name == edition.Register {
			t.Errorf("%q is no name", name)
		}
		if fold := strings.ToLower(name); folded[fold] {
			t.Errorf("%q is there in another letter case", name)
		} else {
			folded[fold] = true
		}
		lengths[len(name)] = true
	}
	for _, n := range []int{1, 2, edition.MaxName - 1, edition.MaxName} {
		if !lengths[n] {
			t.Errorf("no name of length %d", n)
		}
	}
}
