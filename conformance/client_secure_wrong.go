package conformance

import (
	"context"
	"crypto/tls"
	"fmt"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/secure"
	"paycheck/conformance/wire"
)

// The checks of clients with sealed payments and handshakes that go wrong.

const tls12 = tls.VersionTLS12

// spoiltDropped is SEC-27. That a good one is passed on afterwards is SEC-26's.
func spoiltDropped(ctx context.Context, st *play.ClientStage) error {
	if !st.Env.Transport.Sealed {
		return play.Inapplicable("the client passes on no sealed payment")
	}
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	before := len(heard(st))
	for i, spoil := range spoilt {
		name := fmt.Sprintf("s%d", i)
		key, err := st.Key(ctx, name)
		if err != nil {
			return err
		}
		sealed, err := spoil(key, st.Fresh(name)+"#100#"+st.Fresh("alice"))
		if err != nil {
			return play.Unjudged("%v", err)
		}
		if err := sends(ctx, st, name, sealed); err != nil {
			return err
		}
	}
	if err := givenClient(ctx, st, "SEC-26", "erin > erin#9#alice\nserver < erin#9#alice"); err != nil {
		return err
	}
	for _, e := range heard(st)[before:] {
		if e.Request.Text != st.Fresh("erin")+"#9#"+st.Fresh("alice") {
			return st.Fail(ctx, "server", "nothing of a sealed payment that is no good", e.Raw, 0, "something was passed on")
		}
	}
	return nil
}

// sends has a peer that is connected send a text as a request, and waits until the client
// has dealt with it. One that has closed gets nothing.
func sends(ctx context.Context, st *play.ClientStage, name, text string) error {
	_ = st.Sends(ctx, name, text+st.Env.Edition.RequestEnd) // see above
	return st.Rest(ctx, false)
}

// heard is all that has come to the server.
func heard(st *play.ClientStage) (all []counter.Event) {
	for _, e := range st.Counter.Log() {
		if e.Kind == counter.Asked {
			all = append(all, e)
		}
	}
	return all
}

// blockAgain is SEC-30. That another payment is passed on afterwards is SEC-26's.
func blockAgain(ctx context.Context, st *play.ClientStage) error {
	if !st.Env.Transport.Sealed {
		return play.Inapplicable("the client passes on no sealed payment")
	}
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	sealed, before := "", len(heard(st))
	for range 3 {
		key, err := st.Key(ctx, "bob") // on a connection of its own
		if err != nil {
			return err
		}
		if sealed == "" {
			if sealed, err = secure.Seal(key, st.Fresh("bob")+"#100#"+st.Fresh("alice")); err != nil {
				return play.Unjudged("%v", err)
			}
		}
		if err := sends(ctx, st, "bob", sealed); err != nil {
			return err
		}
		if err := st.Do(ctx, "bob closes"); err != nil {
			return err
		}
	}
	if err := givenClient(ctx, st, "SEC-26", "erin > erin#9#alice\nserver < erin#9#alice"); err != nil {
		return err
	}
	came := heard(st)[before:]
	if len(came) > 2 {
		return st.Fail(ctx, "server", "the payment once", came[1].Raw, 0, "a block that has come before was passed on again")
	}
	return nil
}

// peersStall is SEC-28: handshakes that stop, bytes that are none, and peers that reset.
func peersStall(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	const pays = "%s > %[1]s#7#alice\nserver < %[1]s#7#alice"
	if err := givenClient(ctx, st, "CLI-14", fmt.Sprintf(pays, "bob")); err != nil {
		return err
	}
	leaves := []func(*wire.Conn) error{nil, (*wire.Conn).Close, (*wire.Conn).Reset}
	for i, bytes := range append(halves(), []byte("GET / HTTP/1.0\r\n\r\n")) {
		for j, leave := range leaves {
			conn, err := st.Plain(ctx, fmt.Sprintf("p%d%d", i, j))
			if err != nil {
				return err
			}
			if len(bytes) > 0 {
				_ = conn.Send(bytes) // the client may have closed it
			}
			if err := st.Rest(ctx, false); err != nil {
				return err
			}
			if leave == nil {
				continue
			}
			_ = leave(conn) // as above
			if err := st.Rest(ctx, false); err != nil {
				return err
			}
		}
	}
	return st.Do(ctx, fmt.Sprintf(pays, "carol")+"\nuser lists\nserver < (any)")
}

// clientKeyFiles is SEC-29.
func clientKeyFiles(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	open, err := openKey(st.Session.Program().Dir)
	if err != nil {
		return play.Unjudged("looking at the client's files: %v", err)
	}
	if open != "" {
		return st.Fail(ctx, "", "a private key that only its owner can read", nil, -1, open)
	}
	return nil
}
