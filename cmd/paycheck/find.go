package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"paycheck/spec"
)

// find gives the requirement of that ID, or an error that names the nearest.
func find(s *spec.Spec, id string) (spec.Requirement, error) {
	if r, ok := s.Find(id); ok {
		return r, nil
	}
	return spec.Requirement{}, fmt.Errorf("%wno requirement %q; the nearest are %s; see paycheck spec",
		usage{}, id, strings.Join(nearest(s, id), ", "))
}

// nearestShown is how many IDs are offered in place of one that is unknown.
const nearestShown = 3

// nearest gives the IDs that take the fewest changes to get from what was typed.
func nearest(s *spec.Spec, typed string) []string {
	typed = strings.ToUpper(typed)
	var ids []string
	for _, section := range s.Sections {
		for _, r := range section.Requirements {
			ids = append(ids, r.ID)
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int {
		return cmp.Compare(changes(a, typed), changes(b, typed))
	})
	return ids[:min(nearestShown, len(ids))]
}

// changes is the Levenshtein distance of two short words of ASCII.
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
