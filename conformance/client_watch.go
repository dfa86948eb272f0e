package conformance

import (
	"fmt"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
	"paycheck/spec"
	"paycheck/spec/edition"
)

// A sight is what can be seen of one requirement while somebody uses a client by hand.
// It looks at all that has happened so far.
type sight struct {
	id    string
	title string // stimulus and required effect, as a sentence
	try   string // what the person does so that it is seen, as an order
	see   func(*seen) play.Result
}

// seen is what has happened at the counter, for a sight to look at.
type seen struct {
	edition edition.Edition
	manner  counter.Manner
	events  []counter.Event
}

// The results of a sight that rest on no finding.
var (
	held   = play.Result{Outcome: play.Held}
	unseen = play.Result{Outcome: play.Broken, Why: "it was not tried"}
)

// form is the result of a request that is right but for what may stand behind it.
func (s *seen) form(e counter.Event) play.Result {
	name, ok := e.Request.Ending()
	finding := &play.Finding{Want: "nothing behind the request", Got: e.Raw, At: len(e.Request.Text)}
	if end := s.edition.RequestEnd; end != "" {
		finding.Want = "a request that ends in " + transcript.Visible([]byte(end))
	}
	switch {
	case e.Request.Tail == s.edition.RequestEnd:
		return held
	case ok:
		return play.Result{Outcome: play.Tolerated, Why: "the request ends in " + name, Finding: finding}
	}
	return play.Result{Outcome: play.Violated, Why: "more than the request was sent", Finding: finding}
}

// wrong is the result of what must not come.
func wrong(e counter.Event, want, why string) play.Result {
	return play.Result{Outcome: play.Violated, Why: why, Finding: &play.Finding{Want: want, Got: e.Raw, At: 0}}
}

// worst gives the result that counts, of several: what is wrong before what is
// tolerated, before what holds.
func worst(results []play.Result) play.Result {
	order := []play.Outcome{play.Violated, play.Tolerated, play.Held}
	for _, outcome := range order {
		for _, r := range results {
			if r.Outcome == outcome {
				return r
			}
		}
	}
	return unseen
}

// of gives the events of one kind that fit.
func (s *seen) of(kind counter.Kind, fits func(counter.Event) bool) []counter.Event {
	var some []counter.Event
	for _, e := range s.events {
		if e.Kind == kind && fits(e) {
			some = append(some, e)
		}
	}
	return some
}

// forms gives the worst form of the requests that fit.
func (s *seen) forms(events []counter.Event) play.Result {
	var all []play.Result
	for _, e := range events {
		all = append(all, s.form(e))
	}
	return worst(all)
}

// unwatched says why a requirement can't be judged by watching.
func unwatched(r spec.Requirement) string {
	switch r.ID {
	case "CLI-7", "CLI-17", "CLI-25":
		return "the screen of a client that is used by hand can't be seen; look yourself"
	case "CLI-27", "CLI-28":
		return "nothing follows from either way"
	}
	return "it takes a server or a peer that misbehaves: paycheck client tries it"
}

// watch judges what was seen, in the order of the text.
func watch(text *spec.Spec, s *seen) []Result {
	var results []Result
	for _, r := range text.All(spec.Client) {
		n := 0
		for _, look := range sights {
			if look.id != r.ID {
				continue
			}
			n++
			results = append(results, Result{
				Check: &Check{Requirement: r, Number: n, Title: look.title}, Result: look.judge(s),
			})
		}
		if n == 0 && r.Untested == "" && r.Phase != encryption {
			results = append(results, Result{
				Check:  &Check{Requirement: r, Number: 1, Title: fmt.Sprintf("What %s says is seen.", r.ID)},
				Result: play.Result{Outcome: play.NotApplicable, Why: unwatched(r)},
			})
		}
	}
	return results
}

// judge is what the sight sees, if it may be seen in this edition.
func (look sight) judge(s *seen) play.Result {
	if look.id == "CLI-8" && !s.edition.KeyLine {
		return play.Result{Outcome: play.NotApplicable, Why: "the list of edition " + s.edition.Name + " has no key line"}
	}
	return look.see(s)
}

// next gives the first sight that was not tried, in the order in which a person goes
// about it; false: there is none.
func next(s *seen) (sight, bool) {
	for _, look := range sights {
		if look.judge(s).Why == unseen.Why {
			return look, true
		}
	}
	return sight{}, false
}
