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

// encryption is the phase whose checks need an encrypted program.
const encryption = 3

// Select returns the checks that a run with this configuration has: those of phase 3
// only with encryption. The error is an [ErrUsage].
func (c Config) Select(all []*Check) ([]*Check, error) {
	chosen, err := Select(all, c.Only)
	if err != nil || c.Secure {
		return chosen, err
	}
	plain := slices.DeleteFunc(slices.Clone(chosen), func(c *Check) bool { return c.Requirement.Phase == encryption })
	if len(plain) == 0 && len(chosen) > 0 {
		return nil, fmt.Errorf("%w: %s is judged of encrypted programs; give --secure as well", ErrUsage, strings.Join(c.Only, ", "))
	}
	return plain, nil
}

func (c *Check) answersTo(word string) bool {
	r := c.Requirement
	return strings.EqualFold(word, r.ID) || strings.EqualFold(word, c.Name()) ||
		strings.EqualFold(word, r.Section) || strings.EqualFold(word, "phase"+strconv.Itoa(r.Phase))
}
