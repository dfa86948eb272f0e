package server

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"paycheck/reference/secure"
	"paycheck/reference/wire"
	"paycheck/spec/edition"
)

// over is what a session reads and writes: the connection itself, or TLS over it.
func (s *Server) over(conn *net.TCPConn) net.Conn {
	if s.Identity == nil {
		return conn
	}
	return tls.Server(secure.Whole{Conn: conn}, s.settings)
}

// handshake begins TLS with a client that has a place, if the server has an identity.
// Who does not go on with it loses the place (protocol.md, SEC-10).
func (s *session) handshake() bool {
	t, ok := s.link.(*tls.Conn)
	if !ok {
		return true
	}
	_ = s.conn.SetDeadline(time.Now().Add(secure.HandshakeTime))
	err := t.Handshake()
	_ = s.conn.SetDeadline(time.Time{})
	if err != nil {
		s.Console.Say(Everything, "%s is no client: %v", s.at, secure.Reason(err))
	}
	return err == nil
}

// takeLeave sends close_notify, so that the end cannot be taken for a cut (SEC-14).
func (s *session) takeLeave() {
	if t, ok := s.link.(*tls.Conn); ok {
		_ = t.CloseWrite() // if it fails, the client has gone
	}
}

// cut says that TLS ended without close_notify, or was tampered with.
func (s *session) cut(err error) bool {
	return s.Identity != nil && err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrDeadlineExceeded)
}

// unseal carries out a sealed payment (SEC-6). What cannot be opened is malformed,
// whatever the reason, and the same block counts once (SEC-8).
func (s *session) unseal(sealed string) ([]byte, error) {
	if !s.holds(s.name) {
		return wire.Line(edition.LoginFirst), nil
	}
	text, err := s.Identity.Open(sealed)
	if err != nil {
		return wire.Line(edition.Malformed), nil
	}
	request, err := wire.Parse(text, s.Edition)
	payment, ok := request.(wire.Payment)
	if err != nil || !ok {
		return wire.Line(edition.Malformed), nil
	}
	if s.blocks.Again(sealed) {
		s.Console.Say(Everything, "%s sends a payment that has come before", s.at)
		return wire.Line(edition.TransferFail), nil
	}
	return s.pay(payment)
}
