package conformance

import (
	"context"
	"time"

	"paycheck/conformance/play"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// How a client leaves.
var clientEnds = []writtenClient{
	{"CLI-18", "After it has left the client ends.", endsAfterExit},
	{"CLI-19", "The client is there until Bye has come.", staysForBye},
	{"CLI-19", "The client ends though no Bye comes.", endsWithoutBye},
}

// endsAfterExit is the end of CLI-18.
func endsAfterExit(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online\nuser exits\nserver < Exit ~ EXIT / exit"); err != nil {
		return err
	}
	if err := st.Rest(ctx, true); err != nil {
		return err
	}
	if stays, err := atMenu(ctx, st); err != nil {
		return err
	} else if stays {
		st.Tolerate("the client ends", nil, -1)
		return nil
	}
	return ends(ctx, st, false, "the client ends after "+edition.Exit)
}

// byeHeld is how long CLI-19 keeps Bye back from a client that may not wait for it: long
// enough for one that means to end.
const byeHeld = 300 * time.Millisecond

// staysForBye is the first half of CLI-19. Not to wait is a tolerated form.
func staysForBye(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	if err := st.Hold(scenario.Exit); err != nil {
		return err
	}
	if err := givenClient(ctx, st, "CLI-18", "user exits\nserver < (any)"); err != nil {
		return err
	}
	if ended, err := st.Ended(ctx, byeHeld); err != nil {
		return err
	} else if ended {
		st.Tolerate("the client waits for Bye or the close", nil, -1)
		return nil
	}
	if err := answers(ctx, st, edition.Bye); err != nil {
		return err
	}
	_ = st.Counter.Conn().Close() // the client may have closed it before
	return ends(ctx, st, true, "the client ends when Bye has come")
}

// endsWithoutBye is the second half of CLI-19.
func endsWithoutBye(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	if err := st.Hold(scenario.Exit); err != nil {
		return err
	}
	if err := givenClient(ctx, st, "CLI-18", "user exits\nserver < (any)"); err != nil {
		return err
	}
	return ends(ctx, st, true, "the client does not wait for Bye without end")
}
