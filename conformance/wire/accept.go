package wire

import (
	"crypto/tls"
	"net"

	"paycheck/conformance/transcript"
)

// Accepted takes over a connection that the program has opened to the suite, and
// records everything under the name of whom it was opened to; text says in the
// transcript that it was. Wake is as in [Dial].
func Accepted(tcp *net.TCPConn, who, text string, rec *transcript.Recorder, wake chan struct{}) *Conn {
	c := &Conn{who: who, tcp: tcp, rec: rec, wake: wake}
	rec.Add(transcript.Event{Who: who, Kind: transcript.Act, Text: text})
	go c.read()
	return c
}

// AcceptedTLS is Accepted with a handshake, which goes on by itself. The bytes that are
// sent and received are those inside; [Conn.Beneath] has the others.
func AcceptedTLS(tcp *net.TCPConn, who, text string, config *tls.Config, rec *transcript.Recorder, wake chan struct{}) *Conn {
	c := &Conn{who: who, tcp: tcp, rec: rec, wake: wake}
	rec.Add(transcript.Event{Who: who, Kind: transcript.Act, Text: text})
	c.veil = &veil{conn: c, keeps: true}
	c.veil.tls = tls.Server(tap{tcp, c}, config)
	go c.read()
	return c
}

// Beneath is what has come over TCP on a connection in TLS that keeps it, the handshake
// included, up to a bound. Of one in the clear it is all that has come.
func (c *Conn) Beneath() []byte {
	if c.veil == nil {
		return c.Raw()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.veil.beneath...)
}
