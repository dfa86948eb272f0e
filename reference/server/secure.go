package server

import (
	"context"
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

// handshake makes TLS of a connection whose client has a place, if the server has an
// identity; otherwise the link is the connection itself. Who goes on with no
// handshake gives the place back in time (protocol.md, SEC-10).
func (s *Server) handshake(ctx context.Context, conn *net.TCPConn) (link net.Conn, err error) {
	if s.Identity == nil {
		return conn, nil
	}
	t := tls.Server(secure.Whole{Conn: conn}, s.settings)
	conn.SetDeadline(time.Now().Add(secure.HandshakeTime))
	err = t.HandshakeContext(ctx)
	conn.SetDeadline(time.Time{})
	return t, err
}

// takeLeave sends close_notify, so that the end cannot be taken for a cut (SEC-14).
// Where the handshake has failed there is nobody to take leave of.
func takeLeave(link net.Conn) {
	if t, ok := link.(*tls.Conn); ok {
		_ = t.CloseWrite()
	}
}

// ends says whether what ended a read also ends a request. A pause does, and the end
// of the connection; but TLS that is cut off, or tampered with, makes no request of
// what had come.
func (s *session) ends(err error) bool {
	return s.Identity == nil || errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded)
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
