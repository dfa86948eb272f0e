package counter

import (
	"context"
	"net"
	"net/netip"

	"paycheck/conformance/secure"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// A Transport is how connections at the counter are encrypted (protocol.md, section SEC).
// The zero value is the clear.
type Transport struct {
	Server   *secure.Identity // what the server shows; nil: it speaks in the clear
	Payee    *secure.Identity // what peers show; nil: they and the client speak in the clear
	Settings secure.Settings  // of every handshake
	Sealed   bool             // what peers pay is sealed for the client
}

// link takes over a connection of the client, in TLS if there is an identity.
func (c *Counter) link(conn net.Conn, who, text string, id *secure.Identity, wake chan struct{}) *wire.Conn {
	tcp := conn.(*net.TCPConn)
	if id == nil {
		return wire.Accepted(tcp, who, text, c.cfg.Recorder, wake)
	}
	return wire.AcceptedTLS(tcp, who, text, id.Accept(c.cfg.Transport.Settings), c.cfg.Recorder, wake)
}

// dial connects a peer to the client.
func (c *Counter) dial(ctx context.Context, to netip.AddrPort, who string, wake chan struct{}) (*wire.Conn, error) {
	if c.cfg.Transport.Payee == nil {
		return wire.Dial(ctx, to, "", who, c.cfg.Recorder, wake)
	}
	config := secure.NewClient(c.cfg.Transport.Settings).Config
	return wire.DialTLS(ctx, to, "", who, config, c.cfg.Recorder, wake)
}

// read reads what the client has sent to the owner of an identity. What can be opened is
// read as what is in it; block is then what came, without what ends it.
func read(raw []byte, id *secure.Identity, e edition.Edition) (r wire.Request, block string) {
	r = wire.ReadRequest(raw, e)
	if id == nil || !r.Odd {
		return r, ""
	}
	text, ok := id.Open(r.Text)
	if !ok {
		return r, ""
	}
	block, tail := r.Text, r.Tail
	r = wire.ReadRequest([]byte(text), e)
	r.Tail += tail
	return r, block
}

// keyLine is what line 2 of a list is.
func (c *Counter) keyLine() string {
	if id := c.cfg.Transport.Server; id != nil {
		if line, err := id.Line(); err == nil {
			return line
		}
	}
	return "public key"
}

// KeyLine is what line 2 of a list is.
func (c *Counter) KeyLine() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.keyLine()
}

// Show has the server show another key from now on.
func (c *Counter) Show(id *secure.Identity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cfg.Transport.Server = id
}

// Beneath gives what has come from the client over TCP, the newest connection last: to the
// server, or to the peer of that name.
func (c *Counter) Beneath(peer string) (all [][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if peer == "" {
		for _, v := range c.visits {
			all = append(all, v.conn.Beneath())
		}
	}
	for _, p := range c.peers {
		for _, conn := range p.conns {
			if p.Name == peer {
				all = append(all, conn.Beneath())
			}
		}
	}
	return all
}
