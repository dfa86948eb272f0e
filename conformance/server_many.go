package conformance

import (
	"context"
	"fmt"
	"slices"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// Many rounds make it likely that two threads meet where they must not: the more,
// the narrower the gap may be that is still found.
var many = []written{
	{"CON-1", "Two clients that ask for the list again and again, in every order, each get their own.", 2, ownReplies},
	{"CON-1", "Two clients that register again and again at the same moment each get their own reply.", 2, ownRegistrations},
	{"CON-2", "A client that stops after any byte of a request delays no other.", 2, stopsAnywhere},
	{"CON-3", "Of several that register one free name at the same moment exactly one gets 100 OK, each time.", 2, oneGetsTheName},
	{"CON-4", "Each balance and their sum are what the payments say when many are sent at the same moment.", 2, moneyKept},
	{"CON-5", "Each list is whole and agrees with itself while another client logs in, pays and leaves.", 2, wholeLists},
	{"CON-6", "With two clients logged in there is no child process and more than one thread.", 2, threadsOfOneProcess},
	{"CON-7", "The last of 100 sessions that follow each other is served as the first was.", 1, sessionsInTurn},
}

// ownReplies tells the two apart by their balances.
func ownReplies(ctx context.Context, st *play.Stage) error {
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
				return st.Fail(ctx, name, want, a.Reply.Raw, 0, fmt.Sprintf("%s got the list of another client", name))
			}
		}
	}
	return nil
}

// orders gives who asks in a round and in which order, and who is heard first.
func orders(round int) (asking, hearing []string) {
	asking = [][]string{{"alice", "bob"}, {"bob", "alice"}, {"alice"}, {"bob"}}[round%4]
	hearing = slices.Clone(asking)
	if round/4%2 == 1 {
		slices.Reverse(hearing)
	}
	return asking, hearing
}

// ownRegistrations tells the two apart by what they ask for: one a name that is
// taken, the other one that is free.
func ownRegistrations(ctx context.Context, st *play.Stage) error {
	if err := given(ctx, st, "REG-1", "alice > REGISTER#taken\nalice < 100 OK"); err != nil {
		return err
	}
	if err := given(ctx, st, "REG-2", "bob > REGISTER#taken\nbob < 210 FAIL ~ 210 FAIL {_}"); err != nil {
		return err
	}
	for i := range 50 {
		asking, hearing := orders(i)
		wants := map[string]string{}
		for j, name := range asking {
			request := "REGISTER#taken"
			wants[name] = edition.Fail
			if (i/8+j)%2 == 0 {
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

// stopsAnywhere is CON-2 for each place where a request can stop. Where the program
// takes every read for a request it answers the half; it must not wait for more.
func stopsAnywhere(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given bob online"); err != nil {
		return err
	}
	for i, c := range cuts(st) {
		name := fmt.Sprintf("s%d", i)
		if err := c.send(ctx, st, name); err != nil {
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
		if err := left(ctx, st, name, "closes", "VAN-5"); err != nil {
			return err
		}
		if err := play.Setup("VAN-1", stillRuns(ctx, st)); err != nil {
			return err
		}
	}
	return nil
}

// oneGetsTheName is CON-3.
func oneGetsTheName(ctx context.Context, st *play.Stage) error {
	if err := given(ctx, st, "REG-1", "alice > REGISTER#first\nalice < 100 OK"); err != nil {
		return err
	}
	if err := given(ctx, st, "REG-2", "bob > REGISTER#first\nbob < 210 FAIL ~ 210 FAIL {_}"); err != nil {
		return err
	}
	names := everybody(st)
	for _, name := range names {
		if _, err := st.Conn(ctx, name); err != nil {
			return err
		}
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	for i := range 100 {
		for j := range names {
			if err := st.Say(ctx, names[(i+j)%len(names)], fmt.Sprintf("REGISTER#r%d", i)); err != nil {
				return err
			}
		}
		var got []byte
		granted, last := 0, ""
		for _, name := range names {
			a, err := st.Hear(ctx, name)
			if err != nil {
				return err
			}
			if wire.Means(a.Text(), edition.OK) {
				granted, last, got = granted+1, name, a.Reply.Raw
			}
		}
		if granted != 1 {
			return st.Fail(ctx, last, "100 OK for one of them", got, -1,
				fmt.Sprintf("%d of %d clients that registered one free name at the same moment got 100 OK", granted, len(names)))
		}
	}
	return nil
}
