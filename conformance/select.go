package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Select returns the checks that any word of only names: a requirement (REG-2), one
// check of it (REG-2/1), a section (REG) or a phase (phase1), in any letter case. No
// words select everything. The error, an [ErrUsage], names the word that fits none.
func Select(all []*Check, only []string) ([]*Check, error) {
	if len(only) == 0 {
		return all, nil
	}
	var chosen []*Check
	for _, word := range only {
		fits := func(c *Check) bool { return c.answersTo(word) }
		if !slices.ContainsFunc(all, fits) {
			return nil, fmt.Errorf("%w: %q names no check; there are IDs such as REG-2, sections such as REG, and phase1 to phase3", ErrUsage, word)
		}
	}
	for _, c := range all {
		if slices.ContainsFunc(only, c.answersTo) {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

func (c *Check) answersTo(word string) bool {
	r := c.Requirement
	return strings.EqualFold(word, r.ID) || strings.EqualFold(word, c.Name()) ||
		strings.EqualFold(word, r.Section) || strings.EqualFold(word, "phase"+strconv.Itoa(r.Phase))
}
