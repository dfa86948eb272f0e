package server

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"paycheck/reference/ledger"
	"paycheck/reference/wire"
)

const (
	// readSize is how much one read takes: more than clients are known to pad a
	// request to, so that padding comes with the request and not after it.
	readSize = 4096

	// backlog is how many notices may wait to be written to one client. For as many
	// to wait on one that reads, as many payees would have to name it in one commit.
	backlog = 1024

	// lingerTime is how long a client that goes on sending has to read its last
	// reply and close.
	lingerTime = time.Second
)

// A session serves one connection. Its goroutine reads requests and writes the
// replies; another one writes what this client did not ask for, so that nobody who
// has something to tell it waits for it.
type session struct {
	*Server
	id      uint64
	conn    *net.TCPConn
	link    net.Conn // what is read and written: conn, or TLS over it
	client  netip.AddrPort
	at      string // the same, as the console writes it
	name    string // of the account that logged in here last, or empty
	last    []byte // the list that was sent last
	notices chan []byte
	writing sync.Mutex
}

func (s *Server) session(conn *net.TCPConn, client netip.AddrPort, id uint64) *session {
	return &session{
		Server:  s,
		id:      id,
		conn:    conn,
		link:    s.over(conn),
		client:  client,
		at:      at(client),
		notices: make(chan []byte, backlog),
	}
}

// run serves the client until one of the two ends the connection. When it returns,
// all that was to be written is written or lost.
func (s *session) run() {
	if !s.handshake() {
		return
	}
	defer s.takeLeave()
	s.enter(s)
	written := make(chan struct{})
	go func() {
		defer close(written)
		for line := range s.notices {
			_ = s.write(line) // a failure ends read
		}
	}()
	s.read()
	if err := s.logout("left"); err != nil {
		s.Console.Say(Events, "%s left and could not be logged out: %v", s.at, err)
	}
	s.forget(s)
	close(s.notices)
	<-written
}

// read answers requests until the client has left or said Exit, or the server ends.
func (s *session) read() {
	var framer wire.Framer
	buf := make([]byte, readSize)
	for {
		var pause time.Time // none
		if framer.Pending() {
			pause = time.Now().Add(wire.Pause)
		}
		_ = s.link.SetReadDeadline(pause)
		n, err := s.link.Read(buf)
		requests := framer.Feed(buf[:n])
		if errors.Is(err, net.ErrClosed) {
			return // by this server
		}
		if s.cut(err) {
			return // and what has come of a request is none
		}
		if err != nil { // a pause, or the end: either ends a request
			requests = append(requests, framer.Paused()...)
		}
		for _, text := range requests {
			if !s.handle(text) {
				return
			}
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// notify has a line written that this client did not ask for. It never waits.
func (s *session) notify(line []byte) {
	select {
	case s.notices <- line:
	default:
		s.Console.Say(Everything, "%s does not read what it is told: closed", s.at)
		s.conn.Close()
	}
}

// logout takes the account that is logged in here offline, if there is one. The
// verb says how it came to that.
func (s *session) logout(verb string) error {
	name := s.name
	s.name = ""
	if !s.holds(name) {
		return nil
	}
	if err := s.Ledger.Logout(name, s.id); err != nil {
		return err
	}
	s.sayOnline("%s %s", name, verb)
	return nil
}

// holds says whether that account is online on this connection. It is not any more
// once it has logged in on another.
func (s *session) holds(name string) bool {
	a, _ := s.Ledger.Snapshot(name)
	return a.Online && a.Session == s.id
}

// presence is where an account is that logs in here.
func (s *session) presence(port int) ledger.Presence {
	return ledger.Presence{Session: s.id, Client: s.client, Port: port}
}

// enter makes a session known to those who have something to tell its client.
func (s *Server) enter(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[session.id] = session
}

// forget is the end of that: afterwards nobody has a notice for the session.
func (s *Server) forget(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session.id)
}

// tell notifies the client of an account, and says whether it is online.
func (s *Server) tell(name string, line []byte) bool {
	a, _ := s.Ledger.Snapshot(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	session, served := s.sessions[a.Session]
	if !a.Online || !served {
		return false
	}
	session.notify(line)
	return true
}

// linger sees that the last reply arrives. To close a connection while bytes are
// unread resets it, and the reply could be lost on its way; so those are read first.
func linger(conn *net.TCPConn) {
	if !unread(conn) {
		return
	}
	conn.CloseWrite()
	conn.SetReadDeadline(time.Now().Add(lingerTime))
	_, _ = io.Copy(io.Discard, conn) // however that ends, so does the connection
}
