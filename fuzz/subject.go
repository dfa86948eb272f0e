package fuzz

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/fuzz/model"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A Subject is the program that is fuzzed.
type Subject struct {
	ready   *conformance.Subject
	host    play.Host
	env     play.Env // of a stage
	edition edition.Edition
	voice   model.Voice
	most    int // how many clients are connected at once
}

// crowd is how many clients are connected at once at most: more than the ten, sixteen
// or thirty-two for which arrays are made.
const crowd = 40

// Prepare finds out how the program is started and how it speaks. The errors are those
// of [conformance.Prepare].
func Prepare(ctx context.Context, cfg conformance.Config) (*Subject, error) {
	ready, err := conformance.Prepare(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s := &Subject{ready: ready, env: ready.Env(), edition: cfg.Edition, most: crowd}
	s.host = s.env.Host
	// Names are what the conversations say: each process is asked for each but once.
	s.env.Prefix = func() string { return "" }
	s.env.Requirement = ""
	if served := ready.Served(); !ready.TakesLimit() && served > 0 && served < crowd {
		s.most = served
	}
	s.voice.LineEnd = s.env.Profile.Dialect.LineEnd.Name != ""
	if err := s.greet(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// greet makes sure that a client is served at all, and finds out how.
func (s *Subject) greet(ctx context.Context) error {
	r, err := s.play(ctx, "alice > REGISTER#alice\nalice < (any)\nalice > alice#{alice.port}\nalice < (list)")
	if err == nil && r.Outcome != play.Held && r.Outcome != play.Tolerated {
		err = fmt.Errorf("%w: no client gets as far as the list: %s; see what paycheck server says", conformance.ErrNotJudged, r.Why)
	}
	if err == nil {
		s.voice.Bare, err = s.bare(ctx)
	}
	return err
}

// play takes steps on a fresh process.
func (s *Subject) play(ctx context.Context, steps string) (play.Result, error) {
	env := s.env
	return play.Run(ctx, &env, func(ctx context.Context, st *play.Stage) error { return st.Do(ctx, steps) })
}

// bare finds out whether a request without anything behind it is answered, also a short
// one after a long one (FRM-2).
func (s *Subject) bare(ctx context.Context) (bool, error) {
	if s.edition.RequestEnd != "" {
		return false, nil
	}
	r, err := s.play(ctx, `alice sends "REGISTER#alice"
alice < 100 OK
alice sends "alice#5001"
alice < (list)
alice sends "List"
alice < (list)`)
	return r.Outcome == play.Held, err
}

// Close ends what was made for the subject.
func (s *Subject) Close() error { return s.ready.Close() }

// Head says what is fuzzed.
func (s *Subject) Head() conformance.Run { return s.ready.Run() }

// start gives a talk with a fresh process.
func (s *Subject) start(ctx context.Context) (*talk, error) {
	limit := 0
	if s.ready.TakesLimit() {
		limit = s.most + spare
	}
	p, _, err := s.host.Start(ctx, limit)
	if err != nil {
		return nil, err
	}
	return &talk{subject: s, program: p, set: model.Start()}, nil
}

// spare is how many places there are beyond the clients of one conversation: those of
// the last one may not be free yet.
const spare = 24

// stop ends the process of a talk.
func (s *Subject) stop(t *talk) { s.host.Release(t.program) }

// render gives the bytes of a message in the program's dialect.
func (s *Subject) render(m scenario.Message) []byte {
	text := s.text(m)
	return []byte(text + s.env.Profile.Dialect.Ending.After(text))
}

// fill gives the bytes of a template.
func (s *Subject) fill(t scenario.Template) []byte {
	var b strings.Builder
	for _, p := range t {
		switch p.Hole {
		case scenario.Literal, scenario.Name:
			b.WriteString(p.Text)
		case scenario.Port:
			b.WriteString(strconv.Itoa(portOf(p.Text)))
		case scenario.Address:
			b.WriteString(loopback)
		case scenario.End:
			b.WriteString(s.env.Profile.Dialect.Ending.After(b.String()))
		case scenario.Repeat:
			b.WriteString(strings.Repeat(p.Text, int(p.N)))
		}
	}
	return []byte(b.String())
}

// portOf gives the port that {name.port} stands for.
func portOf(name string) int {
	const first, count = 5000, 3000
	n := 0
	for _, c := range name {
		n = (n*31 + int(c)) % count
	}
	return first + n
}

// ended gives a request with the ending that its connection uses.
func (s *Subject) ended(text string, f model.Framing) []byte {
	if f.Stream {
		return []byte(text + s.env.Profile.Dialect.LineEnd.Bytes)
	}
	return []byte(text + s.env.Profile.Dialect.Ending.After(text))
}
