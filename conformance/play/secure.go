package play

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/tls"
	"net/netip"
	"slices"
	"strings"

	"paycheck/conformance/secure"
	"paycheck/conformance/wire"
	"paycheck/spec/scenario"
)

// Security is how a conversation is encrypted (protocol.md, section SEC).
type Security struct {
	TLS    bool // every connection
	Old    bool // in versions that are retired
	Sealed bool // payments are sealed for the program
}

// dial opens a client's connection in the way of the profile.
func (st *Stage) dial(ctx context.Context, to netip.AddrPort, from, who string) (*wire.Conn, error) {
	if s := st.Env.Profile.Security; s.TLS {
		config := secure.NewClient(secure.Settings{Old: s.Old}).Config
		return wire.DialTLS(ctx, to, from, who, config, st.Recorder, st.wake)
	}
	return wire.Dial(ctx, to, from, who, st.Recorder, st.wake)
}

// Shakes opens the client's connection with settings of its own, and waits for the end
// of the handshake: complete, failed, or left lying by the program, when both ok and err
// are empty.
func (st *Stage) Shakes(ctx context.Context, name string, c *tls.Config) (state tls.ConnectionState, ok bool, err error) {
	if err := st.Start(ctx); err != nil {
		return state, false, err
	}
	actor := st.client(name)
	to := netip.AddrPortFrom(netip.MustParseAddr(loopback), uint16(st.Program.Port))
	conn, err := wire.DialKept(ctx, to, name, c, st.Recorder, st.wake)
	if err != nil {
		return state, false, st.violation(ctx, actor, "the connection is accepted", nil, -1, "the connection was refused")
	}
	actor.conn = conn
	return st.shaken(ctx, actor)
}

// shaken waits for the end of a handshake.
func (st *Stage) shaken(ctx context.Context, c *client) (state tls.ConnectionState, ok bool, err error) {
	over := func() bool {
		_, ok, err := c.conn.State()
		return ok || err != nil
	}
	if _, err := st.wait(ctx, over, true); err != nil {
		return state, false, err
	}
	return c.conn.State()
}

// Plain opens a connection without encryption under a client's name, whatever the
// profile.
func (st *Stage) Plain(ctx context.Context, name string) (*wire.Conn, error) {
	if err := st.Start(ctx); err != nil {
		return nil, err
	}
	c := st.client(name)
	to := netip.AddrPortFrom(netip.MustParseAddr(loopback), uint16(st.Program.Port))
	conn, err := wire.Dial(ctx, to, "", name, st.Recorder, st.wake)
	if err != nil {
		return nil, st.violation(ctx, c, "the connection is accepted", nil, -1, "the connection was refused")
	}
	c.conn = conn
	return conn, nil
}

// Key is the program's public key, as the client was shown it.
func (st *Stage) Key(ctx context.Context, name string) (*rsa.PublicKey, error) {
	c := st.client(name)
	if err := st.connect(ctx, c, ""); err != nil {
		return nil, err
	}
	state, ok, err := st.shaken(ctx, c)
	if !ok {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, Setup("SEC-2", st.violation(ctx, c, "a handshake", nil, -1, "the handshake is not completed"))
	}
	return secure.Key(state)
}

// seal seals a payment for the program if the profile has it so. The ending stays
// outside.
func (st *Stage) seal(ctx context.Context, c *client, text string) (string, error) {
	if !st.Env.Profile.Security.Sealed {
		return text, nil
	}
	key, err := st.Key(ctx, c.name)
	if err != nil {
		return "", err
	}
	return secure.Seal(key, text)
}

// dress renders a message for the connection that it goes out on.
func (st *Stage) dress(ctx context.Context, c *client, m scenario.Message) ([]byte, error) {
	data, err := st.render(m)
	if err != nil {
		return nil, &broken{why: err.Error()}
	}
	if m.Kind != scenario.Payment {
		return data, nil
	}
	return st.disguise(ctx, c, data)
}

// disguise seals bytes that are one whole payment, be it lawful or not; others stay.
func (st *Stage) disguise(ctx context.Context, c *client, data []byte) ([]byte, error) {
	text := strings.TrimRight(string(data), "\r\n\x00")
	isPayment := strings.Count(text, "#") == 2 && !strings.HasPrefix(text, "REGISTER#")
	if !st.Env.Profile.Security.Sealed || !isPayment {
		return data, nil
	}
	sealed, err := st.seal(ctx, c, text)
	if err != nil {
		return nil, err
	}
	return []byte(sealed + st.Env.Profile.Dialect.Ending.After(sealed)), nil
}

// disguised seals segments that are one payment together, and cuts the block as they were
// cut.
func (st *Stage) disguised(ctx context.Context, c *client, segments [][]byte) ([][]byte, error) {
	whole := slices.Concat(segments...)
	data, err := st.disguise(ctx, c, whole)
	if err != nil || bytes.Equal(data, whole) {
		return segments, err
	}
	parts, from, at := make([][]byte, len(segments)), 0, 0
	for i, segment := range segments {
		at += len(segment)
		to := len(data) * at / len(whole)
		parts[i], from = data[from:to], to
	}
	return parts, nil
}

// Wrapped is a request of a client without what ends it, as it is sent: a payment is
// sealed if all are.
func (st *Stage) Wrapped(ctx context.Context, name, text string) (string, error) {
	if strings.Count(text, "#") != 2 || strings.HasPrefix(text, "REGISTER#") {
		return text, nil
	}
	return st.seal(ctx, st.client(name), text)
}

// Vanishes has a client of that name shake hands, say what it is given, and vanish when
// so many bytes have gone out over TCP. It reports whether they did: the whole may be
// shorter.
func (st *Stage) Vanishes(ctx context.Context, name, text string, after int, reset bool) (vanished bool, err error) {
	if err := st.Start(ctx); err != nil {
		return false, err
	}
	c := st.client(name)
	to := netip.AddrPortFrom(netip.MustParseAddr(loopback), uint16(st.Program.Port))
	config := secure.NewClient(secure.Settings{Old: st.Env.Profile.Security.Old}).Config
	conn, err := wire.DialCut(ctx, to, name, config, st.Recorder, st.wake, after, reset)
	if err != nil {
		return false, st.violation(ctx, c, "the connection is accepted", nil, -1, "the connection was refused")
	}
	_ = conn.Send([]byte(text)) // it may be gone by now
	c.conn = conn
	if err := st.rest(ctx); err != nil {
		return false, err
	}
	vanished = conn.Deaf()
	_ = conn.Cut()
	st.past = append(st.past, conn)
	c.conn, c.asked = nil, false
	return vanished, st.rest(ctx)
}
