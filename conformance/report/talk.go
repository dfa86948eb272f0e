package report

import (
	"slices"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/conformance/report/page"
	"paycheck/conformance/transcript"
)

// How much of a conversation an entry shows: -v shows all of it.
const (
	eventsBefore = 14 // up to the wrong one
	eventsAfter  = 3
	eventRows    = 6 // lines of one event
	wrongRows    = 8 // lines of the wrong one
)

// excerpt writes the part of a conversation that leads to the wrong line. Where a
// check marked none, it gave up at the last thing that happened.
func excerpt(p *page.Page, r conformance.Result) {
	t := slices.Clone(r.Transcript)
	wrong := slices.IndexFunc(t, func(e transcript.Event) bool { return e.Wrong })
	if wrong < 0 && r.Outcome == play.Violated {
		wrong = lastSeen(t)
	}
	end := len(t)
	if wrong >= 0 {
		t[wrong].Wrong = true
		end = min(wrong+1+eventsAfter, len(t))
	}
	begin := max(end-eventsBefore-eventsAfter, 0)
	if begin > 0 {
		p.Line("      " + p.Paint(page.Dim, "("+page.Count(begin, "line")+" before these; -v shows all)"))
	}
	for _, e := range t[begin:end] {
		most := eventRows
		if e.Wrong {
			most = wrongRows
		}
		event(p, e, most)
	}
	if end < len(t) {
		p.Line("      " + p.Paint(page.Dim, "("+page.Count(len(t)-end, "line")+" after these; -v shows all)"))
	}
}

// lastSeen gives the last event that is more than a note of the suite; -1: none.
func lastSeen(t transcript.Transcript) int {
	for i := len(t) - 1; i >= 0; i-- {
		if t[i].Kind != transcript.Note {
			return i
		}
	}
	return -1
}

// event writes one line of the notation; further lines of what was sent or
// received stand under the first, after a bar.
func event(p *page.Page, e transcript.Event, most int) {
	margin, ink := "      ", page.Plain
	if e.Wrong {
		margin, ink = "   "+p.Paint(page.Alarm, "->")+" ", page.Red
	}
	who := page.Clean(e.Who)
	lead := who + " < "
	switch e.Kind {
	case transcript.Sent:
		lead = who + " > "
	case transcript.Received:
	case transcript.Note:
		p.Para(margin, p.Paint(page.Dim, page.Clean(e.String())))
		return
	default:
		p.Para(margin, p.Paint(ink, page.Clean(e.String())))
		return
	}
	rows := page.Rows(e.Bytes, -1, p.Room(6+len(lead)), most)
	for _, row := range rows {
		p.Line(margin + p.Paint(ink, lead+row.Text))
		margin, lead = "      ", strings.Repeat(" ", len(lead)-2)+"| "
	}
}

var inks = map[conformance.Verdict]page.Ink{
	conformance.Pass: page.Green, conformance.Accepted: page.Green, conformance.Fail: page.Alarm,
	conformance.Warn: page.Yellow, conformance.NotJudged: page.Yellow,
}

// everything writes each check with its whole conversation, in the order of the text.
func everything(p *page.Page, results []conformance.Result) {
	for _, r := range results {
		p.Line(p.Paint(page.Bold, r.Check.Name()) + "  " + p.Paint(inks[r.Verdict()], string(r.Verdict())))
		p.Para("  ", page.Clean(r.Check.Title))
		if r.By != "" {
			field(p, "blocked by", page.Clean(r.By))
		}
		if r.Why != "" {
			field(p, "because", page.Brief(r.Why))
		}
		for _, e := range r.Transcript {
			event(p, e, transcript.MaxBytes)
		}
		p.Blank()
	}
}
