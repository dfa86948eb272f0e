package driver

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"paycheck/conformance/target"
)

// Insist is [Session.Do] for a client that may have printed something behind its
// question, such as the news of a payment: a person types then, too. Typed says that the
// line before belonged to no operation.
func (s *Session) Insist(ctx context.Context, op Op, v Values, typed bool) error {
	if state, err := s.Idle(ctx); err == nil && s.Driver.Can(op) {
		// Where it is so from the beginning, nothing else needs to be waited for.
		first := &StuckError{Op: op, Step: 1, Wait: s.Driver.Ops[op][0].Wait, State: state}
		if late := s.belated(first, false); late != nil && !s.Driver.Ops[op][0].Optional && !s.asks(first.Wait) {
			return s.play(ctx, op, late, v)
		}
	}
	err := s.Do(ctx, op, v)
	if late := s.belated(err, typed); late != nil {
		err = s.play(ctx, op, late, v)
	}
	return err
}

// asks reports whether the screen is as it has to be before a step.
func (s *Session) asks(wait string) bool {
	asked, err := regexp.Compile(wait)
	return err == nil && asked.MatchString(s.Text())
}

// belated gives the steps that are left of an operation where the client has asked for
// its line and then printed something else.
func (s *Session) belated(err error, typed bool) []Step {
	stuck := (*StuckError)(nil)
	if !errors.As(err, &stuck) || stuck.State.Doing != target.WantsLine || stuck.State.Unread || stuck.Step == 0 {
		return nil
	}
	text := s.Text()
	asked, err := regexp.Compile(strings.TrimSuffix(stuck.Wait, "$"))
	skipped := strings.TrimSpace(text) == "" && typed // an empty line that the client has read over
	if err != nil || !skipped && !asked.MatchString(text) {
		return nil
	}
	left := slices.Clone(s.Driver.Ops[stuck.Op][stuck.Step-1:])
	left[0].Wait, left[0].Optional = "", false
	return left
}
