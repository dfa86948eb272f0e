package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec/scenario"
)

// What the checks of clients in Go share.

// givenClient takes steps that are not judged here. If they fail, the check is blocked by
// the requirement that they rest on.
func givenClient(ctx context.Context, st *play.ClientStage, by, steps string) error {
	return play.Setup(by, st.Do(ctx, steps))
}

// shown is what the client has printed since its user last typed, once it rests, with
// the name left out.
func shown(ctx context.Context, st *play.ClientStage, name string) (string, error) {
	err := st.Rest(ctx, false)
	return strings.ReplaceAll(st.Text(), st.Fresh(name), ""), err
}

// clientRegisters takes steps and has the person register; that this works is CLI-3's.
func clientRegisters(ctx context.Context, st *play.ClientStage, before string) error {
	return givenClient(ctx, st, "CLI-3", before+"user registers alice\nserver < REGISTER#alice")
}

// clientLogsIn demands that the client is usable for a login, the form of which is CLI-4's.
func clientLogsIn(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "user logs in alice\nserver < (any)"); err != nil {
		return err
	}
	return givenClient(ctx, st, "CLI-4", "server < alice#{alice.port}")
}

// goesOn demands that the client is usable: it asks for the list.
func goesOn(ctx context.Context, st *play.ClientStage) error {
	return st.Do(ctx, "user lists\nserver < (any)")
}

// balance is what the lists of checks say; nobody types it.
const balance = "4321"

// readsList demands that the list which the client gets by serve is shown.
func readsList(ctx context.Context, st *play.ClientStage, serve func(text string) error) error {
	if err := st.Hold(scenario.List); err != nil {
		return err
	}
	if err := st.Do(ctx, "user lists\nserver < (any)\n"); err != nil {
		return err
	}
	if err := serve(listOf(st, "alice", "bob")); err != nil {
		return err
	}
	return st.Do(ctx, fmt.Sprintf("user sees %q\nuser sees %q", balance, "{bob}"))
}

// listOf is a list that names these, its lines joined by LF.
func listOf(st *play.ClientStage, names ...string) string {
	lines := []string{balance, st.Counter.KeyLine(), fmt.Sprint(len(names))}
	if !st.Env.Edition.KeyLine || st.Env.Manner.NoKey {
		lines = slices.Delete(lines, 1, 2)
	}
	for _, name := range names {
		lines = append(lines, st.Fill(fmt.Sprintf("{%s}#{%[1]s.ip}#{%[1]s.port}", name)))
	}
	return strings.Join(lines, "\n")
}

// endBound is how long a client may take to end by itself, where the text has no bound:
// no timeout of a program that means to end is longer.
const endBound = 8 * time.Second

// atMenu reports whether the client waits for its user at a menu or a question where
// its user has typed before.
func atMenu(ctx context.Context, st *play.ClientStage) (bool, error) {
	state, err := st.Idle(ctx)
	return state.Doing == target.WantsLine && !state.Unread && st.Session.Asks(), err
}

// heeds reports whether the client makes anything of a line that its user types: it may
// ask what it has never asked before. A thread of it that reads lines which nobody obeys
// any more looks the same until then.
func heeds(ctx context.Context, st *play.ClientStage) (bool, error) {
	state, err := st.Idle(ctx)
	if err != nil || state.Doing != target.WantsLine || state.Unread || strings.TrimSpace(st.Text()) == "" {
		return false, err
	}
	if err := st.Do(ctx, `user types "x"`); err != nil {
		return false, err
	}
	if err := st.Rest(ctx, true); err != nil {
		return false, err
	}
	_, dead := st.Session.Death()
	return dead || strings.TrimSpace(st.Text()) != "", nil
}

// ends demands that the client comes to its end; or, where it may, that it goes on to
// wait for its user.
func ends(ctx context.Context, st *play.ClientStage, mayStay bool, want string) error {
	st.Stopped()
	spins, err := st.Spins(ctx)
	if err != nil {
		return err
	}
	mayStay = mayStay && !spins // a menu that comes again and again is none
	if mayStay {
		if stays, err := atMenu(ctx, st); err != nil || stays {
			return err
		}
	}
	ended, err := st.Ended(ctx, endBound)
	if err == nil && !ended && mayStay {
		ended, err = heeds(ctx, st)
	}
	if err != nil {
		return err
	}
	if !ended {
		return st.Fail(ctx, "server", want, nil, -1, "the client has not ended")
	}
	switch death, _ := st.Session.Death(); {
	case death.Exceeded != "":
		return st.Fail(ctx, "server", want, nil, -1, death.String())
	case death.Signal != "":
		return st.Died()
	}
	return nil
}
