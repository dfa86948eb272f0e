package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
)

// probe learns how the program speaks, each try on a fresh process, and how many
// clients it serves at once.
func (s *suite) probe(ctx context.Context) error {
	endings := dialect.Endings(s.cfg.Edition)
	s.dialect = dialect.Dialect{Ending: endings[0]}
	greeting, err := s.greeting(ctx)
	if err != nil {
		return err
	}
	s.dialect.Greeting = greeting
	s.mute = greeting == ""
	for _, ending := range endings {
		ok, heard, err := s.understands(ctx, ending, "given alice online\nalice sees alice\n")
		if err != nil {
			return err
		}
		s.mute = s.mute && !heard
		if ok {
			s.dialect.Ending = ending
			break
		}
	}
	s.env.Profile.Dialect = s.dialect
	if s.mute {
		return nil // there is no more to learn
	}
	if s.dialect.LineEnd, err = s.lineEnd(ctx); err != nil {
		return err
	}
	if s.dialect.Served, err = s.served(ctx); err != nil {
		return err
	}
	s.env.Profile.Dialect = s.dialect
	return nil
}

// try plays steps in a process of their own.
func (s *suite) try(ctx context.Context, d dialect.Dialect, body func(context.Context, *play.Stage) error) (play.Result, error) {
	env := s.env
	env.Profile.Dialect = d
	return play.Run(ctx, &env, body)
}

// understands plays steps with one request ending: whether they held, and whether
// the program said anything at all.
func (s *suite) understands(ctx context.Context, ending dialect.Ending, steps string) (ok, heard bool, err error) {
	d := s.dialect
	d.Ending = ending
	r, err := s.try(ctx, d, func(ctx context.Context, st *play.Stage) error { return st.Do(ctx, steps) })
	heard = slices.ContainsFunc(r.Transcript, func(e transcript.Event) bool { return e.Kind == transcript.Received })
	return err == nil && (r.Outcome == play.Held || r.Outcome == play.Tolerated), heard, err
}

// greeting is what the program says on connect. It is the first try of all, so a
// program that does not come up is found out here.
func (s *suite) greeting(ctx context.Context) (string, error) {
	var said string
	var startErr error
	_, err := s.try(ctx, s.dialect, func(ctx context.Context, st *play.Stage) error {
		if startErr = st.Start(ctx); startErr != nil {
			return startErr
		}
		if err := st.Do(ctx, "alice connects"); err != nil {
			return err
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
		for _, line := range st.News("alice") {
			said += line.Text
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if s := (*target.StartError)(nil); errors.As(startErr, &s) {
		return "", fmt.Errorf("%w: %w", ErrNotJudged, s)
	}
	return said, startErr
}

// lineEnd finds out whether the program takes line ends off: a name that was
// registered with one behind it is then known without.
func (s *suite) lineEnd(ctx context.Context) (dialect.Ending, error) {
	for _, ending := range []dialect.Ending{dialect.CRLF, dialect.LF} {
		deposit := ""
		if s.cfg.Edition.Deposit {
			deposit = fmt.Sprintf("#%d", s.cfg.Edition.InitialBalance)
		}
		steps := fmt.Sprintf("bob sends \"REGISTER#{bob}%s\"\nbob < (any)\nalice > bob#{alice.port}\nalice < (list)\n",
			deposit+escaped(ending.Bytes))
		ok, _, err := s.understands(ctx, s.dialect.Ending, steps)
		if err != nil || ok {
			return ending, err
		}
	}
	return dialect.Ending{}, nil
}

func escaped(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return quoted[1 : len(quoted)-1]
}

// enough is how many clients at once any check needs that does not set a limit.
const enough = 4

// served counts how many clients the program serves at once, up to enough; 0 if a
// client beyond those that were served was neither kept waiting nor sent away, so
// that something else than a limit is the matter.
func (s *suite) served(ctx context.Context) (int, error) {
	n := 0
	_, err := s.try(ctx, s.dialect, func(ctx context.Context, st *play.Stage) error {
		for _, name := range []string{"alice", "bob", "carol", "dave"}[:enough] {
			if err := st.Do(ctx, "given "+name+" online"); err != nil {
				if !st.Unserved(name) {
					n = 0
				}
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}
