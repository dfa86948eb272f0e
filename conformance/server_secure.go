package conformance

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"fmt"

	"paycheck/conformance/play"
	"paycheck/conformance/secure"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

var encrypted = []written{
	{"SEC-1", "A registration in the clear is neither answered nor carried out.", 2, plainRefused},
	{"SEC-2", "A client without a certificate is served after its handshake.", 1, shakesBare},
	{"SEC-3", "A client that offers TLS 1.1 at most is refused.", 1, oldRefused},
	{"SEC-4", "The certificate has an RSA key of at least 2048 bits.", 1, keySize},
	{"SEC-5", "The key line is the public key of the certificate.", 1, keyLine},
	{"SEC-6", "A payment that is sealed with the server's key is booked.", 2, sealedBooked},
	{"SEC-7", "Sealed payments that were changed, cut short or sealed with another key move no money.", 2, sealedWrong},
	{"SEC-8", "A sealed payment that comes three times is booked once.", 2, sealedAgain},
	{"SEC-9", "Clients are served while others have stopped at several places of their handshakes.", 4, stalled},
	{"SEC-10", "A handshake that does not go on is given up.", 1, givesUp},
	{"SEC-11", "Clients that close at many places of handshake and record leave the service running.", 2, vanishesVeiled(false)},
	{"SEC-11", "Clients that reset at many places of handshake and record leave the service running.", 2, vanishesVeiled(true)},
	{"SEC-12", "Bytes that are no handshake, and records that can't be read, leave the service running.", 2, garbledVeiled},
	{"SEC-13", "An account whose client closes without close_notify goes offline.", 2, cutOffline},
	{"SEC-14", "The end of the connection after Bye is announced.", 1, takesLeave},
	{"SEC-15", "At the limit the next client waits before its handshake.", 1, waitsBefore},
	{"SEC-16", "No file beside the program with a private key can be read by others.", 1, keyFiles},
	{"SEC-17", "A client that asks for a second handshake within the first gets none.", 1, renegotiates},
}

// plainRefused is SEC-1.
func plainRefused(ctx context.Context, st *play.Stage) error {
	conn, err := st.Plain(ctx, "alice")
	if err != nil {
		return err
	}
	name := st.Fresh("alice")
	requests := talk(st, "alice")[:3]
	for _, request := range requests {
		if err := conn.Send([]byte(request + st.Env.Profile.Dialect.Ending.After(request))); err != nil {
			break // it has closed
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
		reply, ok := wire.Next(conn.Unread(), st.Env.Profile.Edition, true)
		if ok && (reply.List != nil || wire.Means(reply.Text, edition.OK)) {
			return st.Fail(ctx, "alice", "no answer in the clear", conn.Unread(), 0, "a request in the clear is answered")
		}
		if conn.Over() {
			break
		}
	}
	if err := stillRuns(ctx, st); err != nil {
		return play.Setup("SEC-12", err)
	}
	_ = conn.Close() // the program may have closed it
	if err := st.Rest(ctx); err != nil {
		return err
	}
	a, err := st.Ask(ctx, "bob", "REGISTER#alice")
	if err != nil {
		return err
	}
	if a.Reply == nil {
		return play.Setup("SEC-9", st.Unlike(ctx, "bob", a, edition.OK))
	}
	if !wire.Means(a.Text(), edition.OK) {
		return st.Fail(ctx, "bob", fmt.Sprintf("%s, since nobody has registered %s inside TLS", edition.OK, name), []byte(a.Text()), 0, "a registration in the clear was carried out")
	}
	return nil
}

// shakesBare is SEC-2.
func shakesBare(ctx context.Context, st *play.Stage) error {
	client := secure.NewClient(secure.Settings{Bare: true, Old: st.Env.Profile.Security.Old})
	_, ok, err := st.Shakes(ctx, "alice", client.Config)
	if ok {
		if err = st.Do(ctx, "alice > REGISTER#alice\nalice < (any)"); err == nil {
			if client.Asked() {
				st.Tolerate("no certificate is asked for; one is, and none is needed", nil, -1)
			}
			return nil
		}
	}
	if ctx.Err() != nil {
		return err
	}
	why := "the handshake is not completed"
	if client.Asked() {
		why = "a certificate of the client is asked for, and without one it is not served"
	}
	return st.Fail(ctx, "alice", "a handshake, and an answer", nil, -1, why)
}

// oldRefused is SEC-3.
func oldRefused(ctx context.Context, st *play.Stage) error {
	old := secure.NewClient(secure.Settings{Old: true, Least: tls.VersionTLS10, Most: tls.VersionTLS11})
	state, ok, err := st.Shakes(ctx, "alice", old.Config)
	if ctx.Err() != nil {
		return err
	}
	if ok {
		return st.Fail(ctx, "alice", "no handshake below TLS 1.2", nil, -1, "it speaks "+secure.VersionName(state.Version))
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	return play.Setup("SEC-11", stillRuns(ctx, st))
}

// keySize is SEC-4.
func keySize(ctx context.Context, st *play.Stage) error {
	const least = 2048
	key, err := st.Key(ctx, "alice")
	switch {
	case ctx.Err() != nil:
		return err
	case err == secure.ErrNoKey: //nolint:errorlint // Key returns it as it is
		return st.Fail(ctx, "alice", "a certificate with an RSA key", nil, -1, "the certificate has a key of another kind")
	case err != nil:
		return err
	case key.N.BitLen() < least:
		return st.Fail(ctx, "alice", fmt.Sprintf("a key of %d bits", least), nil, -1, fmt.Sprintf("it has %d", key.N.BitLen()))
	}
	return nil
}

// keyLine is SEC-5.
func keyLine(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	key, err := rsaKey(ctx, st, "alice")
	if err != nil {
		return err
	}
	l, err := st.List(ctx, "alice")
	if err != nil {
		return err
	}
	var got []byte
	for _, line := range l.Key {
		got = append(got, line+"\n"...)
	}
	const want = "the public key of the certificate, DER in base64"
	shown, form := secure.ReadKey(l.Key)
	switch {
	case form == secure.NoKey:
		return st.Fail(ctx, "alice", want, got, 0, "the key line is no public key")
	case !shown.Equal(key):
		return st.Fail(ctx, "alice", want, got, 0, "the key line is another key than that of the certificate")
	case form == secure.PEM:
		st.Tolerate(want, got, 0)
	}
	return nil
}

// rsaKey is the key of the certificate; without one the check is blocked by SEC-4.
func rsaKey(ctx context.Context, st *play.Stage, name string) (*rsa.PublicKey, error) {
	key, err := st.Key(ctx, name)
	if err == secure.ErrNoKey { //nolint:errorlint // Key returns it as it is
		return nil, play.Setup("SEC-4", st.Fail(ctx, name, "a certificate with an RSA key", nil, -1, "the certificate has a key of another kind"))
	}
	return key, err
}

// pays sends the text of a payment as a request, and waits until it has taken effect.
func pays(ctx context.Context, st *play.Stage, name, text string) error {
	conn, err := st.Conn(ctx, name)
	if err != nil {
		return err
	}
	if err := conn.Send([]byte(text + st.Env.Profile.Dialect.Ending.After(text))); err != nil {
		return nil //nolint:nilerr // it has closed: what became of the money is asked next
	}
	return st.Rest(ctx)
}

// pair logs alice and bob in, notes her balance, and gives the text of a payment of 100
// with the key to seal it with.
func pair(ctx context.Context, st *play.Stage) (text string, key *rsa.PublicKey, err error) {
	if err := st.Do(ctx, "given alice bob online\nalice has {a}"); err != nil {
		return "", nil, err
	}
	key, err = rsaKey(ctx, st, "bob")
	return st.Fresh("alice") + "#100#" + st.Fresh("bob"), key, err
}

// sealedBooked is SEC-6.
func sealedBooked(ctx context.Context, st *play.Stage) error {
	text, key, err := pair(ctx, st)
	if err != nil {
		return err
	}
	sealed, err := secure.Seal(key, text)
	if err != nil {
		return play.Unjudged("%v", err)
	}
	if err := pays(ctx, st, "bob", sealed); err != nil {
		return err
	}
	return st.Do(ctx, "alice has {a-100}")
}

// sealedWrong is SEC-7. After each the money is counted.
func sealedWrong(ctx context.Context, st *play.Stage) error {
	text, key, err := pair(ctx, st)
	if err != nil {
		return err
	}
	for _, spoil := range spoilt {
		sealed, err := spoil(key, text)
		if err != nil {
			return play.Unjudged("%v", err)
		}
		if err := pays(ctx, st, "bob", sealed); err != nil {
			return err
		}
		if err := st.Do(ctx, "alice has {a}"); err != nil {
			return err
		}
		if conn, err := st.Conn(ctx, "bob"); err == nil && conn.Over() {
			if err := st.Do(ctx, "bob closes\ngiven bob online"); err != nil {
				return err
			}
		}
	}
	return nil
}

// spoilt are the ways in which a sealed payment is wrong.
var spoilt = []func(key *rsa.PublicKey, text string) (string, error){
	changedAt(func(n int) int { return 0 }),
	changedAt(func(n int) int { return n / 2 }),
	changedAt(func(n int) int { return n - 1 }),
	func(key *rsa.PublicKey, text string) (string, error) {
		block, err := secure.Block(key, text)
		return secure.Line(block[:len(block)/2]), err
	},
	func(key *rsa.PublicKey, text string) (string, error) {
		sealed, err := secure.Seal(key, text)
		return sealed[:len(sealed)-3], err
	},
	func(_ *rsa.PublicKey, text string) (string, error) {
		stranger, err := secure.Stranger()
		if err != nil {
			return "", err
		}
		return secure.Seal(&stranger.PublicKey, text)
	},
}

// changedAt flips a bit of one byte of the block.
func changedAt(at func(n int) int) func(*rsa.PublicKey, string) (string, error) {
	return func(key *rsa.PublicKey, text string) (string, error) {
		block, err := secure.Block(key, text)
		if err == nil {
			block[at(len(block))] ^= 1
		}
		return secure.Line(block), err
	}
}

// sealedAgain is SEC-8.
func sealedAgain(ctx context.Context, st *play.Stage) error {
	if !st.Env.Profile.Security.Sealed {
		return play.Inapplicable("the server books no sealed payment")
	}
	text, key, err := pair(ctx, st)
	if err != nil {
		return err
	}
	sealed, err := secure.Seal(key, text)
	if err != nil {
		return play.Unjudged("%v", err)
	}
	for range 3 {
		if err := pays(ctx, st, "bob", sealed); err != nil {
			return err
		}
	}
	return st.Do(ctx, "alice has {a-100}")
}

// cutOffline is SEC-13.
func cutOffline(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice bob online\nbob sees alice"); err != nil {
		return err
	}
	if err := left(ctx, st, "alice", ending{(*wire.Conn).Cut, "VAN-1"}); err != nil {
		return err
	}
	return st.Do(ctx, "bob soon sees no alice")
}

// takesLeave is SEC-14. A server that leaves the end to the client is told it first.
func takesLeave(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice online\nalice > Exit\nalice < (any) / (nothing)"); err != nil {
		return play.Setup("EXT-1", err)
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	conn, err := st.Conn(ctx, "alice")
	if err != nil {
		return err
	}
	if !conn.Over() {
		if err := st.Do(ctx, "alice half-closes"); err != nil {
			return err
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
	}
	_, reset := conn.Ended()
	switch {
	case !conn.Over():
		return play.Inapplicable("the server leaves the end of the connection to the client")
	case conn.Truncated() || reset:
		return st.Fail(ctx, "alice", "close_notify before the end of the connection", nil, -1, "the connection ends without it")
	}
	return nil
}

// waitsBefore is SEC-15.
func waitsBefore(ctx context.Context, st *play.Stage) error {
	st.Limit(1)
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	conn, err := st.Conn(ctx, "bob")
	if err != nil {
		return err
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	_, shaken, failed := conn.State()
	switch {
	case shaken:
		st.Tolerate("no handshake before there is a place", nil, -1)
		return nil
	case failed != nil || conn.Over():
		return play.Inapplicable("the server sends a client away for which it has no place")
	}
	return nil
}

// keyFiles is SEC-16.
func keyFiles(ctx context.Context, st *play.Stage) error {
	if !st.Env.Host.Owns() {
		return play.Inapplicable("the server was not started by paycheck, so its files are not known")
	}
	if err := st.Do(ctx, "given alice registered"); err != nil {
		return err
	}
	open, err := openKey(st.Program.Dir)
	if err != nil {
		return play.Unjudged("looking at the program's files: %v", err)
	}
	if open != "" {
		return st.Fail(ctx, "", "a private key that only its owner can read", nil, -1, open)
	}
	return nil
}
