package play

import (
	"context"
	"errors"
	"time"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
)

// Absent lets nobody reach the server, though its port stays taken by nobody else; it
// is for before the first step.
func (st *ClientStage) Absent() error {
	err := st.open()
	if err == nil {
		st.Counter.Refuse()
	}
	return err
}

// Try starts a client that may end at once, and waits for that, so long at most. It
// gives what its screen shows, and its death; nil: it waits for its user.
func (st *ClientStage) Try(ctx context.Context, bound time.Duration) (screen string, death *target.Death, err error) {
	st.stopped = true
	st.me = st.person("alice")
	s, err := st.Env.Host.Start(ctx, st.values(nil, 0))
	if stuck := (*driver.StuckError)(nil); errors.As(err, &stuck) && ctx.Err() == nil {
		if stuck.State.Doing == target.HasEnded {
			return stuck.Screen, &stuck.Death, nil
		}
		return stuck.Screen, nil, nil
	}
	if err != nil {
		return "", nil, cannotStart(err)
	}
	st.Session = s
	if err := st.rest(ctx); err != nil {
		return "", nil, err
	}
	if state, err := s.Idle(ctx); err != nil || state.Doing == target.WantsLine {
		return s.Screen(), nil, err
	}
	if ended, err := st.Ended(ctx, bound); err != nil || !ended {
		if err == nil {
			err = st.violation(ctx, "server", "the client ends where the server can't be reached", nil, -1, "the client has not ended")
		}
		return s.Screen(), nil, err
	}
	d, _ := s.Death()
	return s.Screen(), &d, nil
}

// Absented is the violation of a client whose server can't be reached.
func (st *ClientStage) Absented(want, why, screen string) error {
	return &violation{why: why, finding: &Finding{Want: want, At: -1, Screen: rows(screen)}}
}
