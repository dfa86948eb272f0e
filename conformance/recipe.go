package conformance

import (
	"context"
	"errors"
	"fmt"

	"paycheck/conformance/target"
)

// findRecipe completes a recipe that does not say how the program comes to its port,
// by trying the common ways.
func (s *suite) findRecipe(ctx context.Context) error {
	l, ok := s.env.Host.(*launcher)
	if !ok {
		return nil
	}
	beside := true // what lies beside the program is there for it
	if l.recipe.Files == nil {
		l.recipe.Files, beside = target.Beside(l.recipe.Path)
	}
	if !l.recipe.Stated() {
		found, err := s.guesser(l).Find(ctx, l.recipe)
		if guess := (*target.GuessError)(nil); errors.As(err, &guess) {
			err = fmt.Errorf("%w: %w", ErrNotJudged, err)
			if !beside {
				err = fmt.Errorf("%w; what lies beside it is too much to copy: if it needs any of it, name that with --files", err)
			}
		}
		if err != nil {
			return err
		}
		l.recipe, s.guessed = found, true
	}
	s.learned(l)
	return nil
}

// learned takes over what was found out of the recipe, so that it is shown.
func (s *suite) learned(l *launcher) {
	path := s.cfg.Recipe.Path // as the person has typed it
	s.cfg.Recipe = l.recipe
	s.cfg.Recipe.Path = path
}

func (s *suite) guesser(l *launcher) *target.Guesser {
	return &target.Guesser{Kernel: s.kernel, Scale: s.cfg.Scale, Dir: l.furnished, Port: l.ports.Free}
}
