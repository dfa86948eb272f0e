// Package client is the reference client. A [Client] speaks the protocol: to the
// server, and to peers that pay or are paid. It has no terminal; what happens
// without being asked for it tells as an [Event]. A [Console] puts a menu, or
// commands of one line each, in front of it.
package client

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"paycheck/reference/secure"
	"paycheck/reference/wire"
	"paycheck/spec/edition"
)

// Errors of what the client itself refuses to do.
var (
	ErrNotLoggedIn = errors.New("log in first")
	ErrLoggedIn    = errors.New("already logged in")
	errClosed      = errors.New("the client ends")
)

// Refused is the error of a request that the server answered with a refusal.
type Refused struct {
	Reply wire.Reply
}

// Error is the server's line.
func (r *Refused) Error() string { return fmt.Sprintf("the server says: %s", r.Reply.Line) }

// A Config says which server to talk to, and how.
type Config struct {
	Address  string          // of the server, host:port
	Edition  edition.Edition // which protocol
	PeerHost string          // address to listen on for peers; empty: all
	Tell     func(Event)     // called from many goroutines, never after Close

	Identity *secure.Identity // for TLS; nil: everything in the clear
	Known    secure.Known     // the servers met before, with an Identity
}

// A Client is one user's connection to a server, and from login on a listener for
// peers. Its methods are for one goroutine, which [Client.Close] ends.
type Client struct {
	Traffic   Traffic
	ServerKey *rsa.PublicKey // nil: in the clear
	NewServer bool           // its key was not known before

	config Config
	link   *link
	name   string // logged in as; empty: not
	begun  time.Time

	blocks secure.Blocks // the sealed payments that peers have made

	ctx    context.Context // ends with Close
	cancel context.CancelCauseFunc
	peers  sync.WaitGroup // goroutines that serve or drain a peer
}

// Dial connects to the server. It does not wait for the server to say anything.
func Dial(ctx context.Context, config Config) (*Client, error) {
	c := &Client{config: config, begun: time.Now()}
	late := time.AfterFunc(WaitingAfter, func() { config.Tell(Event{Kind: Waiting}) })
	conn, err := c.dialServer(ctx)
	late.Stop()
	if err != nil {
		return nil, fmt.Errorf("cannot reach the server at %s: %w", config.Address, err)
	}
	c.ctx, c.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	c.link = newLink(conn, config.Edition, config.Tell)
	c.link.key = c.ServerKey
	return c, nil
}

// dial connects to the server or to a peer.
func (c *Client) dial(ctx context.Context, address string) (metered, error) {
	dialer := net.Dialer{Timeout: DialWait}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return metered{}, cause(err)
	}
	return metered{conn, &c.Traffic}, nil
}

// Register opens an account (the hand-out, 2.C(1)). The deposit is in whole units,
// and 0 in an edition without.
func (c *Client) Register(ctx context.Context, name string, deposit int64) error {
	reply, err := c.link.ask(ctx, wire.Register{Name: name, Deposit: deposit})
	if err == nil && !strings.HasPrefix(reply.Line, edition.OK) {
		return &Refused{reply}
	}
	return err
}

// Login brings an account online (the hand-out, 2.C(2)) and returns the list and
// the port on which peers can pay. Port 0 takes a free one.
func (c *Client) Login(ctx context.Context, name string, port int) (wire.Reply, int, error) {
	if c.name != "" {
		return wire.Reply{}, 0, fmt.Errorf("%w as %s", ErrLoggedIn, c.name)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(c.config.PeerHost, strconv.Itoa(port)))
	if err != nil {
		return wire.Reply{}, 0, fmt.Errorf("cannot listen on port %d: %w", port, cause(err))
	}
	port = listener.Addr().(*net.TCPAddr).Port
	reply, err := c.list(ctx, wire.Login{Name: name, Port: port})
	if err != nil {
		_ = listener.Close() // nobody knows of it
		return reply, 0, err
	}
	c.name = name
	c.accept(listener)
	return reply, port, nil
}

// List asks for the balance and who is online (the hand-out, 2.C(3)).
func (c *Client) List(ctx context.Context) (wire.Reply, error) {
	return c.list(ctx, wire.List{})
}

// list asks what is answered with the list. One that is malformed is an answer all
// the same: what could be read of it is there, and Err says what is wrong.
func (c *Client) list(ctx context.Context, request wire.Request) (wire.Reply, error) {
	reply, err := c.link.ask(ctx, request)
	if err == nil && reply.Listing == nil {
		err = &Refused{reply}
	}
	return reply, err
}

// Exit says goodbye (the hand-out, 2.C(4)) and returns the server's answer. A
// request that is still unanswered is an error: a server could read Exit as the
// end of it. A server that closes instead of answering is an [ErrLost].
func (c *Client) Exit(ctx context.Context) (wire.Reply, error) {
	if c.link.unanswered() {
		return wire.Reply{}, errors.New("an earlier request is unanswered")
	}
	return c.link.ask(ctx, wire.Exit{})
}

// Gone is closed when the connection to the server has ended; Err says why.
func (c *Client) Gone() <-chan struct{} { return c.link.gone }

// Err is why the connection to the server has ended, an [ErrLost].
func (c *Client) Err() error {
	<-c.link.gone
	return c.link.err
}

// Name is the account that is logged in, or "".
func (c *Client) Name() string { return c.name }

// Elapsed is the time since the client began to connect.
func (c *Client) Elapsed() time.Duration { return time.Since(c.begun) }

// Close ends all connections, and waits for what was just paid to reach its peer.
func (c *Client) Close() {
	c.cancel(errClosed)
	c.peers.Wait()
	c.link.lose(errClosed)
}
