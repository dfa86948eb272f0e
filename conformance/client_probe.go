package conformance

import (
	"context"
	"errors"
	"fmt"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/rehearsal"
	"paycheck/conformance/target"
)

// A distance is how far a client came in a first meeting.
type distance int

const (
	unmoved    distance = iota // nothing came on the wire
	spoke                      // something came that is no registration
	registered                 // a registration came
	wentOnline                 // a login came
	listing                    // a request for the list came
	paid                       // a payment came to the payee
	wentOn                     // and after that, a request for the list
)

func (d distance) String() string {
	return [...]string{
		"its start", "a text that is no registration", "the registration", "the login", "the list", "the payment", "the list after a payment",
	}[d]
}

// A meeting is one try to drive a client through a whole session.
type meeting struct {
	reach  distance
	manner counter.Manner
	driver driver.Driver
	why    string // it came no further
	screen []string
	bare   bool // it has sent a peer something that is no TLS
}

// greeting offended no client that was tried.
const greeting = "Connection success, accepted"

// meet finds out how the client is typed at and how it needs to be spoken to, each try
// on a fresh process. The error is [ErrNotJudged] if it can't be driven.
func (s *suite) meet(ctx context.Context) error {
	s.seat()
	var best meeting
	drivers, err := s.drivers(), error(nil)
	if s.cfg.Secure {
		if drivers, err = s.encryptClient(ctx); err != nil {
			return err
		}
	}
	if s.halved != "" { // nothing is said to it
		s.client.driver = drivers[0]
		return nil
	}
	for i, d := range drivers {
		var m meeting
		if m, err = s.learn(ctx, d); err != nil {
			return err
		}
		if i == 0 || m.reach > best.reach {
			best = m
		}
		if best.reach == wentOn {
			break
		}
	}
	if s.cfg.Driver == nil && best.reach < wentOn {
		if best, err = s.guess(ctx, best); err != nil {
			return err
		}
	}
	if best.bare && best.reach < paid {
		s.client.env.Transport.Payee = nil
		s.notes = append(s.notes, "It speaks to other clients without TLS (SEC-21), so that peers do.")
		if best, err = s.learn(ctx, best.driver); err != nil {
			return err
		}
	}
	if best.reach == unmoved || s.cfg.Whole && best.reach < wentOn {
		return stuckAt(best)
	}
	if best.reach < wentOn {
		s.notes = append(s.notes, "In a first session the client came no further than "+best.reach.String()+": "+best.why+".")
	}
	s.client.driver, s.client.env.Manner = best.driver, best.manner
	s.client.env.Pays = best.reach >= paid
	if s.cfg.Secure {
		return s.sealedByPeers(ctx)
	}
	return nil
}

// guess finds a driver from the words of the client's menus, where those that are built
// in do not fit, and gives the meeting that came furthest.
func (s *suite) guess(ctx context.Context, best meeting) (meeting, error) {
	hall, err := rehearsal.Open(s.client.launcher.recipe, s.cfg.Edition, s.cfg.Scale, s.cfg.Seed)
	if err != nil {
		return best, fmt.Errorf("%w: %w", ErrNotJudged, err)
	}
	hall.Transport = s.client.env.Transport
	found, failure := hall.Guesser().Find(ctx)
	if err := hall.Close(); err != nil {
		return best, err
	}
	if ctx.Err() != nil {
		return best, context.Cause(ctx)
	}
	if failure != nil { // it is told what kept the others
		if best.reach == unmoved {
			best.why = failure.Error()
		}
		return best, nil
	}
	m, err := s.learn(ctx, found.Driver)
	if err != nil || m.reach <= best.reach {
		return best, err
	}
	s.notes = append(s.notes, "What is typed was guessed from the client's menus: "+found.Sure()+".")
	return m, nil
}

// drivers are those to try.
func (s *suite) drivers() []driver.Driver {
	if s.cfg.Driver != nil {
		return []driver.Driver{*s.cfg.Driver}
	}
	return driver.Builtin()
}

// learn meets a client again and again, each time with one habit of the server changed
// that may be what kept it from coming further.
func (s *suite) learn(ctx context.Context, d driver.Driver) (meeting, error) {
	best, err := s.encounter(ctx, d, counter.Manner{})
	for changed := true; err == nil && changed && best.reach < wentOn; {
		changed = false
		for _, manner := range mannersFor(best) {
			var m meeting
			if m, err = s.encounter(ctx, d, manner); err != nil {
				return best, err
			}
			if m.reach > best.reach {
				best, changed = m, true
				break
			}
		}
	}
	return best, err
}

// mannersFor gives what may help a client that came so far.
func mannersFor(m meeting) []counter.Manner {
	with := func(change func(*counter.Manner)) counter.Manner {
		manner := m.manner
		change(&manner)
		return manner
	}
	switch m.reach {
	case unmoved, spoke:
		if m.manner.Greeting == "" {
			return []counter.Manner{with(func(m *counter.Manner) { m.Greeting = greeting })}
		}
	case registered:
		return []counter.Manner{with(func(m *counter.Manner) { m.End = "\n" })}
	case wentOnline, listing:
		return []counter.Manner{
			with(func(m *counter.Manner) { m.End = "\n" }),
			with(func(m *counter.Manner) { m.NoKey = true }),
			with(func(m *counter.Manner) { m.End, m.NoKey = "\n", true }),
			with(func(m *counter.Manner) { m.Hello = greeting }),
		}
	case paid:
		return []counter.Manner{
			with(func(m *counter.Manner) { m.Notice = true }),
			with(func(m *counter.Manner) { m.Thanks = "ok" }),
			with(func(m *counter.Manner) { m.Notice, m.Thanks = true, "ok" }),
		}
	}
	return nil
}

// encounter drives a fresh process through a session, as far as it goes.
func (s *suite) encounter(ctx context.Context, d driver.Driver, manner counter.Manner) (meeting, error) {
	m := meeting{driver: d, manner: manner}
	host := *s.client
	host.driver = d
	env := s.client.env
	env.Host, env.Manner = &host, manner
	var failed error
	r, err := play.RunClient(ctx, &env, func(ctx context.Context, st *play.ClientStage) error {
		defer func() {
			m.spoken(st)
			if s.cfg.Secure {
				m.bare = bare(st, "bob")
				s.client.learns(st)
			}
		}()
		if err := st.Listed("bob", "127.0.0.1"); err != nil {
			return err
		}
		for _, step := range []struct {
			steps string
			reach distance
		}{
			{"user registers alice\nserver < REGISTER#alice", registered},
			{"user logs in alice\nserver < alice#{alice.port}", wentOnline},
			{"user lists\nserver < (any)", listing},
			{"user pays bob 100\nbob < alice#100#bob", paid},
			{"user lists\nserver < (any)", wentOn},
		} {
			if err := st.Do(ctx, step.steps); err != nil {
				failed = err
				return err
			}
			m.reach = step.reach
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	m.why = r.Why
	if r.Finding != nil {
		m.screen = r.Finding.Screen
	}
	if start := (*target.StartError)(nil); errors.As(failed, &start) {
		return m, fmt.Errorf("%w: %w", ErrNotJudged, start)
	}
	return m, nil
}

// spoken notes that something came to the server, if not what was hoped for.
func (m *meeting) spoken(st *play.ClientStage) {
	if m.reach > unmoved || st.Counter == nil {
		return
	}
	for _, e := range st.Counter.Log() {
		if e.Kind == counter.Asked {
			m.reach = spoke
		}
	}
}
