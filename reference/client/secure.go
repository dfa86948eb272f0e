package client

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"paycheck/reference/secure"
	"paycheck/reference/wire"
)

// A halfCloser is a connection that can say that no more will come: TCP, or TLS.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// dialServer connects to the server, in TLS if there is an identity. A server without
// a free place lets the handshake wait, so nothing bounds that but ctx.
func (c *Client) dialServer(ctx context.Context) (net.Conn, error) {
	conn, err := c.dial(ctx, c.config.Address)
	if err != nil || c.config.Identity == nil {
		return conn, err
	}
	t := tls.Client(&patient{Conn: conn}, secure.Client(func(key *rsa.PublicKey) (err error) {
		c.ServerKey = key
		c.NewServer, err = c.config.Known.Check(c.config.Address, key)
		return err
	}))
	return t, shake(ctx, t)
}

// dialPeer connects to a payee, and gives the key that it shows: nil in the clear.
func (c *Client) dialPeer(ctx context.Context, address string) (halfCloser, *rsa.PublicKey, error) {
	conn, err := c.dial(ctx, address)
	if err != nil || c.config.Identity == nil {
		return conn, nil, err
	}
	t := tls.Client(conn, secure.Client(nil))
	_ = conn.SetDeadline(time.Now().Add(secure.HandshakeTime)) // fails only once it is closed
	if err := shake(ctx, t); err != nil {
		return nil, nil, err
	}
	key, err := secure.PeerKey(t.ConnectionState())
	return t, key, err
}

// asPeer is the payee's end of a connection.
func (c *Client) asPeer(conn metered) net.Conn {
	if c.config.Identity == nil {
		return conn
	}
	return tls.Server(secure.Whole{Conn: conn}, c.config.Identity.Server())
}

// greet completes the handshake with a payer, in the clear nothing.
func greet(ctx context.Context, conn net.Conn) error {
	t, ok := conn.(*tls.Conn)
	if !ok {
		return nil
	}
	_ = conn.SetDeadline(time.Now().Add(secure.HandshakeTime)) // fails only once it is closed
	return shake(ctx, t)
}

// shake completes a handshake; where it fails the connection is closed.
func shake(ctx context.Context, t *tls.Conn) error {
	err := t.HandshakeContext(ctx)
	if err != nil {
		_ = t.Close() // it has failed already
		return cause(err)
	}
	return t.SetDeadline(time.Time{})
}

// A patient connection gives a handshake its time once its first byte has come.
type patient struct {
	net.Conn
	begun bool
}

// Read starts the clock when the first bytes are there.
func (p *patient) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if n > 0 && !p.begun {
		p.begun = true
		_ = p.Conn.SetDeadline(time.Now().Add(secure.HandshakeTime)) // fails only once it is closed
	}
	return n, err
}

// A sealed payment is a request of its own form.
type sealed string

// Text is the block in base64.
func (s sealed) Text() string { return string(s) }

// seal encrypts a payment for the owner of a key; without one it stays as it is.
func seal(key *rsa.PublicKey, payment wire.Payment) (wire.Request, error) {
	if key == nil {
		return payment, nil
	}
	text, err := secure.Seal(key, payment.Text())
	return sealed(text), err
}

// unseal opens a sealed payment; what is none stays as it is.
func (c *Client) unseal(text string) (string, error) {
	if c.config.Identity == nil || !secure.Sealed(text) {
		return text, nil
	}
	if c.blocks.Again(text) {
		return "", errors.New("it has come before")
	}
	return c.config.Identity.Open(text)
}
