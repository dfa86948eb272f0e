package secure

import (
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// HandshakeTime is how long the other end may take for a handshake once it has begun,
// or been given a place (protocol.md, SEC-10).
const HandshakeTime = 5 * time.Second

// Server is TLS for the end that accepts. A record carries one message, so messages
// are not cut up; there is no renegotiation.
func (id *Identity) Server() *tls.Config {
	return &tls.Config{
		MinVersion:                  tls.VersionTLS12,
		Certificates:                []tls.Certificate{id.Certificate},
		DynamicRecordSizingDisabled: true,
	}
}

// Client is TLS for the end that connects. Certificates are signed by themselves, so
// what counts is the key: check is asked whether it is the right one, and may be nil.
func Client(check func(*rsa.PublicKey) error) *tls.Config {
	return &tls.Config{
		MinVersion:                  tls.VersionTLS12,
		InsecureSkipVerify:          true, //nolint:gosec // VerifyConnection looks at the key instead
		DynamicRecordSizingDisabled: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			key, err := PeerKey(state)
			if err != nil || check == nil {
				return err
			}
			return check(key)
		},
	}
}

// ErrCut is the error of a connection that ended without close_notify.
var ErrCut = errors.New("the connection was cut")

// Whole is a connection for TLS to run over that tells a cut from an end: crypto/tls
// takes the end of TCP between two records for the end of both.
type Whole struct{ net.Conn }

// Read gives ErrCut where TCP ends.
func (w Whole) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		err = ErrCut
	}
	return n, err
}

// PeerKey is the public key in the certificate that the other end has shown.
func PeerKey(state tls.ConnectionState) (*rsa.PublicKey, error) {
	if len(state.PeerCertificates) == 0 {
		return nil, fmt.Errorf("%w: no certificate was shown", ErrKey)
	}
	key, ok := state.PeerCertificates[0].PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: the certificate that was shown has no RSA key", ErrKey)
	}
	return key, Fits(key)
}

// Reason is what an error of a handshake means to people.
func Reason(err error) error {
	if header := (tls.RecordHeaderError{}); errors.As(err, &header) {
		return errors.New("it does not speak TLS")
	}
	return err
}
