package conformance

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// A reach is how far a conversation came.
type reach int

const (
	nowhere   reach = iota
	registers       // a name was registered
	logsIn          // and logged in
	lists           // and got a list
)

// A hearing is what one conversation showed of how the program speaks.
type hearing struct {
	ending   dialect.Ending
	reach    reach
	heard    bool // the program said something, whatever it was
	died     bool
	greeting string
	first    []byte // all that came to the first client until it had its first answer
	echoed   int    // how many requests came back as they were
	asked    int
	seen     dialect.Seen

	replies [][]byte
}

// answerlike is what an answer to a registration has in it, right or wrong.
var answerlike = regexp.MustCompile(`(?i)^\s*\d{3}\b|ok|fail|succe|error|regist|exist|welcome`)

// unheard says why nothing can be asked of the program, if that is so.
func (t hearing) unheard() string {
	if !t.heard {
		return "the program answers nothing at all"
	}
	if t.reach > nowhere || slices.ContainsFunc(t.replies, answerlike.Match) {
		return ""
	}
	return "whatever the program says, it is no answer to a registration"
}

// further reports whether a conversation came further than another, or as far and the
// program has survived it.
func (t hearing) further(than hearing) bool {
	return t.reach > than.reach || t.reach == than.reach && than.died && !t.died
}

// talk has one conversation, with two clients at most: some programs serve no more.
func (s *suite) talk(ctx context.Context, ending dialect.Ending) (hearing, error) {
	t := hearing{ending: ending}
	var startErr error
	r, err := s.try(ctx, dialect.Dialect{Ending: ending}, func(ctx context.Context, st *play.Stage) error {
		if startErr = st.Start(ctx); startErr != nil {
			return startErr
		}
		if n := st.Program.Spinning(); n > runtime.NumCPU() {
			startErr = fmt.Errorf("%w: the program keeps %d threads computing while nobody asks it for anything; let them wait, and try again", ErrNotJudged, n)
			return startErr
		}
		err := t.converse(ctx, st)
		var death target.Death
		if death, t.died = st.Program.Death(); death.Exceeded != "" {
			startErr = fmt.Errorf("%w: the program %s, and was ended for it", ErrNotJudged, death.Exceeded)
		}
		return err
	})
	if err != nil {
		return t, err
	}
	if r.Outcome == play.Broken && startErr == nil && !t.heard {
		return t, fmt.Errorf("%w: %s", ErrNotJudged, r.Why)
	}
	t.seen.Reply = dialect.ReplyForm(t.replies)
	return t, started(startErr)
}

// converse says what a client says, one request after the other, as far as it is
// understood. An error ends it: what was learnt until then counts.
func (t *hearing) converse(ctx context.Context, st *play.Stage) error {
	greeting, err := t.enters(ctx, st, "alice")
	t.greeting = greeting
	if err != nil {
		return err
	}
	a, err := t.asks(ctx, st, "alice", "REGISTER#alice")
	if err != nil || a.Reply == nil || !wire.Means(a.Text(), edition.OK) {
		return err
	}
	t.reach = registers
	if a, err = t.asks(ctx, st, "alice", "alice#{alice.port}"); err != nil || a.List() == nil {
		return err
	}
	t.reach = logsIn
	if a, err = t.asks(ctx, st, "alice", edition.List); err != nil || a.List() == nil {
		return err
	}
	t.reach = lists
	t.seen.List = dialect.ListForm(*a.List())
	if t.pays(ctx, st) {
		return t.leaves(ctx, st, "bob")
	}
	return t.leaves(ctx, st, "alice")
}

// enters connects a client and gives what it is told then.
func (t *hearing) enters(ctx context.Context, st *play.Stage, name string) (string, error) {
	if err := st.Do(ctx, name+" connects"); err != nil {
		return "", err
	}
	if err := st.Rest(ctx); err != nil {
		return "", err
	}
	var lines []string
	for _, line := range st.News(name) {
		lines = append(lines, line.Text)
	}
	t.heard = t.heard || len(lines) > 0
	return strings.Join(lines, "\n"), nil
}

// asks sends a request and keeps the bytes of its answer, with all that follows until
// the program rests.
func (t *hearing) asks(ctx context.Context, st *play.Stage, name, message string) (play.Answer, error) {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return play.Answer{}, err
	}
	before := len(conn.Raw())
	a, err := st.Ask(ctx, name, message)
	if err == nil {
		err = st.Rest(ctx)
	}
	raw := conn.Raw()[before:]
	t.heard = t.heard || len(raw) > 0
	if t.first == nil {
		t.first = conn.Raw()
	}
	if a.Reply != nil {
		t.replies = append(t.replies, raw)
	}
	t.asked++
	if plain(raw) != "" && plain(raw) == plain(lastSent(st)) {
		t.echoed++
	}
	return a, err
}

// lastSent is what the stage has sent last.
func lastSent(st *play.Stage) (sent []byte) {
	for _, e := range st.Recorder.Transcript() {
		if e.Kind == transcript.Sent {
			sent = e.Bytes
		}
	}
	return sent
}

// plain is a text without its ending.
func plain(raw []byte) string { return strings.Trim(string(raw), "\r\n\x00") }

// pays has a second client be paid by the first, and reports whether that one is
// logged in.
func (t *hearing) pays(ctx context.Context, st *play.Stage) bool {
	if _, err := t.enters(ctx, st, "bob"); err != nil {
		return false
	}
	for _, message := range []string{"REGISTER#bob", "bob#{bob.port}"} {
		a, err := st.Ask(ctx, "bob", message)
		if err != nil || a.Reply == nil || message != "REGISTER#bob" && a.List() == nil {
			return false
		}
	}
	alice, bob := len(st.News("alice")), len(st.News("bob"))
	if st.Say(ctx, "bob", "alice#7#bob") != nil || st.Rest(ctx) != nil {
		return false
	}
	if _, dead := st.Program.Death(); dead {
		return false
	}
	t.seen.Told = dialect.ToldForm(len(st.News("alice")) > alice, len(st.News("bob")) > bob)
	return true
}

// leaves says Exit.
func (t *hearing) leaves(ctx context.Context, st *play.Stage, name string) error {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return err
	}
	a, err := t.asks(ctx, st, name, edition.Exit)
	if err != nil {
		return err
	}
	if _, dead := st.Program.Death(); !dead {
		t.seen.Exit = dialect.ExitForm(a.Text(), a.Reply != nil, conn.Over())
	}
	return nil
}
