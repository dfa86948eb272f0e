package conformance

import (
	"context"
	"fmt"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
)

// A round of VAN-8 has clients vanish in every way, each way so many times.
const eachWay = 3

// leavesNothing is VAN-8. Threads and descriptors are compared from round to round: a
// pool may grow to its size in the first one, a leak goes on.
func leavesNothing(ctx context.Context, st *play.Stage) error {
	count := 0
	if err := leavesProcessor(ctx, st, &count); err != nil {
		return err
	}
	if err := vanish(ctx, st, &count); err != nil { // to warm up
		return err
	}
	first, err := calm(ctx, st, nil)
	if err != nil {
		return err
	}
	last := first
	threads, descriptors := true, true // they have grown in every round so far
	for range 3 {
		if err := vanish(ctx, st, &count); err != nil {
			return err
		}
		now, err := calm(ctx, st, &last)
		if err != nil {
			return err
		}
		threads = threads && now.Threads >= last.Threads+eachWay
		descriptors = descriptors && now.Descriptors >= last.Descriptors+eachWay
		if last = now; !threads && !descriptors {
			return nil
		}
	}
	what, from, to := "threads", first.Threads, last.Threads
	if !threads {
		what, from, to = "open descriptors", first.Descriptors, last.Descriptors
	}
	return st.Shown("as many "+what+" as before",
		fmt.Sprintf("in three rounds of vanishing clients the %s grew from %d to %d, in each round", what, from, to))
}

// leavesProcessor has one client vanish in each way, and finds a thread that never
// rests since then. It goes before the rounds, which such a thread makes slow.
func leavesProcessor(ctx context.Context, st *play.Stage, count *int) error {
	if err := st.Do(ctx, "alice connects"); err != nil {
		return err
	}
	busy, err := st.Program.Busy(ctx, st.Env.Scale)
	if err != nil {
		return play.Inapplicable("the program's process can't be looked at here")
	}
	if err := goes(ctx, st, "alice", byFIN); err != nil || busy > 0 {
		return err // a program that never rests anyway can't be judged by this
	}
	for _, way := range sudden() {
		if err := vanishes(ctx, st, count, way); err != nil {
			return err
		}
		if busy, err = st.Program.Busy(ctx, st.Env.Scale); err != nil {
			return err
		}
		if busy > 0 {
			return st.Shown("the processor is left alone when a client has vanished",
				fmt.Sprintf("a client has gone %s, and a thread has used %d ms of the processor since without a rest, though nobody asks for anything",
					way.what, busy.Milliseconds()))
		}
	}
	return nil
}

// sudden lists the ways to vanish: those of VAN-5, and a close before the login.
func sudden() []going { return append(politely[1:len(politely):len(politely)], suddenly...) }

// vanish has new clients come and vanish in every way, one after another.
func vanish(ctx context.Context, st *play.Stage, count *int) error {
	for _, way := range sudden() {
		for range eachWay {
			if err := vanishes(ctx, st, count, way); err != nil {
				return err
			}
		}
	}
	return nil
}

// vanishes has one new client come and vanish.
func vanishes(ctx context.Context, st *play.Stage, count *int, way going) error {
	*count++
	return play.Setup("VAN-5", comesAndGoes(ctx, st, fmt.Sprintf("v%d", *count), way))
}

// What a program takes is measured when it will not act by itself any more, or no
// longer takes more than before, or after returnBound: it may clear up with a delay.
const returnBound = 10 * time.Second

// calm measures what the program takes once it has cleared up. Without a round before
// it there is nothing to compare, and one wait must do.
func calm(ctx context.Context, st *play.Stage, before *target.Usage) (target.Usage, error) {
	for begun := time.Now(); ; {
		s, err := st.Program.Settle(ctx, target.Wait{Scale: st.Env.Scale, Patient: true})
		if err != nil {
			return target.Usage{}, err
		}
		u, err := st.Program.Usage()
		if err != nil {
			return u, play.Unjudged("%v", err)
		}
		back := before == nil || u.Threads <= before.Threads && u.Descriptors <= before.Descriptors
		if back || s.Final || time.Since(begun) > time.Duration(float64(returnBound)*st.Env.Scale) {
			return u, nil
		}
		select {
		case <-ctx.Done():
			return u, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
