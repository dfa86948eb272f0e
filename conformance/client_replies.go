package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// What a client makes of what the server says.
var clientReplies = []writtenClient{
	{"CLI-7", "Of a list with fifty accounts the first, the last and one in the middle are shown.", fiftyShown},
	{"CLI-7", "The balance of a list that names nobody is shown.", nobodyShown},
	{"CLI-9", "A session with a server whose lines end in CR LF is as it must be.", readsCRLF},
	{"CLI-9", "A session with a server whose lines end in LF is as it must be.", readsLF},
	{"CLI-17", "A notice between a request and its reply is not taken for the reply.", noticeBetween},
	{"CLI-20", "A reply of one line that comes in two segments is read as one.", lineInTwo},
	{"CLI-20", "A list that comes in three segments is read as one.", listInThree},
	{"CLI-20", "A list that comes byte by byte is read as one.", listByByte},
	{"CLI-24", "While a registration is not answered the client waits, and takes the answer when it comes.", waitsLong},
}

// fiftyShown is CLI-7 for more than one buffer of two thousand bytes.
func fiftyShown(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	for i := range 48 {
		st.Counter.List(st.Fresh(fmt.Sprintf("u%02d", i)), "127.0.0.1", 5100+i)
	}
	if err := st.Do(ctx, "user lists\nserver < (any)"); err != nil {
		return err
	}
	return st.Do(ctx, fmt.Sprintf("user sees %q\nuser sees %q\nuser sees %q\nuser sees %q",
		"{bob}", "{alice}", st.Fresh("u20"), st.Fresh("u47")))
}

// nobodyShown is CLI-7 where there is least to show.
func nobodyShown(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	if err := st.Hold(scenario.List); err != nil {
		return err
	}
	if err := st.Do(ctx, "user lists\nserver < (any)"); err != nil {
		return err
	}
	if err := st.Counter.Answer(listOf(st)); err != nil {
		return play.Setup("CLI-4", st.Fail(ctx, "server", "the client is connected", nil, -1, "the client has ended the connection"))
	}
	if err := st.Do(ctx, fmt.Sprintf("user sees %q", balance)); err != nil {
		return err
	}
	return goesOn(ctx, st)
}

func readsCRLF(ctx context.Context, st *play.ClientStage) error {
	return readsEnds(ctx, st, edition.ReplyEnd)
}
func readsLF(ctx context.Context, st *play.ClientStage) error { return readsEnds(ctx, st, "\n") }

// readsEnds is CLI-9. A client that takes an ending wrong may take any reply for a
// refusal, or find nobody in a list.
func readsEnds(ctx context.Context, st *play.ClientStage, end string) error {
	m := st.Env.Manner
	m.End = end
	st.Speak(m)
	if err := clientRegisters(ctx, st, "given bob listed\n"); err != nil {
		return err
	}
	if err := clientLogsIn(ctx, st); err != nil {
		return err
	}
	if err := goesOn(ctx, st); err != nil {
		return err
	}
	if err := readsList(ctx, st, func(text string) error { return answers(ctx, st, text) }); err != nil || !st.Env.Pays {
		return err
	}
	return st.Do(ctx, "user pays bob 100\nbob < (any)") // a list that is shown may still not be understood
}

// answers sends a reply as one write.
func answers(ctx context.Context, st *play.ClientStage, text string) error {
	return segment(ctx, st, st.Counter.Ended(text))
}

// segment sends what the server says as one segment, and waits until it was read.
func segment(ctx context.Context, st *play.ClientStage, data string) error {
	if err := st.Counter.Bytes([]byte(data)); err != nil {
		return st.Fail(ctx, "server", "the client waits for the reply", nil, -1, "the client has ended the connection to the server")
	}
	return st.Rest(ctx, false)
}

// noticeBetween is CLI-17. The two lines are two writes, and the client has read the
// one before the other comes.
func noticeBetween(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	return readsList(ctx, st, func(text string) error {
		if err := answers(ctx, st, edition.TransferOK); err != nil {
			return err
		}
		return answers(ctx, st, text)
	})
}

// lineInTwo is CLI-20 for a registration: what comes after the first segment is no
// reply of its own.
func lineInTwo(ctx context.Context, st *play.ClientStage) error {
	if err := st.Hold(scenario.Register); err != nil {
		return err
	}
	if err := clientRegisters(ctx, st, ""); err != nil {
		return err
	}
	reply, err := st.Counter.Reply()
	if err != nil {
		return play.Unjudged("the registration is gone: %v", err)
	}
	if err := inPieces(ctx, st, st.Counter.Ended(reply), 3); err != nil {
		return err
	}
	if err := clientLogsIn(ctx, st); err != nil {
		return err
	}
	return st.Do(ctx, "user lists\nserver < (any)\nuser sees \"{alice}\"")
}

func listInThree(ctx context.Context, st *play.ClientStage) error { return listCut(ctx, st, 3) }

func listByByte(ctx context.Context, st *play.ClientStage) error { return listCut(ctx, st, 0) }

// listCut is CLI-20 for the list, in so many pieces; 0: a byte each.
func listCut(ctx context.Context, st *play.ClientStage, pieces int) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	err := readsList(ctx, st, func(text string) error {
		text = st.Counter.Ended(text)
		size := 1
		if pieces > 0 {
			size = len(text)/pieces + 1
		}
		return inPieces(ctx, st, text, size)
	})
	if err != nil {
		return err
	}
	return goesOn(ctx, st)
}

// inPieces sends text, so many bytes at a time, each once the client has read the ones
// before.
func inPieces(ctx context.Context, st *play.ClientStage, text string, size int) error {
	for text != "" {
		n := min(size, len(text))
		if err := segment(ctx, st, text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// keptWaiting is how long CLI-24 leaves a request unanswered: the text speaks of a
// second or so.
const keptWaiting = 2500 * time.Millisecond

// waitsLong is CLI-24.
func waitsLong(ctx context.Context, st *play.ClientStage) error {
	if err := st.Hold(scenario.Register); err != nil {
		return err
	}
	if err := clientRegisters(ctx, st, ""); err != nil {
		return err
	}
	before := st.Text()
	ended, err := st.Ended(ctx, keptWaiting)
	if err != nil {
		return err
	}
	if ended {
		return st.Died()
	}
	for _, e := range st.Counter.Log() {
		if e.Kind == counter.Left {
			return st.Fail(ctx, "server", "the client goes on waiting", nil, -1, "the client gave up and ended the connection")
		}
	}
	if strings.TrimSpace(st.Text()) == strings.TrimSpace(before) {
		st.Tolerate("the user is shown that the client waits", nil, -1)
	}
	reply, err := st.Counter.Reply()
	if err != nil {
		return play.Unjudged("the registration is gone: %v", err)
	}
	if err := answers(ctx, st, reply); err != nil {
		return err
	}
	return clientLogsIn(ctx, st)
}
