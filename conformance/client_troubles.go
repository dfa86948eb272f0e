package conformance

import (
	"context"
	"strings"

	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/scenario"
)

// What a client does when others do not do their part.
var clientTroubles = []writtenClient{
	{"CLI-21", "After a payment to a payee who is listed and gone the user is told so, and asks for the list.", payeeGone},
	{"CLI-22", "A client that can't reach its server says so and ends.", serverAbsent},
	{"CLI-22", "A client whose server closes while the user is at the menu ends, or takes its user to a menu.", serverCloses},
	{"CLI-22", "A client whose server resets in place of a reply ends, or takes its user to a menu.", serverResets},
	{"CLI-23", "Peers that leave at once, reset or send many bytes do not keep another from paying.", badPeers},
	{"CLI-26", "A client ends at the end of its input.", endOfInput},
	{"CLI-26", "After an empty line the next command works.", emptyLine},
}

// payeeGone is CLI-21. What the user is told is the client's own; that it is what is
// told of a payment which has arrived is wrong.
func payeeGone(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice online\nuser pays bob 100\nbob < (any)"); err != nil {
		return play.Setup("CLI-12", err)
	}
	good, err := shown(ctx, st, "bob")
	if err != nil {
		return err
	}
	st.Leave("bob")
	if err := st.Do(ctx, "user pays bob 100"); err != nil {
		return err
	}
	bad, err := shown(ctx, st, "bob")
	if err != nil {
		return err
	}
	if good == bad {
		return st.Fail(ctx, "bob", "the user is told that the payee can't be reached", nil, -1,
			"the screen shows what it shows of a payment that arrives")
	}
	return goesOn(ctx, st)
}

// serverAbsent is CLI-22 at the start.
func serverAbsent(ctx context.Context, st *play.ClientStage) error {
	if err := st.Absent(); err != nil {
		return err
	}
	screen, ended, err := st.Try(ctx, endBound)
	if err != nil {
		return err
	}
	if ended != nil && ended.Signal == "" && screen != "" {
		return nil
	}
	switch {
	case ended != nil && ended.Signal != "":
		return st.Absented("the client ends by itself", "it died where the server can't be reached: "+ended.String(), screen)
	case ended != nil:
		return st.Absented("the user is told that the server can't be reached", "the client ended without a word", screen)
	}
	return nil // it is at a menu, where a server may be chosen
}

// serverCloses is CLI-22 for a FIN.
func serverCloses(ctx context.Context, st *play.ClientStage) error {
	return serverGone(ctx, st, (*wire.Conn).Close, false)
}

// serverResets is CLI-22 for an RST that comes in place of a reply.
func serverResets(ctx context.Context, st *play.ClientStage) error {
	return serverGone(ctx, st, (*wire.Conn).Reset, true)
}

func serverGone(ctx context.Context, st *play.ClientStage, by func(*wire.Conn) error, asked bool) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	if asked {
		if err := st.Hold(scenario.List); err != nil {
			return err
		}
		if err := st.Do(ctx, "user lists\nserver < (any)"); err != nil {
			return err
		}
	}
	st.Stopped()
	if err := by(st.Counter.Conn()); err != nil {
		return play.Unjudged("the server can't leave: %v", err)
	}
	st.Counter.Refuse()
	if err := st.Rest(ctx, true); err != nil {
		return err
	}
	if _, dead := st.Session.Death(); !dead && !asked {
		// It may notice only when its user asks for something.
		if err := st.Operate(ctx, driver.List, "alice", 0); err != nil {
			return err
		}
	}
	if err := ends(ctx, st, true, "the client ends, or waits for its user"); err != nil {
		return err
	}
	if strings.TrimSpace(st.Text()) == "" {
		return st.Fail(ctx, "server", "the user is told that the server has gone", nil, -1, "the client ended without a word")
	}
	return nil
}

// badPeers is CLI-23.
func badPeers(ctx context.Context, st *play.ClientStage) error {
	return st.Do(ctx, `given alice online
		bob connects
		bob closes
		dave connects
		dave resets
		erin sends "{x*5000}"
		erin closes
		carol > carol#100#alice
		server < carol#100#alice`)
}

// endOfInput is the second half of CLI-26.
func endOfInput(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	if err := st.EndInput(); err != nil {
		return play.Unjudged("the input can't be ended: %v", err)
	}
	return ends(ctx, st, false, "the client ends at the end of its input")
}

// emptyLine is the first half of CLI-26, for the line that is typed most often by
// mistake.
func emptyLine(ctx context.Context, st *play.ClientStage) error {
	return st.Do(ctx, "given alice online\nuser types \"\"\nuser lists\nserver < (any)")
}
