package fuzz

import (
	"context"
	"errors"
	"time"

	"paycheck/conformance/transcript"
	"paycheck/spec/scenario"
)

// A race comes by chance: on each process it is tried again and again, with fresh names,
// so often and so long at most.
const (
	repeats   = 100
	raceBound = 3 * time.Second
	raceShort = 800 * time.Millisecond // where it is one try of many
)

// A repeated is what came of one process that was asked the same again and again.
type repeated struct {
	trouble *Trouble // nil: nothing was wrong
	frame   string
	seen    []seen
	said    transcript.Transcript // of the last time
}

// repeat has a conversation again and again with a fresh process, until something is
// wrong. The error says why nothing can be said at all.
func (s *Subject) repeat(ctx context.Context, sc Script, most time.Duration) (r repeated, err error) {
	t, err := s.start(ctx)
	if err != nil {
		return r, err
	}
	defer s.stop(t)
	begun := time.Now()
	for k := range repeats {
		err = t.have(ctx, sc.again(k))
		r.said, r.seen = t.stage.Recorder.Transcript(), t.seen
		for i, seen := range r.seen { // by its name in the script
			r.seen[i].who, _ = actorOf(sc.Acts[seen.step])
		}
		switch {
		case errors.As(err, &r.trouble):
			r.frame = crashFrame(t.program.Printed())
			return r, nil
		case err != nil && (k == 0 || !errors.As(err, new(*undecided))):
			return r, err
		case err != nil || time.Since(begun) > most:
			return r, nil
		}
	}
	return r, nil
}

// shrinkRace makes a conversation smaller in which clients act at one moment. If its acts
// show something wrong when they are done one after another too, that is the finding.
func (s *Subject) shrinkRace(ctx context.Context, f Finding, sc Script, most time.Duration) Finding {
	if trouble, frame, _, err := s.try(ctx, sc.Acts, true); err == nil && trouble != nil {
		f.Trouble, f.Frame = *trouble, frame
		return s.shrink(ctx, f, [][]scenario.Act{sc.Acts}, most)
	}
	short, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	var shown repeated
	fails := func(sc Script, most time.Duration) bool {
		r, err := s.repeat(ctx, sc, most)
		if err != nil || r.trouble == nil || !f.same(r.trouble, r.frame) {
			return false
		}
		shown = r
		return true
	}
	at := func(acts Acts, together Acts) Script {
		return Script{append(append(Acts{}, acts...), together...), len(together)}
	}
	before, together := sc.Acts[:len(sc.Acts)-sc.Together], sc.Acts[len(sc.Acts)-sc.Together:]
	together = ddmin(together, func(rest []scenario.Act) bool {
		return short.Err() == nil && len(rest) > 0 && fails(at(before, rest), raceShort)
	})
	before = ddmin(before, func(rest []scenario.Act) bool {
		return short.Err() == nil && fails(at(rest, together), raceShort)
	})
	f.Script = at(before, together)
	f.Steps, f.Step = len(f.Acts), len(f.Acts)-1
	for range tries {
		if ctx.Err() != nil {
			break
		}
		f.Tried++
		if fails(f.Script, raceShort) {
			f.Failed++
		}
	}
	if shown.trouble != nil {
		f.Trouble, f.Frame, f.seen = *shown.trouble, shown.frame, shown.seen
	}
	return f
}
