package mutant

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"paycheck/conformance"
)

// words splits a value into IDs and the reason behind them.
func words(value string) (ids []string, reason string) {
	list, reason, _ := strings.Cut(value, ": ")
	return strings.Fields(list), reason
}

// named gives the IDs that an entry has under a key.
func (e entry) named(key string) (all []string) {
	for _, f := range e.values(key) {
		ids, _ := words(f.value)
		all = append(all, ids...)
	}
	return all
}

// A breach is what a mutant breaks, and the verdict that the judge must find; none:
// fail or warn, as the level has it.
type breach struct {
	id      string
	verdict conformance.Verdict
}

// breaks reads `breaks: REG-2` or `breaks: FRM-5 accepted`.
func (e entry) breaks() breach {
	id, verdict, _ := strings.Cut(e.value("breaks"), " ")
	return breach{id, conformance.Verdict(verdict)}
}

// caught says whether the judge found a mutant by the requirement that it breaks.
func (b breach) caught(all map[string]ruling) bool {
	r := all[b.id]
	return r.verdict == b.verdict || b.verdict == "" && r.red()
}

// sorted gives the IDs in a fixed order.
func sorted(all map[string]ruling) []string { return slices.Sorted(maps.Keys(all)) }

// red gives the IDs that fail or warn, but for one.
func red(all map[string]ruling, but string) (ids []string) {
	for _, id := range sorted(all) {
		if all[id].red() && id != but {
			ids = append(ids, id)
		}
	}
	return ids
}

// mutantFaults is what is wrong with the verdicts of a mutant: it is not caught,
// something else goes red that its entry does not name, or the entry names what
// does not. What may go red, since it is a matter of luck, is named apart.
func mutantFaults(e entry, all map[string]ruling) (faults []string) {
	b := e.breaks()
	if !b.caught(all) {
		faults = append(faults, fmt.Sprintf("not caught: %s is %v", b.id, all[b.id]))
	}
	also, may := e.named("also"), e.named("may")
	for _, id := range red(all, b.id) {
		if !slices.Contains(also, id) && !slices.Contains(may, id) {
			faults = append(faults, fmt.Sprintf("%s goes red too: %v", id, all[id]))
		}
	}
	for _, id := range also {
		if !all[id].red() {
			faults = append(faults, fmt.Sprintf("also names %s, which is %v", id, all[id]))
		}
	}
	return faults
}

// quirkFaults is what the judge has against a program that is right: nothing may
// fail, warn, or stay open, and only what the entry names is accepted.
func quirkFaults(e entry, all map[string]ruling) (faults []string) {
	accepted := e.named("accepted")
	for _, id := range sorted(all) {
		switch r := all[id]; r.verdict {
		case conformance.Pass, conformance.Skipped:
		case conformance.Accepted:
			if !slices.Contains(accepted, id) {
				faults = append(faults, fmt.Sprintf("%s is %v", id, r))
			}
		default:
			faults = append(faults, fmt.Sprintf("%s is %v", id, r))
		}
	}
	for _, id := range accepted {
		if all[id].verdict != conformance.Accepted {
			faults = append(faults, fmt.Sprintf("%s is %v, not accepted", id, all[id]))
		}
	}
	return faults
}

// golden are the verdicts that the entry of a program names; everything else has to
// pass, or not to apply.
var golden = []conformance.Verdict{
	conformance.Fail, conformance.Warn, conformance.Accepted, conformance.BlockedBy, conformance.NotJudged,
}

// programFaults is where the verdicts of a program are not those of its entry.
func programFaults(e entry, all map[string]ruling) (faults []string) {
	want := map[string]conformance.Verdict{}
	for _, v := range golden {
		for _, id := range e.named(string(v)) {
			want[id] = v
		}
	}
	for _, id := range sorted(all) {
		r := all[id]
		switch {
		case want[id] == "" && (r.verdict == conformance.Pass || r.verdict == conformance.Skipped):
		case want[id] == "":
			faults = append(faults, fmt.Sprintf("%s is %v", id, r))
		case want[id] != r.verdict:
			faults = append(faults, fmt.Sprintf("%s is %v, and has to be %s", id, r, want[id]))
		}
	}
	return faults
}
