package conformance

import (
	"context"
	"fmt"
	"slices"

	"paycheck/conformance/play"
	"paycheck/spec"
	"paycheck/spec/scenario"
)

// writtenClient is a check of a client in Go, for what a scenario cannot say.
type writtenClient struct {
	id    string // of its requirement
	title string // stimulus and required effect, as a sentence
	run   func(context.Context, *play.ClientStage) error
}

// clientWritten lists the checks of clients in Go, file by file.
func clientWritten() []writtenClient {
	return slices.Concat(clientRequests, clientReplies, clientPayments, clientTroubles, clientEnds, clientEncrypted)
}

// ClientChecks returns every check for clients, in the order of the text: the scenarios
// of each requirement, then what is written in Go. The error names a check whose
// requirement the text does not have.
func ClientChecks() ([]*Check, error) {
	text, err := spec.Load()
	if err != nil {
		return nil, err
	}
	inGo := map[string][]writtenClient{}
	for _, w := range clientWritten() {
		if r, ok := text.Find(w.id); !ok || r.Role != spec.Client {
			return nil, fmt.Errorf("conformance: the check %q is for %s, which is no requirement for clients", w.title, w.id)
		}
		inGo[w.id] = append(inGo[w.id], w)
	}
	var checks []*Check
	for _, r := range text.All(spec.Client) {
		n := 0
		add := func(title string, line int, run func(context.Context, *play.ClientStage) error) {
			n++
			checks = append(checks, &Check{Requirement: r, Number: n, Title: title, Line: line, client: run})
		}
		for _, s := range r.Scenarios {
			add(s.Title, s.Line, ofClientScenario(s))
		}
		for _, w := range inGo[r.ID] {
			add(w.title, 0, w.run)
		}
	}
	return checks, nil
}

func ofClientScenario(s scenario.Scenario) func(context.Context, *play.ClientStage) error {
	return func(ctx context.Context, st *play.ClientStage) error { return st.Play(ctx, s) }
}

// checksOf gives the checks for one kind of program.
func checksOf(role spec.Role) ([]*Check, error) {
	if role == spec.Client {
		return ClientChecks()
	}
	return Checks()
}
