package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
)

// A group is the results that share one reason.
type group struct {
	reason  string
	results []conformance.Result
}

// groupsOf gathers results by reason, in the order in which they come.
func groupsOf(results []conformance.Result, reason func(conformance.Result) string) []group {
	var groups []group
	for _, r := range results {
		text := reason(r)
		i := slices.IndexFunc(groups, func(g group) bool { return g.reason == text })
		if i < 0 {
			i, groups = len(groups), append(groups, group{reason: text})
		}
		groups[i].results = append(groups[i].results, r)
	}
	return groups
}

func resultsWith(topics []*topic, v conformance.Verdict) []conformance.Result {
	var results []conformance.Result
	for _, t := range topics {
		results = append(results, t.with(v)...)
	}
	return results
}

// unjudged writes a line for each requirement that kept checks from being judged,
// and for each other reason why the suite could not tell.
func unjudged(p *page.Page, topics []*topic) {
	blocked := groupsOf(resultsWith(topics, conformance.BlockedBy),
		func(r conformance.Result) string { return r.By })
	broken := groupsOf(resultsWith(topics, conformance.NotJudged), why)
	if len(blocked)+len(broken) == 0 {
		return
	}
	section(p, page.Bold, "Not judged")
	for _, g := range blocked {
		p.Para("  ", fmt.Sprintf("%s could not be judged because %s %s: %s",
			page.Count(len(g.results), "check"), page.Clean(g.reason), fate(topics, g.reason), ids(g.results)))
	}
	for _, g := range broken {
		p.Para("  ", fmt.Sprintf("%s could not be judged: %s (%s)",
			page.Count(len(g.results), "check"), page.Brief(strings.TrimSuffix(g.reason, ".")), ids(g.results)))
	}
	p.Blank()
}

// fate says what became of the requirement that others rest on.
func fate(topics []*topic, id string) string {
	for _, t := range topics {
		if t.ID != id {
			continue
		}
		switch t.verdict {
		case conformance.NotJudged, conformance.BlockedBy:
			return "could not be judged"
		case conformance.Skipped:
			return "was skipped"
		case conformance.Pass, conformance.Accepted: // in its own checks
			return "did not hold in the set-up"
		}
		return "failed"
	}
	return "did not hold"
}

func why(r conformance.Result) string {
	if r.Why == "" {
		return "no reason was given"
	}
	return r.Why
}

// warnings writes what a program should do and does not, shorter than failures.
func warnings(p *page.Page, topics []*topic, v View) {
	warned := byCause(of(topics, conformance.Warn))
	if len(warned) == 0 {
		return
	}
	section(p, page.Yellow, "To improve (SHOULD)"+counted(v))
	for _, t := range warned {
		p.Para("  "+p.Paint(page.Bold, t.ID)+"  ", page.Clean(t.Sentence))
		shown := best(t.with(conformance.Warn))
		finding(p, shown)
		likely(p, shown, v)
		again(p, t, v)
		p.Blank()
	}
}

// counted says when what is otherwise let pass counts.
func counted(v View) string {
	if v.Gate == conformance.GateStrict {
		return ": counts as failed, by --gate strict"
	}
	return ""
}

// accepted writes a line for each requirement that holds in another form.
func accepted(p *page.Page, topics []*topic, v View) {
	some := of(topics, conformance.Accepted)
	if len(some) == 0 {
		return
	}
	section(p, page.Bold, "Accepted, though the form differs"+counted(v))
	for _, t := range some {
		p.Para("  "+p.Paint(page.Bold, t.ID)+"  ", form(t))
		if v.Gate == conformance.GateStrict { // else it costs nothing
			likely(p, best(t.with(conformance.Accepted)), v)
		}
	}
	p.Blank()
}

// form says in which form a requirement holds.
func form(t *topic) string {
	if text := gist(best(t.with(conformance.Accepted))); text != "" {
		return text
	}
	return page.Brief(t.Tolerated)
}

// skipped counts what does not apply and says each reason once.
func skipped(p *page.Page, topics []*topic) {
	results := resultsWith(topics, conformance.Skipped)
	if len(results) == 0 {
		return
	}
	section(p, page.Bold, "Skipped: "+page.Count(len(results), "check")+" that "+apply(len(results))+" not apply")
	for _, g := range groupsOf(results, why) {
		p.Para("  ", page.Brief(strings.TrimSuffix(g.reason, "."))+": "+ids(g.results))
	}
	p.Blank()
}

func apply(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}

func section(p *page.Page, ink page.Ink, text string) {
	p.Rule()
	p.Line(p.Paint(ink, text))
	p.Blank()
}

// ids names the requirements of results, runs of three and more by their ends:
// "LST-1 to LST-8, EXT-1".
func ids(results []conformance.Result) string {
	var names []string
	for _, r := range results {
		if id := r.Check.Requirement.ID; !slices.Contains(names, id) {
			names = append(names, id)
		}
	}
	var parts []string
	for i := 0; i < len(names); {
		n := 1
		for i+n < len(names) && follows(names[i+n-1], names[i+n]) {
			n++
		}
		if n < 3 {
			parts = append(parts, names[i])
			i++
			continue
		}
		parts = append(parts, names[i]+" to "+names[i+n-1])
		i += n
	}
	return strings.Join(parts, ", ")
}

func follows(a, b string) bool {
	prefixA, numberA, _ := strings.Cut(a, "-")
	prefixB, numberB, _ := strings.Cut(b, "-")
	m, errA := strconv.Atoi(numberA)
	n, errB := strconv.Atoi(numberB)
	return errA == nil && errB == nil && prefixA == prefixB && n == m+1
}
