package conformance

import (
	"context"

	"paycheck/conformance/play"
)

// A Subject is a program that is ready to be talked to: how it is started is known,
// and how it speaks. It is for whoever has conversations of their own with it.
type Subject struct{ suite *suite }

// Prepare finds out how the program of cfg is started and how it speaks, as before a
// run of checks. The error is [ErrUsage] or [ErrNotJudged]. Close ends the subject.
func Prepare(ctx context.Context, cfg Config) (*Subject, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Subject{s}, nil
}

// Env is what a stage needs to start the program and to speak to it.
func (s *Subject) Env() play.Env { return s.suite.env }

// TakesLimit reports whether the program is told at start how many clients it serves.
func (s *Subject) TakesLimit() bool { return s.suite.cfg.Recipe.TakesLimit() }

// Served is how many clients were seen to be served at once, or is the limit that is
// built in; 0: not measured.
func (s *Subject) Served() int {
	if own := s.suite.builtIn(); own > 0 {
		return own
	}
	return s.suite.dialect.Served
}

// Run is the head of a report on the subject, without results.
func (s *Subject) Run() Run { return s.suite.report(nil, true) }

// Close ends what was made for the subject.
func (s *Subject) Close() error { return s.suite.close() }

// ClientEnv is what a stage needs to start a client and to speak to it; only where the
// program is one.
func (s *Subject) ClientEnv() play.ClientEnv {
	env := s.suite.client.env
	env.Host = s.suite.client
	return env
}
