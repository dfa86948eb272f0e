package conformance

import (
	"context"
	"errors"
	"fmt"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec/edition"
)

// probe learns how the program speaks, each try on a fresh process, and how many
// clients it serves at once. The error is [ErrNotJudged] if it can't be judged.
func (s *suite) probe(ctx context.Context) error {
	best, err := s.converse(ctx, s.endings())
	if err != nil {
		return err
	}
	s.dialect = dialect.Dialect{Ending: best.ending, Greeting: best.greeting, Seen: best.seen}
	s.unheard = best.unheard()
	if best.heard && best.reach < logsIn {
		if err := s.otherEdition(ctx); err != nil {
			return err
		}
	}
	s.env.Profile.Dialect = s.dialect
	if s.unheard != "" {
		return nil // there is no more to learn
	}
	if s.dialect.LineEnd, err = s.lineEnd(ctx); err != nil {
		return err
	}
	if err := s.measure(ctx); err != nil {
		return err
	}
	s.env.Profile.Dialect = s.dialect
	return nil
}

// converse tries one request ending after the other until one is understood, and
// returns the conversation that came furthest.
func (s *suite) converse(ctx context.Context, endings []dialect.Ending) (best hearing, err error) {
	for i, ending := range endings {
		t, err := s.talk(ctx, ending)
		if err != nil {
			return t, err
		}
		heard := best.heard || t.heard
		if i == 0 || t.further(best) {
			best = t
		}
		if best.heard = heard; best.reach >= lists {
			break
		}
		if err := foreign(t); err != nil {
			return t, err
		}
		if i == 0 && !s.cfg.Secure && (len(t.first) == 0 || tlsRecord(t.first)) {
			if err := s.encrypted(ctx); err != nil {
				return t, err
			}
		}
	}
	return best, nil
}

// otherEdition notes that the program speaks the protocol of another year. It is held
// against the year that was asked for all the same.
func (s *suite) otherEdition(ctx context.Context) error {
	mine := s.env.Profile.Edition
	defer func() { s.env.Profile.Edition = mine }()
	for _, e := range edition.All {
		if e.Name == mine.Name {
			continue
		}
		s.env.Profile.Edition = e
		t, err := s.converse(ctx, dialect.Endings(e)[:2])
		if err != nil {
			return err
		}
		if t.reach >= logsIn {
			s.notes = append(s.notes, fmt.Sprintf("The program speaks the protocol of %s: to judge it by that, give --edition %[1]s.", e.Name))
		}
	}
	return nil
}

// endings are those to try.
func (s *suite) endings() []dialect.Ending {
	if s.cfg.Ending.Name != "" {
		return []dialect.Ending{s.cfg.Ending}
	}
	return dialect.Endings(s.cfg.Edition)
}

// try plays steps in a process of their own.
func (s *suite) try(ctx context.Context, d dialect.Dialect, body func(context.Context, *play.Stage) error) (play.Result, error) {
	env := s.env
	env.Profile.Dialect = d
	return play.Run(ctx, &env, body)
}

// started gives what kept the program from coming up, as an [ErrNotJudged].
func started(err error) error {
	if start := (*target.StartError)(nil); errors.As(err, &start) {
		return fmt.Errorf("%w: %w", ErrNotJudged, start)
	}
	return err
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
		r, err := s.try(ctx, s.dialect, func(ctx context.Context, st *play.Stage) error { return st.Do(ctx, steps) })
		if err != nil {
			return ending, err
		}
		if r.Outcome == play.Held || r.Outcome == play.Tolerated {
			return ending, nil
		}
	}
	return dialect.Ending{}, nil
}

func escaped(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return quoted[1 : len(quoted)-1]
}
