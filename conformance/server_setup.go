package conformance

import (
	"context"
	"strings"

	"paycheck/conformance/play"
)

// What the checks in Go share: how a conversation comes to the point where a check
// begins, and what they ask in the end.

// given takes steps that are not judged here. If they fail, the check is blocked by
// the requirement that they rest on.
func given(ctx context.Context, st *play.Stage, by, steps string) error {
	return play.Setup(by, st.Do(ctx, steps))
}

// crowd logs in as many clients as the program serves at once, up to most, and
// returns their names.
func crowd(ctx context.Context, st *play.Stage, most int) ([]string, error) {
	names := []string{"alice", "bob", "carol", "dave"}[:most]
	if served := st.Env.Profile.Dialect.Served; served > 0 {
		names = names[:min(most, served)]
	}
	return names, st.Do(ctx, "given "+strings.Join(names, " ")+" online")
}

// joins logs a further client in. If it is kept waiting for a place, the check is
// blocked by what says that those before it leave theirs.
func joins(ctx context.Context, st *play.Stage, name, by string) error {
	err := st.Do(ctx, "given "+name+" online")
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

// left ends a client's connection by FIN or RST as the verb says, waits until the
// program has noticed, and demands that it had taken the connection up at all: one
// that is kept waiting lacks a place that those before it should have left, and is
// no test of anything.
func left(ctx context.Context, st *play.Stage, name, verb, by string) error {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return play.Setup(by, err)
	}
	if err := st.Do(ctx, name+" "+verb); err != nil {
		return err
	}
	if waits, err := st.Program.Waits(conn); err != nil || !waits {
		return err
	}
	return play.Setup(by, st.Fail(ctx, name, "the places of those who have gone are free", nil, -1, "nobody is served any more"))
}

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
