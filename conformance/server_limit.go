package conformance

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// Programs count connections or logins; so that both are measured alike, all
// accounts are registered by the client that comes first, and who comes later
// begins with the login.
var limit = []written{
	{"LIM-1", "With a limit of 1 exactly one client is served, also after one has left and another has come.", 1, exactly(1)},
	{"LIM-1", "With a limit of 2 exactly two clients are served, also after one has left and another has come.", 1, exactly(2)},
	{"LIM-1", "With a limit of 3 exactly three clients are served, also after one has left and another has come.", 1, exactly(3)},
	{"LIM-2", "Of two clients that come for the one place at the same moment, one at most gets in, each time.", 1, oneGetsIn},
	{"LIM-6", "However often clients leave after Exit or before their login, all places are free again.", 1, placesComeBack(politely)},
	{"LIM-7", "Of four that wait, each is served when those before it have left, and not earlier.", 1, inTurn},
	{"LIM-8", "Those who give up while they wait, by FIN or RST, with a request or without, take no place from those who stay.", 1, whoGaveUp},
}

// members registers so many accounts, on the connection of the first one.
func members(ctx context.Context, st *play.Stage, n int) ([]string, error) {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("m%d", i+1)
		if err := given(ctx, st, "REG-1", fmt.Sprintf("m1 > REGISTER#%s\nm1 < (any)", names[i])); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// login asks for a login.
func login(ctx context.Context, st *play.Stage, name string) (play.Answer, error) {
	return st.Ask(ctx, name, fmt.Sprintf("%s#{%[1]s.port}", name))
}

// exactly is LIM-1. A program that has lowered the limit to the number of
// processors is held against that number.
func exactly(n int) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		st.Limit(n)
		names, err := members(ctx, st, n+2)
		if err != nil {
			return err
		}
		in := names[:n]
		for i, name := range in {
			a, err := login(ctx, st, name)
			if err != nil {
				return err
			}
			if a.List() != nil {
				continue
			}
			want := fmt.Sprintf("a list: %d of %d places are taken", i, n)
			if i != runtime.NumCPU() {
				return st.Unlike(ctx, name, a, want)
			}
			st.Tolerate(want, a.Raw, -1)
			in, names = in[:i], names[:i+2]
			if err := st.Do(ctx, name+" closes"); err != nil {
				return err
			}
			break
		}
		next, last := names[len(in)], names[len(in)+1]
		if err := full(ctx, st, in, next); err != nil {
			return err
		}
		if err := leave(ctx, st, in[0]); err != nil {
			return err
		}
		if err := letIn(ctx, st, next); err != nil {
			return play.Setup("LIM-5", err)
		}
		return full(ctx, st, append(in[1:], next), last)
	}
}

// tries asks for a login and returns the list, if one has come by the time that the
// program rests. That none comes is not proved: that takes patience, and is not
// needed where a list would be the fault.
func tries(ctx context.Context, st *play.Stage, name string) ([]byte, error) {
	if err := st.Say(ctx, name, fmt.Sprintf("%s#{%[1]s.port}", name)); err != nil {
		return nil, err
	}
	if err := st.Rest(ctx); err != nil {
		return nil, err
	}
	return listed(ctx, st, name)
}

// listed returns the list that a client has got and that nobody has taken up.
func listed(ctx context.Context, st *play.Stage, name string) ([]byte, error) {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return nil, err
	}
	r, ok := wire.Next(conn.Unread(), st.Env.Profile.Edition, true)
	if !ok || r.List == nil {
		return nil, nil
	}
	return r.Raw, nil
}

// full demands that one more is not served and all who are in still are.
func full(ctx context.Context, st *play.Stage, in []string, more string) error {
	got, err := tries(ctx, st, more)
	if err != nil {
		return err
	}
	if got != nil {
		return st.Fail(ctx, more, "no list", got, 0, fmt.Sprintf("%d of %d places are taken, and another client gets in", len(in), len(in)))
	}
	for _, name := range in {
		a, err := st.Ask(ctx, name, edition.List)
		if err != nil {
			return err
		}
		if a.List() == nil {
			return st.Unlike(ctx, name, a, "a list: the client is logged in")
		}
	}
	return nil
}

// letIn demands that a client that waited is served now. One that was sent away
// comes again.
func letIn(ctx context.Context, st *play.Stage, name string) error {
	a, err := st.Hear(ctx, name)
	if err == nil && a.Reply != nil && a.List() == nil { // that was the notice that it had to wait
		a, err = st.Hear(ctx, name)
	}
	if err == nil && a.Closed {
		if err := st.Do(ctx, name+" closes"); err != nil {
			return err
		}
		a, err = login(ctx, st, name)
	}
	if err == nil && a.List() == nil {
		err = st.Unlike(ctx, name, a, "a list: a place is free")
	}
	return err
}

// oneGetsIn is LIM-2 where two logins meet.
func oneGetsIn(ctx context.Context, st *play.Stage) error {
	st.Limit(1)
	pair, err := members(ctx, st, 2)
	if err != nil {
		return err
	}
	if err := leave(ctx, st, "m1"); err != nil {
		return err
	}
	for i := range 20 {
		pair[0], pair[1] = pair[1], pair[0]
		for _, name := range pair {
			if _, err := st.Conn(ctx, name); err != nil {
				return err
			}
		}
		for _, name := range pair {
			if err := st.Say(ctx, name, fmt.Sprintf("%s#{%[1]s.port}", name)); err != nil {
				return err
			}
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
		served := func() bool { // the place may be given back late
			return slices.ContainsFunc(pair, func(name string) bool {
				got, err := listed(ctx, st, name)
				return got != nil || err != nil
			})
		}
		if !served() {
			if _, err := st.Until(ctx, served); err != nil {
				return err
			}
		}
		var in, out []string
		for _, name := range pair {
			got, err := listed(ctx, st, name)
			switch {
			case err != nil:
				return err
			case got == nil:
				out = append(out, name)
			case len(in) > 0:
				return st.Fail(ctx, name, "no list", got, 0, "with a limit of 1, two clients that came at the same moment are served")
			default:
				in = append(in, name)
			}
		}
		if len(in) == 0 {
			by := "LIM-6"
			if i == 0 {
				by = "LIM-3"
			}
			return play.Setup(by, st.Fail(ctx, "", "one of the two is served", nil, -1, "the place is free, and nobody is served"))
		}
		for _, name := range append(in, out...) {
			if _, err := st.Hear(ctx, name); err != nil { // the loser of the two gets its list now
				return err
			}
			if err := leave(ctx, st, name); err != nil {
				return err
			}
		}
	}
	return nil
}
