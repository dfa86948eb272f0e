package conformance

import (
	"context"
	"fmt"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
)

// VAN-1 and VAN-2 are about clients that vanish when all has been said and done; so
// in each check the program rests before the end. VAN-3 is about those that are gone
// while something is still meant for them.
var vanishing = []written{
	{"VAN-1", "A client that closes at the beginning, in the middle or at the end of any request leaves the service running.", 2, vanishesAnywhere(byFIN)},
	{"VAN-2", "A client that resets at the beginning, in the middle or at the end of any request leaves the service running.", 2, vanishesAnywhere(byRST)},
	{"VAN-3", "A client that closes right after any byte of any request leaves the service running.", 2, goneAnywhere(byFIN)},
	{"VAN-3", "A client that resets right after any byte of any request leaves the service running.", 2, goneAnywhere(byRST)},
	{"VAN-3", "Clients that ask for a list and are gone in the same moment leave the service running.", 2, goneBeforeList},
	{"VAN-3", "Payers that are gone when the notice comes leave the service running.", 2, goneBeforeNotice},
	{"VAN-3", "A client that has read none of its replies and resets leaves the service running.", 2, neverRead},
	{"VAN-5", "However often clients vanish, all places are free again.", 1, placesComeBack(suddenly)},
	{"VAN-8", "Rounds of vanishing clients leave no thread, no descriptor and no busy processor behind.", 1, leavesNothing},
}

// A cut is a place in a conversation where a client stops or vanishes.
type cut struct {
	request int // which of those in talk
	at, of  int // after so many bytes of so many
}

// talk is all that a client says in a session, without any ending: it registers,
// logs in, asks for the list, is paid by alice, leaves.
func talk(st *play.Stage, name string) []string {
	deposit := ""
	if e := st.Env.Profile.Edition; e.Deposit {
		deposit = fmt.Sprintf("#%d", e.InitialBalance)
	}
	me := st.Fresh(name)
	return []string{"REGISTER#" + me + deposit, me + "#5001", "List", st.Fresh("alice") + "#1#" + me, "Exit"}
}

// cuts lists the places, the one before the first byte too, for a name of three
// letters.
func cuts(st *play.Stage) []cut {
	all := []cut{{}}
	for i, request := range talk(st, "s00") {
		for at := range len(request) {
			all = append(all, cut{request: i, at: at + 1, of: len(request)})
		}
	}
	return all
}

// telling reports whether a cut differs in kind from those beside it.
func (c cut) telling() bool { return c.at <= 1 || c.at == c.of/2 || c.at >= c.of-1 }

// play has a client talk up to the cut.
func (c cut) play(ctx context.Context, st *play.Stage, name string) error {
	if c.request > 0 {
		state := "online"
		if c.request == 1 {
			state = "registered"
		}
		if err := joins(ctx, st, name, state, "VAN-5"); err != nil {
			return err
		}
	}
	conn, err := st.Conn(ctx, name)
	if err != nil || c.at == 0 {
		return err
	}
	request, err := st.Wrapped(ctx, name, talk(st, name)[c.request])
	if err != nil {
		return err
	}
	if err := conn.Send([]byte(request[:len(request)*c.at/c.of])); err != nil {
		return play.Setup("FRM-1", st.Fail(ctx, name, "a connection that takes requests", nil, -1, "the connection was closed"))
	}
	return nil
}

// watched logs bob in, who is to be served whatever others do, and makes the account
// of alice, who pays them and is never there.
func watched(ctx context.Context, st *play.Stage) error {
	return given(ctx, st, "REG-1", "bob > REGISTER#alice\nbob < (any)\ngiven bob online")
}

// vanishesAnywhere is VAN-1 and VAN-2.
func vanishesAnywhere(end ending) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		if err := watched(ctx, st); err != nil {
			return err
		}
		return sweep(ctx, st, len(cuts(st)), func(i int, name string) error {
			c := cuts(st)[i]
			if !c.telling() {
				return nil
			}
			if err := c.play(ctx, st, name); err != nil {
				return err
			}
			if err := st.Rest(ctx); err != nil {
				return err
			}
			return play.Setup("VAN-5", left(ctx, st, name, end))
		})
	}
}

// sweep has clients come and vanish one after another, and bob served after each. It
// ends early where one has left a thread behind that never rests: that is VAN-8, and
// with each further one all waits grow longer.
func sweep(ctx context.Context, st *play.Stage, n int, each func(i int, name string) error) error {
	const suspicious = 500 * time.Millisecond // to wait for a program to rest
	for i := range n {
		begun := time.Now()
		if err := each(i, fmt.Sprintf("s%02d", i)); err != nil {
			if dead := stillRuns(ctx, st); dead != nil {
				return dead // of those who have vanished, a moment ago or before
			}
			return err
		}
		if err := stillServes(ctx, st, "bob"); err != nil {
			return err
		}
		if time.Since(begun) < suspicious {
			continue
		}
		if busy, err := st.Program.Busy(ctx, st.Env.Scale); err == nil && busy > 0 {
			st.Recorder.Add(transcript.Event{Who: "server", Kind: transcript.Note, Text: "a thread never rests any more, so no further clients vanish here"})
			return nil
		}
	}
	return nil
}
