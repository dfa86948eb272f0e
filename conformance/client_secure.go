package conformance

import (
	"bytes"
	"context"
	"fmt"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/secure"
	"paycheck/spec/scenario"
)

// What a client encrypts, and how.
var clientEncrypted = []writtenClient{
	{"SEC-20", "In a whole session no name comes to the server outside TLS.", sessionVeiled},
	{"SEC-20", "A server that speaks no TLS is told no name.", plainServerTold},
	{"SEC-21", "Of a payment to a payee who speaks TLS no name comes outside it.", paymentVeiled},
	{"SEC-21", "A payee who speaks no TLS is sent no name.", plainPayeeSent},
	{"SEC-22", "A server that speaks TLS 1.2 and 1.3 gets the first request.", meets(modern)},
	{"SEC-22", "A server that speaks TLS 1.2 alone gets the first request.", meets(older)},
	{"SEC-22", "A server whose certificate has expired and names another host gets the first request.", meets(odd)},
	{"SEC-23", "A server that shows another key than before gets no request, and the user is told.", keyChanged},
	{"SEC-24", "A peer is shown an RSA key of at least 2048 bits, made where the client runs.", peerKey},
	{"SEC-25", "A payment is sealed with the key that the payee shows.", sealsForPayee},
	{"SEC-26", "A sealed payment comes to the server once, sealed with the server's key.", sealsForServer},
	{"SEC-27", "Of sealed payments that were changed, cut short or sealed with another key nothing comes to the server.", spoiltDropped},
	{"SEC-28", "Peers that stop in a handshake, fail in it or vanish do not keep another from paying.", peersStall},
	{"SEC-29", "No file beside the client with a private key can be read by others.", clientKeyFiles},
	{"SEC-30", "A block that comes three times is passed on once.", blockAgain},
}

// secret fails if a name can be read in what has come, beneath TLS, to the server or to
// the peer of that name.
func secret(ctx context.Context, st *play.ClientStage, peer string) error {
	who, key := "server", ""
	if peer != "" {
		who, key = peer, st.Fresh(peer)
	}
	for _, came := range st.Counter.Beneath(key) {
		for _, name := range []string{"alice", "bob", "carol"} {
			at := bytes.Index(came, []byte(st.Fresh(name)))
			if at < 0 {
				continue
			}
			from, to := max(0, at-24), min(len(came), at+64)
			return st.Fail(ctx, who, "nothing that can be read", came[from:to], at-from, "the name of "+name+" came unencrypted")
		}
	}
	return nil
}

// sessionVeiled is SEC-20. A step that fails is judged elsewhere: what has come until
// then is looked at.
func sessionVeiled(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	for _, step := range []string{
		"user lists\nserver < (any)", "user pays bob 100\nbob < (any)", "carol > carol#7#alice\nserver < (any)", "user exits\nserver < (any)",
	} {
		if err := st.Do(ctx, step); err != nil && ctx.Err() != nil {
			return err
		}
	}
	if err := st.Rest(ctx, false); err != nil {
		return err
	}
	return secret(ctx, st, "")
}

// plainServerTold is SEC-20 for a client that falls back to what it did before.
func plainServerTold(ctx context.Context, st *play.ClientStage) error {
	st.Encrypt(func(t *counter.Transport) { t.Server = nil })
	if err := st.Open(); err != nil {
		return err
	}
	if _, _, err := st.Try(ctx, endBound); err != nil && ctx.Err() != nil {
		return err
	}
	if st.Session != nil {
		if _, dead := st.Session.Death(); !dead {
			if err := st.Operate(ctx, driver.Register, "alice", 0); err != nil {
				return err
			}
		}
		if err := st.Rest(ctx, false); err != nil {
			return err
		}
	}
	return secret(ctx, st, "")
}

// inTLS has peers speak TLS, whatever the client does usually.
func inTLS(st *play.ClientStage) error {
	payee, err := secure.Payee()
	if err != nil {
		return play.Unjudged("%v", err)
	}
	st.Encrypt(func(t *counter.Transport) { t.Payee = payee })
	return nil
}

// paymentVeiled is SEC-21.
func paymentVeiled(ctx context.Context, st *play.ClientStage) error {
	if err := inTLS(st); err != nil {
		return err
	}
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	paid := st.Do(ctx, "user pays bob 100\nbob < (any)")
	if ctx.Err() != nil {
		return paid
	}
	if err := secret(ctx, st, "bob"); err != nil {
		return err
	}
	return play.Setup("CLI-12", paid)
}

// plainPayeeSent is SEC-21 for a client that takes any payee for one who encrypts, or
// falls back. The payee says something at once, so that no handshake goes on.
func plainPayeeSent(ctx context.Context, st *play.ClientStage) error {
	st.Encrypt(func(t *counter.Transport) { t.Payee = nil })
	manner := st.Env.Manner
	manner.Hello = greeting
	st.Speak(manner)
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	if err := st.Operate(ctx, driver.Pay, "bob", 100); err != nil {
		return err
	}
	if err := st.Rest(ctx, true); err != nil {
		return err
	}
	return secret(ctx, st, "bob")
}

// The servers of SEC-22.
func modern(t *counter.Transport) error { t.Settings = secure.Settings{}; return nil }

func older(t *counter.Transport) error {
	t.Settings = secure.Settings{Most: tls12}
	return nil
}

func odd(t *counter.Transport) (err error) {
	t.Server, err = secure.Expired()
	return err
}

// meets is SEC-22.
func meets(change func(*counter.Transport) error) func(context.Context, *play.ClientStage) error {
	return func(ctx context.Context, st *play.ClientStage) error {
		var failed error
		st.Encrypt(func(t *counter.Transport) { failed = change(t) })
		if failed != nil {
			return play.Unjudged("%v", failed)
		}
		did := st.Do(ctx, "user registers alice\nserver < (any)")
		if did == nil || ctx.Err() != nil || st.Counter == nil || st.Counter.Conn() == nil {
			return did
		}
		_, ok, shook := st.Counter.Conn().State()
		if ok {
			return play.Setup("CLI-3", did)
		}
		st.Stopped() // it may end where it has no server
		if shook != nil {
			return st.Fail(ctx, "server", "a handshake", nil, -1, "the handshake fails: "+shook.Error())
		}
		return st.Fail(ctx, "server", "a handshake", nil, -1, "the client does not go on with the handshake")
	}
}

// keyChanged is SEC-23. What is told of a changed key is the client's own; that it is
// what is told of the key that was there before is wrong.
func keyChanged(ctx context.Context, st *play.ClientStage) error {
	another, err := secure.Another()
	if err != nil {
		return play.Unjudged("%v", err)
	}
	if err := givenClient(ctx, st, "CLI-3", "user registers alice\nserver < REGISTER#alice"); err != nil {
		return err
	}
	good, came, err := comesBack(ctx, st)
	if err != nil {
		return err
	}
	if came == nil {
		return play.Setup("SEC-22", st.Fail(ctx, "server", "a request when the client is started again", nil, -1, "the client comes back to the server that it knows, and nothing came"))
	}
	st.Counter.Show(another)
	bad, came, err := comesBack(ctx, st)
	switch {
	case err != nil:
		return err
	case came != nil:
		return st.Fail(ctx, "server", "no request to a server that shows another key", came, 0, "a request came all the same")
	case bad == "" || bad == good:
		return st.Fail(ctx, "server", "the user is told that the key is another one", nil, -1, "the screen says nothing of it")
	}
	return nil
}

// comesBack starts the client again, and has its user ask for what is taken already. It
// gives what the screen shows, and what has come to the server; nil: nothing.
func comesBack(ctx context.Context, st *play.ClientStage) (screen string, came []byte, err error) {
	screen, there, err := st.Again(ctx)
	if err != nil {
		return "", nil, err
	}
	if there {
		if err := st.Operate(ctx, driver.Register, "alice", 0); err != nil {
			return "", nil, err
		}
		if err := st.Rest(ctx, true); err != nil {
			return "", nil, err
		}
		screen = st.Session.Screen()
	}
	for _, e := range st.Came("server") {
		came = append(came, e.Raw...)
	}
	return screen, came, nil
}

// peerKey is SEC-24.
func peerKey(ctx context.Context, st *play.ClientStage) error {
	if err := inTLS(st); err != nil {
		return err
	}
	if err := st.Do(ctx, "given alice online"); err != nil {
		return err
	}
	key, err := st.Key(ctx, "bob")
	if err != nil {
		return err
	}
	const least = 2048
	switch known := st.Env.Shown; {
	case key.N.BitLen() < least:
		return st.Fail(ctx, "bob", fmt.Sprintf("a key of %d bits", least), nil, -1, fmt.Sprintf("it has %d", key.N.BitLen()))
	case known != nil && key.Equal(known):
		return st.Fail(ctx, "bob", "a key that was made where the client runs", nil, -1, "in another directory it is the same")
	}
	return nil
}

// sealsForPayee is SEC-25.
func sealsForPayee(ctx context.Context, st *play.ClientStage) error {
	if err := inTLS(st); err != nil {
		return err
	}
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	if err := givenClient(ctx, st, "SEC-21", "user pays bob 100\nbob < (any)"); err != nil {
		return err
	}
	const want = "a block that the payee can open"
	for _, e := range st.Came("bob") {
		switch {
		case e.Request.Is(scenario.Payment) && e.Block == "":
			return st.Fail(ctx, "bob", want, e.Raw, 0, "the payment came inside TLS, and is not sealed")
		case e.Block == "":
			return st.Fail(ctx, "bob", want, e.Raw, 0, "what came can't be opened with the payee's key")
		}
	}
	return givenClient(ctx, st, "CLI-12", "bob < alice#100#bob")
}

// sealsForServer is SEC-26.
func sealsForServer(ctx context.Context, st *play.ClientStage) error {
	if err := paysSealed(ctx, st); err != nil {
		return err
	}
	if err := st.Rest(ctx, true); err != nil {
		return err
	}
	came := paymentsTo(st)
	switch {
	case len(came) > 1:
		return st.Fail(ctx, "server", "the payment once", came[1].Raw, 0, "it was passed on twice")
	case came[0].Block == "":
		return st.Fail(ctx, "server", "a block that the server can open", came[0].Raw, 0, "the payment came inside TLS, and is not sealed")
	}
	return nil
}

// paysSealed has bob pay alice by a sealed payment, which has to come to the server.
func paysSealed(ctx context.Context, st *play.ClientStage) error {
	if st.Env.Transport.Payee == nil {
		return play.Inapplicable("the client speaks to other clients without TLS")
	}
	st.Encrypt(func(t *counter.Transport) { t.Sealed = true })
	return st.Do(ctx, "given alice online\nbob > bob#100#alice\nserver < bob#100#alice")
}

// paymentsTo are the payments that have come to the server since the last of a peer.
func paymentsTo(st *play.ClientStage) (some []counter.Event) {
	for _, e := range st.Came("server") {
		if e.Request.Is(scenario.Payment) {
			some = append(some, e)
		}
	}
	return some
}
