// Package server is the reference server: it speaks the protocol of
// spec/protocol.md as its MUSTs and SHOULDs ask, reads liberally and writes
// strictly.
//
// A [Server] accepts every connection and asks its pool for a place. Who gets one
// is served by a session, which reads requests, answers them, and writes; who does
// not waits, unread and unanswered, in order of arrival. Accounts are the ledger's
// (package ledger), bytes are the codec's (package wire). A [Console] prints, and
// never makes anyone wait.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"paycheck/reference/ledger"
	"paycheck/reference/secure"
	"paycheck/spec/edition"
)

// A Config is what a server is made of. All of it is needed, but for the Identity.
type Config struct {
	Edition edition.Edition
	Ledger  *ledger.Ledger // stays the caller's, to close after Serve
	Console *Console       // the same
	Limit   int            // how many clients are served at a time, 1 to MostClients

	Identity *secure.Identity // for TLS; nil: everything in the clear
}

// A Server serves clients. Use New.
type Server struct {
	Config
	pool *pool
	room chan struct{} // one for each connection that there are descriptors for

	mu       sync.Mutex
	sessions map[uint64]*session // being served, by number

	rendered atomic.Pointer[rendering]

	keyLine  string        // line 2 of the list
	settings *tls.Config   // nil: no encryption
	blocks   secure.Blocks // the sealed payments that have come
}

// New returns a server that is ready to serve.
func New(c Config) *Server {
	s := &Server{
		Config:   c,
		pool:     newPool(c.Limit),
		room:     make(chan struct{}, mostConnections()),
		sessions: map[uint64]*session{},
		keyLine:  publicKey,
	}
	if c.Identity != nil {
		s.keyLine, s.settings = secure.KeyLine(c.Identity.Public()), c.Identity.Server()
	}
	return s
}

// Serve serves the clients of a TCP listener until ctx is done, and then returns
// nil: the listener and every connection are closed, every account is offline. It
// returns an error if the listener fails.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	context.AfterFunc(ctx, func() { listener.Close() })

	for id := uint64(1); ; id++ {
		select {
		case s.room <- struct{}{}: // else the next stays in the kernel's queue
		case <-ctx.Done():
			return nil
		}
		conn, err := accept(ctx, listener)
		if err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accepting connections: %w", err)
		}
		turn := s.pool.ask()
		clients.Go(func() {
			s.serve(ctx, conn.(*net.TCPConn), turn, id)
			<-s.room
		})
	}
}

// shortage is how long to let be when the machine is short of something.
const shortage = 20 * time.Millisecond

// accept takes the next connection. That one went away before it was accepted, or
// that descriptors or memory are short for the moment, is no failure.
func accept(ctx context.Context, listener net.Listener) (net.Conn, error) {
	for {
		conn, err := listener.Accept()
		switch {
		case errors.Is(err, syscall.ECONNABORTED):
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE),
			errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.ENOMEM):
			select {
			case <-time.After(shortage):
			case <-ctx.Done():
			}
		default:
			return conn, err
		}
	}
}

// serve takes one connection from its arrival to its end.
func (s *Server) serve(ctx context.Context, conn *net.TCPConn, turn turn, id uint64) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	client := clientOf(conn)
	s.Console.Say(Everything, "New client %s", at(client))
	served := s.wait(conn, turn, client)
	if ctx.Err() != nil {
		return // the places that come free now are nobody's
	}
	if !served {
		s.Console.Say(Everything, "%s gave up waiting", at(client))
		return
	}
	s.session(conn, client, id).run()
	s.pool.release()
	linger(conn)
}

// clientOf is the client's end of a connection. IPv4 is IPv4 also on a socket that
// serves both.
func clientOf(conn *net.TCPConn) netip.AddrPort {
	addr := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// at is how the console writes a client's address, as in the manual.
func at(client netip.AddrPort) string {
	return fmt.Sprintf("%s@%d", client.Addr(), client.Port())
}
