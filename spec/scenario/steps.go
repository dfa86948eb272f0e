package scenario

import "strings"

// Steps reads steps alone, as a program writes them: without a title, and without
// the demand that each request has its expectation. Every error is an *[Error].
func Steps(text string) ([]Step, error) {
	lines := join(strings.Split(text, "\n"))
	actors := actorsIn(lines)
	var steps []Step
	for _, l := range lines {
		act, err := parseAct(l, actors)
		if err != nil {
			return nil, &Error{Line: l.number, Err: err}
		}
		steps = append(steps, Step{Line: l.number, Act: act})
	}
	return steps, nil
}
