package conformance

import (
	"context"
	"fmt"

	"paycheck/conformance/play"
)

var vanishing = []written{
	{"VAN-1", "A client that closes after any byte of any request leaves the service running.", 2, vanishesAnywhere(byFIN)},
	{"VAN-2", "A client that resets after any byte of any request leaves the service running.", 2, vanishesAnywhere(byRST)},
	{"VAN-3", "Clients that ask and are gone in the same moment leave the service running.", 2, goneBeforeReply},
	{"VAN-3", "Payers that are gone when the notice comes leave the service running.", 2, goneBeforeNotice},
	{"VAN-3", "A client that has read none of its replies and resets leaves the service running.", 2, neverRead},
	{"VAN-5", "However often clients vanish, all places are free again.", 1, placesComeBack(suddenly)},
	{"VAN-8", "Rounds of vanishing clients leave no thread, no descriptor and no busy processor behind.", 1, leavesNothing},
}

// A cut is a place in a conversation where a client stops or vanishes.
type cut struct {
	request int // which of those in talk
	at, of  int // after so many bytes of it
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

// cuts lists the places, before the first byte too. It reckons with names of three letters.
func cuts(st *play.Stage) []cut {
	all := []cut{{}}
	for i, request := range talk(st, "s00") {
		for at := range len(request) {
			all = append(all, cut{request: i, at: at + 1, of: len(request)})
		}
	}
	return all
}

// play has a client talk up to the cut.
func (c cut) play(ctx context.Context, st *play.Stage, name string) error {
	state := ""
	switch {
	case c.request == 1:
		state = "registered"
	case c.request > 1:
		state = "online"
	}
	if state != "" {
		if err := joins(ctx, st, name, state, "VAN-5"); err != nil {
			return err
		}
	}
	conn, err := st.Conn(ctx, name)
	if err != nil || c.at == 0 {
		return err
	}
	if err := conn.Send([]byte(talk(st, name)[c.request][:c.at])); err != nil {
		return play.Setup("FRM-1", st.Fail(ctx, name, "a connection that takes requests", nil, -1, "the connection was closed"))
	}
	return nil
}

// watched logs bob in, who is to be served whatever others do, and makes the account
// of alice, who pays them and is never there.
func watched(ctx context.Context, st *play.Stage) error {
	return given(ctx, st, "REG-1", "bob > REGISTER#alice\nbob < (any)\ngiven bob online")
}

// vanishesAnywhere is VAN-1 and VAN-2, for all cuts.
func vanishesAnywhere(end ending) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		if err := watched(ctx, st); err != nil {
			return err
		}
		for i, c := range cuts(st) {
			name := fmt.Sprintf("s%02d", i)
			if err := c.play(ctx, st, name); err != nil {
				return err
			}
			if err := play.Setup("VAN-5", left(ctx, st, name, end)); err != nil {
				return err
			}
			if err := stillServes(ctx, st, "bob"); err != nil {
				return err
			}
		}
		return nil
	}
}
