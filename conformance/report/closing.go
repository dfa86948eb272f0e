package report

import (
	"fmt"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
)

// closing writes the counts, and in the last line the verdict.
func closing(p *page.Page, run conformance.Run, topics []*topic, v View) {
	p.Rule()
	var counts []string
	for _, c := range []struct {
		verdict conformance.Verdict
		word    string
	}{
		{conformance.Pass, "passed"},
		{conformance.Accepted, "accepted"},
		{conformance.Fail, "failed"},
		{conformance.Warn, "to improve"},
		{conformance.BlockedBy, "blocked"},
		{conformance.NotJudged, "not judged"},
		{conformance.Skipped, "skipped"},
	} {
		if n := len(of(topics, c.verdict)); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, c.word))
		}
	}
	if len(counts) > 0 {
		p.Para("", page.Count(len(topics), "requirement")+" in "+duration(run.Elapsed)+": "+strings.Join(counts, ", "))
	}
	if t := first(topics, v.Gate); t != nil && len(of(topics, conformance.Fail)) > 1 {
		p.Line("fix this first: " + t.ID) // the ladder has gone off the screen by now
	}
	sides(p, topics, v)
	code := run.Exit(v.Gate)
	ink := map[int]page.Ink{
		conformance.ExitConforms: page.Green, conformance.ExitViolates: page.Alarm, conformance.ExitNotJudged: page.Yellow,
	}[code]
	p.Para("", p.Paint(ink, Verdict(run, v.Gate)))
}

// Verdict says what the exit code of a run means, in one line.
func Verdict(run conformance.Run, gate conformance.Gate) string {
	topics := topicsOf(run.Results)
	var under []*topic
	open, blank := 0, 0
	for _, t := range topics {
		if !gate.Holds(t.Requirement) || t.verdict == conformance.Skipped {
			continue
		}
		under = append(under, t)
		if gate.Exit(t.results) == conformance.ExitNotJudged {
			open++
		}
		if t.verdict == conformance.NotJudged || t.verdict == conformance.BlockedBy {
			blank++
		}
	}
	wrong := len(violating(topics, gate))
	all := page.Count(len(under), "requirement")
	switch code := run.Exit(gate); {
	case run.Incomplete:
		judged := page.Count(len(under)-blank, "requirement")
		return fmt.Sprintf("could not judge: interrupted; %d of %s judged failed (gate: %s)", wrong, judged, gate)
	case code == conformance.ExitViolates:
		return fmt.Sprintf("does not conform: %d of %s failed (gate: %s)", wrong, all, gate)
	case code == conformance.ExitConforms:
		return fmt.Sprintf("conforms: %d of %s %s (gate: %s)", len(under), all, hold(len(under)), gate)
	case len(under) == 0 && len(topics) > 0 && gate != conformance.GateStrict:
		return fmt.Sprintf("could not judge: nothing here counts (gate: %s; --gate strict counts all)", gate)
	case len(under) == 0:
		return fmt.Sprintf("could not judge: nothing that the gate rests on was judged (gate: %s)", gate)
	}
	return fmt.Sprintf("could not judge: %d of %s could not be judged (gate: %s)", open, all, gate)
}

func hold(n int) string {
	if n == 1 {
		return "holds"
	}
	return "hold"
}
