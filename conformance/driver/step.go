package driver

import (
	"context"
	"errors"
	"os"
	"regexp"
	"time"

	"paycheck/conformance/target"
)

// How long a client may do what it does before a step is given up; stretched by the
// time scale. Who plays its peers answers in less.
const (
	promptPatience = 3 * time.Second  // it reads the terminal and shows something else
	peerPatience   = 5 * time.Second  // it waits for a peer
	restPatience   = 10 * time.Second // it sleeps, or does not read what was typed before
)

// step types a line when the client wants one and its screen matches.
func (s *Session) step(ctx context.Context, wait *regexp.Regexp, line string, optional bool) *StuckError {
	begun, doing := time.Now(), target.Doing("")
	for {
		more := s.tape.more()
		state, err := s.Idle(ctx)
		if err != nil {
			return s.stuck(wait, line, state, err)
		}
		if state.Doing != doing {
			begun, doing = time.Now(), state.Doing
		}
		ready := state.Doing == target.WantsLine && !state.Unread
		switch {
		case ready && wait.MatchString(s.tape.text()):
			return s.enter(ctx, wait, line, state)
		case optional && (ready || state.Doing == target.WaitsPeer && !state.Unread || state.Doing == target.HasEnded):
			return nil
		case state.Doing == target.HasEnded || time.Since(begun) > s.patience(state):
			return s.stuck(wait, line, state, nil)
		}
		select {
		case <-ctx.Done():
			return s.stuck(wait, line, state, context.Cause(ctx))
		case <-more:
		case <-s.Done():
		case <-time.After(lookAgain):
		}
	}
}

// lookAgain is how long a client that rests is left alone until the next look.
const lookAgain = 5 * time.Millisecond

func (s *Session) patience(state target.State) time.Duration {
	d := restPatience
	switch {
	case state.Unread:
	case state.Doing == target.WantsLine:
		d = promptPatience
	case state.Doing == target.WaitsPeer:
		d = peerPatience
	case state.Doing == target.Computes: // which has been waited for
		d = 0
	}
	return time.Duration(float64(d) * s.scale)
}

// enter types the line and waits until it is read: whoever looks at the client next
// sees what it makes of it.
func (s *Session) enter(ctx context.Context, wait *regexp.Regexp, line string, state target.State) *StuckError {
	s.prompts = append(s.prompts, lastLine(s.tape.text()))
	s.tape.typed(line)
	err := s.terminal.Type(line + "\r")
	if err == nil {
		err = s.terminal.Taken(ctx, s.scale)
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return s.stuck(wait, line, state, err)
	}
	return nil
}

func (s *Session) stuck(wait *regexp.Regexp, line string, state target.State, err error) *StuckError {
	death, _ := s.Death()
	return &StuckError{
		Driver: s.Driver.Name, Wait: wait.String(), Type: line, State: state, Death: death, Screen: s.Screen(), Err: err,
	}
}
