package wire

import (
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
