package play

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/secure"
	"paycheck/conformance/wire"
)

// What a conversation with a client does inside TLS, and for checks of section SEC.

// Encrypt has the connections encrypted in another way; before the first step.
func (st *ClientStage) Encrypt(change func(*counter.Transport)) {
	env := *st.Env
	change(&env.Transport)
	st.Env = &env
}

// disguise seals what is one whole payment for the client, if all are.
func (st *ClientStage) disguise(ctx context.Context, p *person, text string) (string, error) {
	payment := strings.TrimRight(text, "\r\n\x00")
	if !st.Env.Transport.Sealed || strings.Count(payment, "#") != 2 || strings.HasPrefix(payment, "REGISTER#") {
		return text, nil
	}
	key, err := st.keyOf(ctx, p)
	if err != nil {
		return "", err
	}
	sealed, err := secure.Seal(key, payment)
	return sealed + text[len(payment):], err
}

// openToAll are the requirements that a peer can connect and shake hands.
var openToAll = []string{"SEC-24", "SEC-28"}

// keyOf is the key that the client has shown a peer that is connected.
func (st *ClientStage) keyOf(ctx context.Context, p *person) (*rsa.PublicKey, error) {
	if err := st.rest(ctx); err != nil {
		return nil, err
	}
	state, ok, shook := p.conn.State()
	why := "it does not go on with the handshake"
	if shook != nil {
		why = shook.Error()
	}
	if ok {
		key, err := secure.Key(state)
		if err == nil {
			return key, nil
		}
		why = "the client's certificate has a key that is not RSA"
	}
	err := st.violation(ctx, p.name, "a handshake, and a certificate with an RSA key", nil, -1, why)
	if !slices.Contains(openToAll, st.Env.Requirement) {
		err = Setup("SEC-24", err)
	}
	return nil, err
}

// Key connects a peer to the client, and gives the key that it is shown.
func (st *ClientStage) Key(ctx context.Context, name string) (*rsa.PublicKey, error) {
	p := st.person(name)
	if err := st.dial(ctx, p); err != nil {
		return nil, err
	}
	return st.keyOf(ctx, p)
}

// Plain connects a peer to the client without encryption, whatever the transport. The
// client has to be online.
func (st *ClientStage) Plain(ctx context.Context, name string) (*wire.Conn, error) {
	p := st.person(name)
	if p.peer == nil {
		p.peer = st.Counter.Guest(p.name, p.fresh)
	}
	conn, err := p.peer.DialPlain(ctx, netip.AddrPortFrom(netip.MustParseAddr(loopback), uint16(st.me.port)))
	if err != nil && ctx.Err() == nil {
		err = st.violation(ctx, name, "the client accepts a connection", nil, -1, "the connection was refused")
		if !slices.Contains(openToAll, st.Env.Requirement) {
			err = Setup("CLI-5", err)
		}
	}
	return conn, err
}

// Again starts the client anew, where it was. It gives what the screen shows then, and
// whether the client is there; one that ends by itself is not.
func (st *ClientStage) Again(ctx context.Context) (screen string, there bool, err error) {
	st.stopped = true
	st.Session.Stop()
	st.used = len(st.Counter.Log())
	s, err := st.Env.Host.Again(ctx, st.Session, st.values(nil, 0))
	if stuck := (*driver.StuckError)(nil); errors.As(err, &stuck) && ctx.Err() == nil {
		return stuck.Screen, false, nil
	}
	if err != nil {
		return "", false, cannotStart(err)
	}
	st.Session = s
	if err := st.rest(ctx); err != nil {
		return "", false, err
	}
	_, dead := s.Death()
	return s.Screen(), !dead, nil
}
