package conformance

import (
	"context"
	"fmt"
	"slices"

	"paycheck/conformance/play"
	"paycheck/spec"
	"paycheck/spec/scenario"
)

// written is a check in Go, for what a scenario cannot say.
type written struct {
	id      string // of its requirement
	title   string // stimulus and required effect, as a sentence
	clients int    // how many clients it needs served at once
	run     func(context.Context, *play.Stage) error
}

// serverWritten lists the checks in Go, file by file as the text has its sections.
func serverWritten() []written {
	return slices.Concat(framing, registration, list, payment, many, limit, vanishing, operation, encrypted)
}

// Checks returns every check for servers, in the order of the text: the scenarios
// of each requirement, then what is written in Go. The error names a check whose
// requirement the text does not have.
func Checks() ([]*Check, error) {
	text, err := spec.Load()
	if err != nil {
		return nil, err
	}
	inGo := map[string][]written{}
	for _, w := range serverWritten() {
		if r, ok := text.Find(w.id); !ok || r.Role != spec.Server {
			return nil, fmt.Errorf("conformance: the check %q is for %s, which is no requirement for servers", w.title, w.id)
		}
		inGo[w.id] = append(inGo[w.id], w)
	}
	var checks []*Check
	for _, r := range text.All(spec.Server) {
		n := 0
		for _, s := range r.Scenarios {
			n++
			checks = append(checks, ofScenario(r, n, s))
		}
		for _, w := range inGo[r.ID] {
			n++
			checks = append(checks, &Check{Requirement: r, Number: n, Title: w.title, clients: w.clients, run: w.run})
		}
	}
	return checks, nil
}

func ofScenario(r spec.Requirement, n int, s scenario.Scenario) *Check {
	return &Check{
		Requirement: r, Number: n, Title: s.Title, Line: s.Line, clients: servedIn(s),
		run: func(ctx context.Context, st *play.Stage) error { return st.Play(ctx, s) },
	}
}

// servedIn is how many clients a scenario needs served at once: its limit, if it
// sets one, else everybody in it.
func servedIn(s scenario.Scenario) int {
	for _, step := range s.Steps {
		if l, ok := step.Act.(scenario.Limit); ok {
			return l.N
		}
	}
	return len(s.Actors())
}
