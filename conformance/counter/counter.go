// Package counter is the suite's own side of the protocol before a client under test:
// a server that keeps accounts, and the people whom the client can pay and be paid by.
//
// A [Counter] answers by itself and politely: one reply is one write, and nothing
// comes that was not asked for. What it is told to [Counter.Hold] it leaves to its
// owner to answer. A [Peer] is one of the people. All that happens is an [Event], in
// one order; every byte is in the transcript.
package counter

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"paycheck/conformance/door"
	"paycheck/conformance/secure"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// A Config says where the counter is and how it speaks.
type Config struct {
	Edition   edition.Edition
	Manner    Manner
	Transport Transport
	Host      string // the address to listen on
	Port      int    // 0: a free one
	Recorder  *transcript.Recorder
	Wake      chan struct{} // gets a message when something has happened, if there is room
	Each      func(Event)   // called with each event as it comes, and must not call back; may be nil
}

// A Counter is the server, with everybody whom it knows.
type Counter struct {
	cfg     Config
	door    *door.Door
	running sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	accounts map[string]*account
	online   []string // the names, in the order of their logins
	visits   []*visit
	peers    []*Peer
	held     []scenario.Kind // of which the next one is not answered
	mute     bool            // nothing is answered
	public   bool            // the list is for everybody
	log      []Event
}

// An account is what the server knows of one name.
type account struct {
	balance int64
	ip      string // while online
	port    int
}

// A visit is one connection of the client to the server.
type visit struct {
	number int
	conn   *wire.Conn
	id     *secure.Identity // that it was shown; nil: it is in the clear
	wake   chan struct{}
	name   string // logged in as
	asks   bool   // a request is not answered
	ended  bool
}

// Open begins to listen.
func Open(cfg Config) (*Counter, error) {
	d, err := door.Open(cfg.Host, cfg.Port)
	if err != nil {
		return nil, fmt.Errorf("counter: %w", err)
	}
	c := &Counter{cfg: cfg, door: d, accounts: map[string]*account{}}
	c.running.Go(func() { d.Each(c.accept) })
	return c, nil
}

// Port is the server's.
func (c *Counter) Port() int { return c.door.Port() }

// Refuse lets nobody connect to the server any more.
func (c *Counter) Refuse() { c.door.Shut() }

// Close ends everything.
func (c *Counter) Close() {
	c.Refuse()
	c.mu.Lock()
	c.closed = true
	for _, v := range c.visits {
		v.conn.Discard()
	}
	for _, p := range c.peers {
		p.close()
	}
	c.mu.Unlock()
	c.running.Wait()
}

// accept takes one connection of the client.
func (c *Counter) accept() {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.door.Accept()
	if err != nil || c.closed {
		if err == nil {
			_ = conn.Close()
		}
		return
	}
	v := &visit{number: len(c.visits) + 1, wake: make(chan struct{}, 1)}
	text := "the client connects"
	if v.number > 1 {
		text = fmt.Sprintf("the client opens connection %d", v.number)
	}
	v.id = c.cfg.Transport.Server
	v.conn = c.link(conn, "server", text, v.id, v.wake)
	c.visits = append(c.visits, v)
	c.happens(Event{Kind: Connected, Visit: v.number})
	if greeting := c.cfg.Manner.Greeting; greeting != "" {
		_ = v.conn.Send([]byte(c.ended(greeting))) // that it has gone is seen where it is read
	}
	c.running.Go(func() {
		c.attend(v.conn, v.id, v.wake, func(raw []byte) { c.asked(v, raw) }, func(reset bool) { c.left(v, reset) })
	})
}

// tells is happens for who does not hold c.mu.
func (c *Counter) tells(e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.happens(e)
}

// happens notes an event; c.mu is held.
func (c *Counter) happens(e Event) {
	e.At = time.Now()
	c.log = append(c.log, e)
	if c.cfg.Each != nil {
		c.cfg.Each(e)
	}
	select {
	case c.cfg.Wake <- struct{}{}:
	default:
	}
}

// Log is what has happened so far.
func (c *Counter) Log() []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.log)
}

// Working reports whether something has come that is not attended to yet.
func (c *Counter) Working() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns() {
		if len(conn.Unread()) > 0 {
			return true
		}
	}
	if c.door.Waits() || slices.ContainsFunc(c.peers, func(p *Peer) bool { return p.door != nil && p.door.Waits() }) {
		return true
	}
	return slices.ContainsFunc(c.visits, func(v *visit) bool { return v.conn.Over() && !v.ended })
}

// Links are the suite's ends of all connections, also of those that have ended: the
// client may have that still to see.
func (c *Counter) Links() []target.Link {
	c.mu.Lock()
	defer c.mu.Unlock()
	var links []target.Link
	for _, conn := range c.conns() {
		links = append(links, conn)
	}
	return links
}

func (c *Counter) conns() []*wire.Conn {
	var all []*wire.Conn
	for _, v := range c.visits {
		all = append(all, v.conn)
	}
	for _, p := range c.peers {
		all = append(all, p.conns...)
	}
	return all
}

// Conn is the newest connection of the client to the server; nil: there is none.
func (c *Counter) Conn() *wire.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.visits) == 0 {
		return nil
	}
	return c.visits[len(c.visits)-1].conn
}
