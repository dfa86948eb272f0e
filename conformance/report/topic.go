package report

import (
	"cmp"
	"slices"

	"paycheck/conformance"
	"paycheck/spec"
)

// A topic is one requirement with the results of all its checks.
type topic struct {
	spec.Requirement
	results []conformance.Result
	verdict conformance.Verdict // the worst of them
	blocks  int                 // how many checks could not be judged because of it
}

// byWeight lists the verdicts, the one that a person must see first at the head.
// A requirement that was skipped in one check and passed another has passed.
var byWeight = []conformance.Verdict{
	conformance.Fail, conformance.Warn, conformance.NotJudged, conformance.BlockedBy,
	conformance.Accepted, conformance.Pass, conformance.Skipped,
}

// topicsOf groups results by requirement, in the order in which they come.
func topicsOf(results []conformance.Result) []*topic {
	var topics []*topic
	byID := map[string]*topic{}
	for _, r := range results {
		id := r.Check.Requirement.ID
		t := byID[id]
		if t == nil {
			t = &topic{Requirement: r.Check.Requirement, verdict: r.Verdict()}
			byID[id] = t
			topics = append(topics, t)
		}
		t.results = append(t.results, r)
		if slices.Index(byWeight, r.Verdict()) < slices.Index(byWeight, t.verdict) {
			t.verdict = r.Verdict()
		}
	}
	for _, r := range results {
		if t := byID[r.By]; t != nil && r.Verdict() == conformance.BlockedBy {
			t.blocks++
		}
	}
	return topics
}

// with gives the results of one verdict.
func (t *topic) with(v conformance.Verdict) []conformance.Result {
	var some []conformance.Result
	for _, r := range t.results {
		if r.Verdict() == v {
			some = append(some, r)
		}
	}
	return some
}

// of gives the topics of one verdict.
func of(topics []*topic, v conformance.Verdict) []*topic {
	var some []*topic
	for _, t := range topics {
		if t.verdict == v {
			some = append(some, t)
		}
	}
	return some
}

// causes lists the sections, what rests on nothing first: a server that does not
// start or breaks its lines fails everywhere else too.
var causes = []string{"FRM", "REG", "LOG", "LST", "EXT", "PAY", "CON", "LIM", "VAN", "OPS"}

// byCause sorts failures so that the first is the one to mend first: what kept
// other checks from being judged, then what killed the program, then the ladder.
func byCause(topics []*topic) []*topic {
	sorted := slices.Clone(topics)
	slices.SortStableFunc(sorted, func(a, b *topic) int {
		return cmp.Or(
			order(b.blocks > 0, a.blocks > 0),
			order(b.kills(), a.kills()),
			cmp.Compare(rank(a.Section), rank(b.Section)))
	})
	return sorted
}

// order puts true after false.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func rank(section string) int {
	if i := slices.Index(causes, section); i >= 0 {
		return i
	}
	return len(causes)
}

// kills reports whether the program ended in one of the checks that failed.
func (t *topic) kills() bool {
	return slices.ContainsFunc(t.results, func(r conformance.Result) bool {
		return r.Verdict() == t.verdict && r.Finding != nil && r.Finding.Death != nil
	})
}

// best gives the result that shows the fault best: of those that have bytes to
// show, the one with the shortest conversation; else the first.
func best(results []conformance.Result) conformance.Result {
	chosen := results[0]
	for _, r := range results[1:] {
		if telling(r) > telling(chosen) ||
			telling(r) == telling(chosen) && len(r.Transcript) < len(chosen.Transcript) {
			chosen = r
		}
	}
	return chosen
}

func telling(r conformance.Result) int {
	switch {
	case r.Finding == nil:
		return 0
	case r.Finding.Want == "" && len(r.Finding.Got) == 0:
		return 1
	case r.Finding.At < 0:
		return 2
	}
	return 3
}
