package conformance

import (
	"context"
	"fmt"
	"strings"

	"paycheck/conformance/play"
	"paycheck/spec/edition"
)

// A going is a way to come and go.
type going struct {
	what     string
	requests []string // "me" stands for the client's name
	end      ending
}

var (
	// politely is how LIM-6 has clients go.
	politely = []going{
		{"after Exit", []string{"REGISTER#me", "me#{me.port}", "Exit"}, byFIN},
		{"after its registration", []string{"REGISTER#me"}, byFIN},
		{"before its first request", nil, byFIN},
	}
	// suddenly is how VAN-5 has clients go.
	suddenly = []going{
		{"without Exit", []string{"REGISTER#me", "me#{me.port}"}, byFIN},
		{"by a reset", []string{"REGISTER#me", "me#{me.port}"}, byRST},
		{"by a reset before its login", []string{"REGISTER#me"}, byRST},
		{"by a reset before its first request", nil, byRST},
	}
)

// placesComeBack has more clients come and go in each way than there are places, and
// in the end as many at once as there are places.
func placesComeBack(ways []going) func(context.Context, *play.Stage) error {
	const places = 2
	return func(ctx context.Context, st *play.Stage) error {
		st.Limit(places)
		gone := 0
		for _, way := range ways {
			for range places + 1 {
				err := comesAndGoes(ctx, st, fmt.Sprintf("c%d", gone), way)
				if gone == 0 {
					err = play.Setup("LIM-3", err)
				}
				if err != nil {
					return err
				}
				gone++
			}
		}
		for i := range places {
			name := fmt.Sprintf("d%d", i)
			a, err := st.Ask(ctx, name, "REGISTER#"+name)
			if err == nil && a.Reply == nil {
				err = st.Unlike(ctx, name, a, fmt.Sprintf("an answer: %d clients have come and gone, and %d of %d places are taken", gone, i, places))
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// comesAndGoes demands that a client is served until it goes.
func comesAndGoes(ctx context.Context, st *play.Stage, name string, way going) error {
	for _, request := range way.requests {
		a, err := st.Ask(ctx, name, strings.ReplaceAll(request, "me", name))
		if err != nil {
			return err
		}
		if a.Reply == nil && request != edition.Exit {
			return st.Unlike(ctx, name, a, "an answer: those who came before have gone "+way.what)
		}
	}
	return left(ctx, st, name, way.end)
}

// inTurn is LIM-7: the one place is handed down from each to the next.
func inTurn(ctx context.Context, st *play.Stage) error {
	st.Limit(1)
	names, err := members(ctx, st, 5)
	if err != nil {
		return err
	}
	holder, waiting := names[0], names[1:]
	if err := play.Setup("LIM-3", holds(ctx, st, holder)); err != nil {
		return err
	}
	for _, name := range waiting {
		if err := waits(ctx, st, name); err != nil {
			return err
		}
	}
	for i, next := range waiting {
		if err := leave(ctx, st, holder); err != nil {
			return err
		}
		a, err := st.Hear(ctx, next)
		if err != nil {
			return err
		}
		if a.List() == nil {
			return outOfTurn(ctx, st, next, a, waiting[i+1:])
		}
		holder = next
	}
	return nil
}

// holds logs in the client that takes the one place.
func holds(ctx context.Context, st *play.Stage, name string) error {
	a, err := login(ctx, st, name)
	if err == nil && a.List() == nil {
		err = st.Unlike(ctx, name, a, "a list")
	}
	return err
}

// waits has a client ask for a login while no place is free.
func waits(ctx context.Context, st *play.Stage, name string) error {
	got, err := tries(ctx, st, name)
	if err == nil && got != nil {
		err = st.Fail(ctx, name, "no list", got, 0, "another client gets in while the place is taken")
	}
	return play.Setup("LIM-2", err)
}

// outOfTurn says why a client is not served whose turn it is.
func outOfTurn(ctx context.Context, st *play.Stage, next string, a play.Answer, later []string) error {
	for _, name := range later {
		b, err := st.Hear(ctx, name)
		if err != nil {
			return err
		}
		if b.List() != nil {
			return st.Fail(ctx, name, "no answer yet", b.Reply.Raw, 0, fmt.Sprintf("%s is served, and %s came before it", name, next))
		}
	}
	return play.Setup("LIM-5", st.Unlike(ctx, next, a, "a list: the place is free"))
}

// whoGaveUp is LIM-8: m4 waits among those who give up, and m6 comes last.
func whoGaveUp(ctx context.Context, st *play.Stage) error {
	st.Limit(1)
	if _, err := members(ctx, st, 6); err != nil {
		return err
	}
	// First in peace: that the place of somebody who vanishes is free again, which a
	// program may be in need of that takes up the connection of one who gave up; and
	// that somebody who waits is let in at all.
	for i, end := range []ending{byFIN, byRST, nil} {
		by := "VAN-5"
		if i == 0 {
			by = "LIM-3"
		}
		err := play.Setup(by, holds(ctx, st, "m1"))
		if err == nil && end != nil {
			err = play.Setup("VAN-5", left(ctx, st, "m1", end))
		}
		if err != nil {
			return err
		}
	}
	if err := waits(ctx, st, "m2"); err != nil {
		return err
	}
	if err := leave(ctx, st, "m1"); err != nil {
		return err
	}
	if err := play.Setup("LIM-5", letIn(ctx, st, "m2")); err != nil {
		return err
	}
	for _, c := range []struct {
		name, gone string // gone: how it gives up; empty: it stays
		silent     bool
	}{
		{"m3", "closes", true}, {"m5", "resets", true}, {"m3", "closes", false}, {"m4", "", false}, {"m5", "resets", false}, {"m6", "", false},
	} {
		var err error
		if !c.silent {
			err = waits(ctx, st, c.name)
		}
		if err == nil && c.gone != "" {
			err = st.Do(ctx, fmt.Sprintf("%s connects\n%[1]s %s", c.name, c.gone))
		}
		if err != nil {
			return err
		}
	}
	if err := play.Setup("VAN-1", stillRuns(ctx, st)); err != nil {
		return err
	}
	if err := leave(ctx, st, "m2"); err != nil {
		return err
	}
	for _, name := range []string{"m4", "m6"} {
		if err := letIn(ctx, st, name); err != nil {
			return err
		}
		if err := leave(ctx, st, name); err != nil {
			return err
		}
	}
	return nil
}
