package conformance

import (
	"context"
	"fmt"
	"strings"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// What the checks in Go share: how a conversation comes to the point where a check
// begins, and what they ask in the end.

// given takes steps that are not judged here. If they fail, the check is blocked by
// the requirement that they rest on.
func given(ctx context.Context, st *play.Stage, by, steps string) error {
	return play.Setup(by, st.Do(ctx, steps))
}

// everybody is as many clients as the program serves at once, four at most.
func everybody(st *play.Stage) []string {
	names := []string{"alice", "bob", "carol", "dave"}
	return names[:min(len(names), max(2, st.Env.Profile.Dialect.Served))]
}

// crowd logs everybody in.
func crowd(ctx context.Context, st *play.Stage) ([]string, error) {
	names := everybody(st)
	return names, st.Do(ctx, "given "+strings.Join(names, " ")+" online")
}

// joins brings a further client into a state: registered or online. If it is kept waiting for a place, the check is
// blocked by what says that those before it leave theirs.
func joins(ctx context.Context, st *play.Stage, name, state, by string) error {
	err := st.Do(ctx, "given "+name+" "+state)
	if err == nil {
		return nil
	}
	conn, noConn := st.Conn(ctx, name)
	if noConn != nil {
		return err
	}
	if waits, unknown := st.Program.Waits(conn); unknown != nil || !waits {
		return err
	}
	return play.Setup(by, st.Fail(ctx, name, "the places of those who have gone are free", nil, -1, "nobody is served any more"))
}

// left ends a client's connection at once, by FIN or by RST, and waits until the
// program has noticed. It demands that the connection had been taken up at all: one
// that is kept waiting for a place is no test of anything.
func left(ctx context.Context, st *play.Stage, name string, end ending) error {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return err
	}
	if err := end.by(conn); err != nil {
		return play.Unjudged("%s can't leave: %v", name, err)
	}
	if err := st.Do(ctx, name+" closes"); err != nil { // so that the stage knows
		return err
	}
	if waits, err := st.Program.Waits(conn); err != nil || !waits {
		return err
	}
	return st.Fail(ctx, name, "the places of those who have gone are free", nil, -1, "nobody is served any more")
}

// leave says Exit and closes, or only closes where the program has ended the
// connection already.
func leave(ctx context.Context, st *play.Stage, name string) error {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return err
	}
	if !conn.Over() {
		if err := given(ctx, st, "FRM-1", fmt.Sprintf("%s > Exit\n%[1]s < (any) / (nothing) / (closed)", name)); err != nil {
			return err
		}
	}
	if err := st.Do(ctx, name+" closes"); err != nil {
		return err
	}
	return play.Setup("VAN-1", stillRuns(ctx, st))
}

// parts has a client leave whose request may have been cut or refused: it says Exit,
// whatever comes of that, and closes.
func parts(ctx context.Context, st *play.Stage, name string) error {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return err
	}
	if waits, err := st.Program.Waits(conn); err == nil && waits {
		return play.Setup("LIM-6", st.Fail(ctx, name, "the places of those who have gone are free", nil, -1, "nobody is served any more"))
	}
	if !conn.Over() {
		_ = conn.Send([]byte(edition.Exit + st.Env.Profile.Dialect.Ending.After(edition.Exit)))
	}
	if err := st.Do(ctx, name+" closes"); err != nil { // that waits for the program before and after
		return err
	}
	return play.Setup("VAN-1", stillRuns(ctx, st))
}

// goes has a client vanish where that is not what is judged.
func goes(ctx context.Context, st *play.Stage, name string, end ending) error {
	if err := left(ctx, st, name, end); err != nil {
		return err
	}
	return play.Setup(end.survived, stillRuns(ctx, st))
}

// An ending is one of the two ways in which a connection ends.
type ending struct {
	by       func(*wire.Conn) error
	survived string // the requirement that the program survives it
}

var (
	byFIN = ending{(*wire.Conn).Close, "VAN-1"}
	byRST = ending{(*wire.Conn).Reset, "VAN-2"}
)

// stillRuns demands that the program has not ended.
func stillRuns(ctx context.Context, st *play.Stage) error {
	if _, dead := st.Program.Death(); dead {
		return st.Fail(ctx, "", "the server still runs", nil, -1, "the server is gone")
	}
	return nil
}

// stillServes demands any answer at all for a client that has done nothing but log in.
func stillServes(ctx context.Context, st *play.Stage, name string) error {
	if err := stillRuns(ctx, st); err != nil {
		return err
	}
	a, err := st.Ask(ctx, name, "List")
	if err != nil {
		return err
	}
	if a.Reply == nil {
		return st.Unlike(ctx, name, a, "an answer")
	}
	return nil
}
