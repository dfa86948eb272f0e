package conformance

import (
	"context"
	"fmt"
	"slices"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// Many rounds make it likely that two threads meet where they must not: the more
// rounds, the narrower the gap that is still found.
var many = []written{
	{"CON-1", "Two clients that ask for the list again and again, in every order, each get their own.", 2, ownLists},
	{"CON-1", "Two clients that register again and again at the same moment each get their own reply.", 2, ownRegistrations},
	{"CON-2", "A client that stops at the first, a middle or the last byte of any request delays no other.", 2, stopsAnywhere},
	{"CON-3", "Of several that register one free name at the same moment exactly one gets 100 OK, each time.", 2, oneGetsTheName},
	{"CON-4", "Each balance and their sum are what the payments say when many come at the same moment.", 2, moneyKept},
	{"CON-5", "Each list is whole and agrees with itself while others log in, pay and leave.", 2, wholeLists},
	{"CON-6", "With two clients logged in there is no child process and more than one thread.", 2, threadsOfOneProcess},
	{"CON-7", "The last of 100 sessions that follow each other is served as the first was.", 1, sessionsInTurn},
}

// ownLists tells the two apart by their balances.
func ownLists(ctx context.Context, st *play.Stage) error {
	if err := given(ctx, st, "PAY-1", "given alice bob online\nalice has {a}\nbob > alice#1#bob\nalice has {a-1}"); err != nil {
		return err
	}
	own := map[string]int64{}
	for _, name := range []string{"alice", "bob"} {
		l, err := st.List(ctx, name)
		if err != nil {
			return err
		}
		own[name] = l.Balance
	}
	for i := range 100 {
		asking, hearing := orders(i)
		for _, name := range asking {
			if err := st.Say(ctx, name, edition.List); err != nil {
				return err
			}
		}
		for _, name := range hearing {
			a, err := st.Hear(ctx, name)
			if err != nil {
				return err
			}
			want := fmt.Sprintf("a list with the balance %d", own[name])
			switch l := a.List(); {
			case l == nil:
				return st.Unlike(ctx, name, a, want)
			case l.Balance != own[name]:
				return st.Fail(ctx, name, want, a.Reply.Raw, 0, name+" got the list of another client")
			}
		}
	}
	return nil
}

// orders gives who asks in a round, and in which order they are heard.
func orders(round int) (asking, hearing []string) {
	asking = [][]string{{"alice", "bob"}, {"bob", "alice"}, {"alice"}, {"bob"}}[round%4]
	hearing = slices.Clone(asking)
	if round/4%2 == 1 {
		slices.Reverse(hearing)
	}
	return asking, hearing
}

// ownRegistrations tells the two apart by what they ask for: one a name that is
// taken, the other a name that is free.
func ownRegistrations(ctx context.Context, st *play.Stage) error {
	if err := nameIsTaken(ctx, st); err != nil {
		return err
	}
	for i := range 150 {
		asking, hearing := orders(i % 2)
		if i/2%2 == 1 {
			slices.Reverse(hearing)
		}
		wants := map[string]string{}
		for j, name := range asking {
			request := "REGISTER#taken"
			wants[name] = edition.Fail
			if (i/4+j)%2 == 0 {
				request, wants[name] = fmt.Sprintf("REGISTER#free%d", i), edition.OK
			}
			if err := st.Say(ctx, name, request); err != nil {
				return err
			}
		}
		for _, name := range hearing {
			a, err := st.Hear(ctx, name)
			if err != nil {
				return err
			}
			if !wire.Means(a.Text(), wants[name]) {
				return st.Unlike(ctx, name, a, wants[name])
			}
		}
	}
	return nil
}

// nameIsTaken registers a name and makes sure, in peace, that it is not given twice.
func nameIsTaken(ctx context.Context, st *play.Stage) error {
	if err := given(ctx, st, "REG-1", "alice > REGISTER#taken\nalice < 100 OK"); err != nil {
		return err
	}
	return given(ctx, st, "REG-2", "bob > REGISTER#taken\nbob < 210 FAIL ~ 210 FAIL {_}")
}

// stopsAnywhere is CON-2 for the places where a request can stop. A program that
// takes every read for a request answers the half of one, and others as well.
func stopsAnywhere(ctx context.Context, st *play.Stage) error {
	if err := watched(ctx, st); err != nil {
		return err
	}
	for i, c := range cuts(st) {
		if !c.telling() || c.at == c.of {
			continue
		}
		name := fmt.Sprintf("s%02d", i)
		if err := c.play(ctx, st, name); err != nil {
			return err
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
		if err := play.Setup("FRM-8", stillRuns(ctx, st)); err != nil {
			return err
		}
		if err := stillServes(ctx, st, "bob"); err != nil {
			return err
		}
		if err := parts(ctx, st, name); err != nil {
			return err
		}
	}
	return nil
}

// threadsOfOneProcess is CON-6. Who starts the program by a script has a process
// more; a forked one runs the same file as its parent.
func threadsOfOneProcess(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice bob online"); err != nil {
		return err
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	u, err := st.Program.Usage()
	if err != nil {
		return play.Inapplicable("the program's process can't be looked at here")
	}
	const want = "no child process, and more than one thread"
	switch {
	case u.Forked > 0:
		return st.Fail(ctx, "", want, nil, -1, fmt.Sprintf("with two clients logged in, the number of forked child processes is %d", u.Forked))
	case u.Widest < 2:
		return st.Fail(ctx, "", want, nil, -1, "with two clients logged in, the server has one thread")
	}
	return nil
}

// sessionsInTurn is CON-7. That an account can come back at all is LOG-4.
func sessionsInTurn(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice registered"); err != nil {
		return err
	}
	for i := range 100 {
		a, err := st.Ask(ctx, "alice", "alice#{alice.port}")
		if err == nil && a.List() == nil {
			err = st.Unlike(ctx, "alice", a, fmt.Sprintf("a list in session %d, as in the first", i+1))
		}
		switch {
		case err != nil && i == 0:
			return play.Setup("LOG-1", err)
		case err != nil && i == 1:
			return play.Setup("LOG-4", err)
		case err != nil:
			return err
		}
		if err := st.Do(ctx, "alice > Exit\nalice < (any) / (nothing) / (closed)\nalice closes"); err != nil {
			return err
		}
	}
	return nil
}
