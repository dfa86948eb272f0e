package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/transcript"
)

var operation = []written{
	{"OPS-2", "A connection to another address of the machine than 127.0.0.1 is taken.", 1, otherAddress},
	{"OPS-3", "A server ends on SIGINT with clients in every state connected.", 2, endsWithClients},
	{"OPS-3", "A server ends on SIGINT while one client is served and another one waits.", 1, endsWithWaiter},
	{"OPS-4", "A server that is ended after clients have left in every way, one still connected, starts again on its port.", 2, startsAgain},
}

// another is a second address of this machine that needs no network.
const another = "127.0.0.2"

// otherAddress is OPS-2.
func otherAddress(ctx context.Context, st *play.Stage) error {
	own, err := net.Listen("tcp4", net.JoinHostPort(another, "0"))
	if err != nil {
		return play.Inapplicable("this machine has no address %s", another)
	}
	if err := own.Close(); err != nil {
		return play.Unjudged("closing: %v", err)
	}
	if err := st.Do(ctx, "alice connects"); err != nil {
		return err
	}
	st.Recorder.Add(transcript.Event{Who: "bob", Kind: transcript.Act, Text: "bob connects to " + another})
	d := net.Dialer{Timeout: 5 * time.Second} // if the program's queue is full; else the kernel answers at once
	conn, err := d.DialContext(ctx, "tcp4", net.JoinHostPort(another, strconv.Itoa(st.Program.Port)))
	if errors.Is(err, syscall.ECONNREFUSED) {
		return st.Fail(ctx, "bob", fmt.Sprintf("port %d is open at %s as it is at 127.0.0.1", st.Program.Port, another), nil, -1, "the connection was refused")
	}
	if err != nil {
		return play.Unjudged("connecting to %s: %v", another, err)
	}
	go func() { // not before: that a client may close is another requirement's business
		select {
		case <-st.Program.Done():
		case <-ctx.Done():
		}
		_ = conn.Close() // nothing depends on it any more
	}()
	return nil
}

// endsWithClients is OPS-3 with one client logged in, and others that are silent,
// inside a request, or gone halfway.
func endsWithClients(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, `given alice online
		bob sends "REGI"
		carol connects
		dave connects
		dave half-closes`); err != nil {
		return err
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	return st.Do(ctx, "server gets SIGINT\nserver exits")
}

// endsWithWaiter is OPS-3 at the limit.
func endsWithWaiter(ctx context.Context, st *play.Stage) error {
	st.Limit(1)
	if err := given(ctx, st, "LIM-3", "given alice online"); err != nil {
		return err
	}
	if err := st.Do(ctx, "bob sends \"REGISTER#{bob}{end}\""); err != nil {
		return err
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	return st.Do(ctx, "server gets SIGINT\nserver exits")
}

// startsAgain is OPS-4: connections that one side or the other ended first, or both,
// lie in every state that the kernel keeps them in for a while.
func startsAgain(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	if err := leave(ctx, st, "alice"); err != nil {
		return err
	}
	for i, name := range []string{"bob", "carol"} {
		if err := joins(ctx, st, name, "online", "LIM-6"); err != nil {
			return err
		}
		if err := play.Setup("VAN-5", goes(ctx, st, name, []ending{byFIN, byRST}[i])); err != nil {
			return err
		}
	}
	if err := joins(ctx, st, "dave", "online", "VAN-5"); err != nil {
		return err
	}
	if err := given(ctx, st, "OPS-3", "server gets SIGINT\nserver exits"); err != nil {
		return err
	}
	return st.Do(ctx, "server starts\nerin > REGISTER#erin\nerin < (any)")
}
