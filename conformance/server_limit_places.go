package conformance

import (
	"context"
	"fmt"
	"slices"
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

// placesComeBack has more clients come and go in each way than there are places. As
// many at once as there are places are served before and after.
func placesComeBack(ways []going) func(context.Context, *play.Stage) error {
	const places = 2
	return func(ctx context.Context, st *play.Stage) error {
		st.Limit(places)
		first := []string{"a1", "a2"}
		if err := play.Setup("LIM-3", together(ctx, st, first, 0)); err != nil {
			return err
		}
		for _, name := range first {
			if err := leave(ctx, st, name); err != nil {
				return err
			}
		}
		gone := len(first)
		for _, way := range ways {
			for range places + 1 {
				if err := comesAndGoes(ctx, st, fmt.Sprintf("c%d", gone), way); err != nil {
					return err
				}
				gone++
			}
		}
		return together(ctx, st, []string{"z1", "z2"}, gone)
	}
}

// together demands that all of them are served at once.
func together(ctx context.Context, st *play.Stage, names []string, gone int) error {
	for i, name := range names {
		a, err := st.Ask(ctx, name, "REGISTER#"+name)
		if err == nil && a.Reply == nil {
			err = st.Unlike(ctx, name, a, fmt.Sprintf("an answer: %d of %d places are taken, %d clients have come and gone", i, len(names), gone))
		}
		if err != nil {
			return err
		}
	}
	return nil
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
	if len(way.requests) == 0 { // else it may be gone before it has been taken up
		if _, err := st.Conn(ctx, name); err != nil {
			return err
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
	}
	return goes(ctx, st, name, way.end)
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
	if err := play.Setup("LIM-3", holds(ctx, st, "m1")); err != nil {
		return err
	}
	// First in peace, since a program may take up the connection of one who gave up:
	// that those who come and go when the place is free leave it free; and that
	// somebody who waits is let in at all.
	for _, c := range []struct {
		in  bool // it has logged in
		end ending
		by  string
	}{{true, byFIN, "VAN-5"}, {true, byRST, "VAN-5"}, {false, byFIN, "LIM-6"}, {false, byRST, "VAN-5"}} {
		name := "m1"
		if !c.in {
			if err := leave(ctx, st, name); err != nil {
				return err
			}
			name = "m3"
			if err := st.Do(ctx, "m3 connects"); err != nil {
				return err
			}
			if err := st.Rest(ctx); err != nil {
				return err
			}
		}
		if err := play.Setup(c.by, goes(ctx, st, name, c.end)); err != nil {
			return err
		}
		if err := play.Setup(c.by, holds(ctx, st, "m1")); err != nil {
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
	return allLetIn(ctx, st, "m4", "m6")
}

// allLetIn demands that each who waits is let in when the one before has left, in
// whatever order.
func allLetIn(ctx context.Context, st *play.Stage, waiting ...string) error {
	for len(waiting) > 0 {
		var refused error
		served := slices.IndexFunc(waiting, func(name string) bool {
			err := letIn(ctx, st, name)
			if refused == nil {
				refused = err
			}
			return err == nil
		})
		if served < 0 {
			return refused
		}
		if err := leave(ctx, st, waiting[served]); err != nil {
			return err
		}
		waiting = slices.Delete(waiting, served, served+1)
	}
	return nil
}
