package conformance

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"paycheck/conformance/transcript"
)

// conform succeeds on a result that is no failure. Its message is what a person
// needs who runs the suite with Ginkgo's own report: the sentence, what was wanted,
// what came with every byte visible, and the conversation.
func conform() types.GomegaMatcher { return conforming{} }

type conforming struct{}

func (conforming) Match(actual any) (bool, error) {
	r, ok := actual.(Result)
	if !ok {
		return false, fmt.Errorf("conform takes a Result, not a %T", actual)
	}
	v := r.Verdict()
	return v == Pass || v == Accepted || v == Warn, nil
}

func (conforming) FailureMessage(actual any) string {
	r := actual.(Result)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n%s\n", r.Check.Requirement.ID, r.Verdict(), r.Check.Requirement.Sentence)
	if r.By != "" {
		fmt.Fprintf(&b, "blocked by %s\n", r.By)
	}
	fmt.Fprintf(&b, "why: %s\n", r.Why)
	if f := r.Finding; f != nil {
		fmt.Fprintf(&b, "want: %s\ngot:  %s\n", f.Want, transcript.Visible(f.Got))
	}
	b.WriteString(r.Transcript.String())
	return b.String()
}

func (conforming) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("%s conforms", actual.(Result).Check.Name())
}
