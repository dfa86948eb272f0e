package counter

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"paycheck/conformance/door"
	"paycheck/conformance/secure"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/scenario"
)

// A Peer is somebody whom the client can pay, and who can pay it.
type Peer struct {
	Name string // as the server knows it
	who  string // as the transcript has it

	counter *Counter
	door    *door.Door // nil: it can't be paid
	conns   []*wire.Conn
}

// Peer opens an account for somebody and puts it into the list; host is where it
// listens, and is listed. Who is its name in the transcript.
func (c *Counter) Peer(who, name, host string, port int) (*Peer, error) {
	return c.peer(who, name, host, host, port)
}

// PeerAnywhere is Peer for one who listens on host, and is listed at whatever address
// a client has reached the server at.
func (c *Counter) PeerAnywhere(who, name, host string, port int) (*Peer, error) {
	return c.peer(who, name, host, "", port)
}

func (c *Counter) peer(who, name, host, listed string, port int) (*Peer, error) {
	d, err := door.Open(host, port)
	if err != nil {
		return nil, fmt.Errorf("counter: %s: %w", who, err)
	}
	p := &Peer{Name: name, who: who, counter: c, door: d}
	c.List(name, listed, d.Port())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peers = append(c.peers, p)
	c.running.Go(func() { d.Each(p.accept) })
	return p, nil
}

// Guest opens an account for somebody who pays and is not in the list.
func (c *Counter) Guest(who, name string) *Peer {
	p := &Peer{Name: name, who: who, counter: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.accounts[name] == nil {
		c.accounts[name] = &account{balance: c.cfg.Edition.InitialBalance}
	}
	c.peers = append(c.peers, p)
	return p
}

// accept takes one connection of a payer.
func (p *Peer) accept() {
	c := p.counter
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := p.door.Accept()
	if err != nil || c.closed {
		if err == nil {
			_ = conn.Close()
		}
		return
	}
	wake := make(chan struct{}, 1)
	id := c.cfg.Transport.Payee
	link := c.link(conn, p.who, "the client connects to "+p.who, id, wake)
	p.conns = append(p.conns, link)
	c.happens(Event{Kind: Visited, Peer: p.Name})
	if hello := c.cfg.Manner.Hello; hello != "" {
		_ = link.Send([]byte(c.ended(hello))) // that it has gone is seen where it is read
	}
	c.running.Go(func() {
		c.attend(link, id, wake, func(raw []byte) { p.paid(link, id, raw) }, func(bool) { _ = link.Close() })
	})
}

// paid takes the text of a payment, and does with it what the payee's client has to:
// the server books it. Counter.mu is held.
func (p *Peer) paid(conn *wire.Conn, id *secure.Identity, raw []byte) {
	if strings.Trim(string(raw), "\r\n\x00") == "" {
		return
	}
	c := p.counter
	r, block := read(raw, id, c.cfg.Edition)
	if block != "" {
		raw = []byte(r.Text + r.Tail)
	}
	c.happens(Event{Kind: Paid, Peer: p.Name, Raw: raw, Block: block, Request: r})
	if thanks := c.cfg.Manner.Thanks; thanks != "" {
		_ = conn.Send([]byte(c.ended(thanks))) // that it has gone is seen where it is read
	}
	if r.Is(scenario.Payment) {
		c.book(r)
	}
}

// Dial connects to the client as a payer does.
func (p *Peer) Dial(ctx context.Context, to netip.AddrPort) (*wire.Conn, error) {
	wake := make(chan struct{}, 1)
	conn, err := p.counter.dial(ctx, to, p.who, wake)
	return p.took(conn, wake, err)
}

// DialPlain is Dial in the clear, whatever the transport.
func (p *Peer) DialPlain(ctx context.Context, to netip.AddrPort) (*wire.Conn, error) {
	wake := make(chan struct{}, 1)
	conn, err := wire.Dial(ctx, to, "", p.who, p.counter.cfg.Recorder, wake)
	return p.took(conn, wake, err)
}

func (p *Peer) took(conn *wire.Conn, wake chan struct{}, err error) (*wire.Conn, error) {
	if err != nil {
		return nil, err
	}
	c := p.counter
	c.mu.Lock()
	defer c.mu.Unlock()
	p.conns = append(p.conns, conn)
	// What a payee says to its payer means nothing.
	c.running.Go(func() { c.attend(conn, nil, wake, func([]byte) {}, func(bool) { _ = conn.Close() }) })
	return conn, nil
}

// Pay connects to the client that is logged in as name, where the list says that it is,
// and pays it. The error is that of connecting, or [ErrNobody].
func (p *Peer) Pay(ctx context.Context, name string, amount int64) error {
	c := p.counter
	c.mu.Lock()
	a := c.accounts[name]
	online := slices.Contains(c.online, name)
	c.mu.Unlock()
	if a == nil || !online {
		return ErrNobody
	}
	ip, err := netip.ParseAddr(a.ip)
	if err != nil {
		return fmt.Errorf("counter: the address of %s: %w", name, err)
	}
	conn, err := p.Dial(ctx, netip.AddrPortFrom(ip, uint16(a.port)))
	if err != nil {
		c.tells(Event{Kind: Unreached, Peer: p.Name, Name: name})
		return err
	}
	c.tells(Event{Kind: Reached, Peer: p.Name, Name: name})
	text := fmt.Appendf(nil, "%s#%d#%s%s", p.Name, amount, name, c.cfg.Edition.RequestEnd)
	if err := conn.Send(text); err != nil {
		return err
	}
	c.tells(Event{Kind: Pays, Peer: p.Name, Name: name, Raw: text})
	return nil
}

// Addr is where the peer listens.
func (p *Peer) Addr() netip.AddrPort {
	return p.door.Addr().(*net.TCPAddr).AddrPort()
}

// Leave makes the peer unreachable, though it is still listed.
func (p *Peer) Leave() {
	p.counter.cfg.Recorder.Add(transcript.Event{Who: p.who, Kind: transcript.Act, Text: p.who + " listens no more"})
	p.door.Shut()
}

// close ends all of it; Counter.mu is held.
func (p *Peer) close() {
	if p.door != nil {
		p.door.Shut()
	}
	for _, conn := range p.conns {
		conn.Discard()
	}
}
