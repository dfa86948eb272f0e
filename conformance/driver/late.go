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
	err := s.Do(ctx, op, v)
	if late := s.belated(err, typed); late != nil {
		err = s.play(ctx, op, late, v)
	}
	return err
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
