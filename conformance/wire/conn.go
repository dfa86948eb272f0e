// Package wire is the judge's own observer of the protocol: a [Conn] records every
// byte that passes and can send anything, [Next] cuts what came into replies and
// forgives nothing silently, [ReadList] reads a list. It shares facts with the
// reference (spec/edition), and no code: a misreading must not be shared.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"paycheck/conformance/transcript"
)

// dialBound is how long a connect may take: on loopback the kernel answers at once,
// unless the program's queue of new connections is full.
const dialBound = 5 * time.Second

// keepBytes bounds what one connection holds unread: a program that floods.
const keepBytes = 1 << 20

// A Conn is one connection to the program, from the suite's side.
type Conn struct {
	who  string
	tcp  *net.TCPConn
	rec  *transcript.Recorder
	wake chan struct{} // gets a message when something came, if there is room
	sent atomic.Uint64
	fin  atomic.Bool
	veil *veil // TLS; nil: in the clear

	mu       sync.Mutex
	buf      []byte // read and not yet taken
	received uint64
	ended    error // io.EOF, or what a read failed with; nil while open
	reset    bool
	gone     bool // closed by us, completely
	full     bool // more came than is kept; what came later is not kept either

	truncated bool // it ended without close_notify
	raw       []byte
}

// Dial connects to the program, from a local address if one is given, and records
// everything under the client's name. Whenever something comes, wake gets a message
// if it has room for one.
func Dial(ctx context.Context, to netip.AddrPort, from, who string, rec *transcript.Recorder, wake chan struct{}) (*Conn, error) {
	c, err := dial(ctx, to, from, who, rec, wake)
	if err == nil {
		go c.read()
	}
	return c, err
}

func dial(ctx context.Context, to netip.AddrPort, from, who string, rec *transcript.Recorder, wake chan struct{}) (*Conn, error) {
	d := net.Dialer{Timeout: dialBound}
	if from != "" {
		ip, err := netip.ParseAddr(from)
		if err != nil {
			return nil, fmt.Errorf("wire: connecting from %q: %w", from, err)
		}
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, 0))
	}
	conn, err := d.DialContext(ctx, "tcp4", to.String())
	if err != nil {
		return nil, fmt.Errorf("wire: %s connects: %w", who, err)
	}
	c := &Conn{who: who, tcp: conn.(*net.TCPConn), rec: rec, wake: wake}
	rec.Add(transcript.Event{Who: who, Kind: transcript.Act, Text: who + " connects"})
	return c, nil
}

// source is where what is meant for the suite is read from: TCP, or TLS once its
// handshake is complete.
func (c *Conn) source() (io.Reader, error) {
	if c.veil == nil {
		return c.tcp, nil
	}
	return c.veil.tls, c.veil.shake()
}

// read takes everything as it comes, so that a close never meets unread bytes
// (which would turn its FIN into an RST) and the program never waits for us.
func (c *Conn) read() {
	chunk := make([]byte, 8<<10)
	from, broken := c.source()
	for {
		c.quickAck()
		n, err := 0, broken
		if err == nil {
			n, err = from.Read(chunk)
		}
		c.mu.Lock()
		if n > 0 {
			c.rec.Add(transcript.Event{Who: c.who, Kind: transcript.Received, Bytes: append([]byte(nil), chunk[:n]...)})
			if c.full = c.full || len(c.buf)+n > keepBytes; !c.full {
				c.buf = append(c.buf, chunk[:n]...)
				c.raw = append(c.raw, chunk[:n]...)
			}
			if c.veil == nil {
				c.received += uint64(n)
			}
		}
		if err != nil {
			c.ended = err
			if !c.gone {
				c.reset = errors.Is(err, syscall.ECONNRESET)
				c.truncated = c.veil != nil && c.veil.fin // else close_notify has ended it first
				kind := transcript.Ended
				if c.reset {
					kind = transcript.Reset
				}
				c.rec.Add(transcript.Event{Who: c.who, Kind: kind})
			}
		}
		c.mu.Unlock()
		select {
		case c.wake <- struct{}{}:
		default:
		}
		if err != nil {
			if c.veil != nil {
				c.veil.rests.Store(true)
			}
			return
		}
	}
}

// Send writes the bytes as one segment.
func (c *Conn) Send(data []byte) error {
	c.rec.Add(transcript.Event{Who: c.who, Kind: transcript.Sent, Bytes: append([]byte(nil), data...)})
	if err := c.write(data); err != nil {
		return fmt.Errorf("wire: %s sends: %w", c.who, err)
	}
	return nil
}

func (c *Conn) write(data []byte) error {
	if c.veil != nil {
		return c.veil.send(data)
	}
	n, err := c.tcp.Write(data)
	c.sent.Add(uint64(n))
	return err
}

// Close sends FIN, with nothing left unread, and is done with the connection. Inside
// TLS close_notify goes before it.
func (c *Conn) Close() error {
	return c.end("closes", func() error {
		if c.veil != nil {
			c.veil.notify()
		}
		return c.tcp.Close()
	})
}

// HalfClose sends FIN and goes on reading.
func (c *Conn) HalfClose() error {
	c.rec.Add(transcript.Event{Who: c.who, Kind: transcript.Act, Text: c.who + " half-closes"})
	if c.veil != nil && c.veil.waits(true) {
		return nil // it follows what waits for the handshake
	}
	return c.finish()
}

// finish sends FIN.
func (c *Conn) finish() error {
	if c.veil != nil {
		c.veil.notify()
	}
	if !c.fin.Swap(true) {
		c.sent.Add(1)
	}
	return c.tcp.CloseWrite()
}

// Reset sends RST.
func (c *Conn) Reset() error {
	return c.end("resets", func() error {
		if err := c.tcp.SetLinger(0); err != nil {
			return err
		}
		return c.tcp.Close()
	})
}

func (c *Conn) end(verb string, by func() error) error {
	c.mu.Lock()
	if c.gone {
		c.mu.Unlock()
		return nil
	}
	c.gone = true
	c.mu.Unlock()
	c.rec.Add(transcript.Event{Who: c.who, Kind: transcript.Act, Text: c.who + " " + verb})
	if !c.fin.Swap(true) {
		c.sent.Add(1)
	}
	return by()
}

// Discard closes without a word in the transcript: the conversation is over.
func (c *Conn) Discard() {
	c.mu.Lock()
	c.gone = true
	c.mu.Unlock()
	_ = c.tcp.Close() // nothing depends on it any more
}

// Ends gives the suite's address and the program's.
func (c *Conn) Ends() (local, remote netip.AddrPort) {
	return addr(c.tcp.LocalAddr()), addr(c.tcp.RemoteAddr())
}

func addr(a net.Addr) netip.AddrPort {
	ap := a.(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// Sent is how many bytes were sent, a FIN counting as one. While TLS has not done all
// that it was asked for there is one more: nobody has got that yet.
func (c *Conn) Sent() uint64 {
	if c.veil != nil && !c.veil.rests.Load() {
		return c.sent.Load() + 1
	}
	return c.sent.Load()
}

// Received is how many bytes were read.
func (c *Conn) Received() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received
}

// Deaf reports whether the suite has closed its end and reads no more.
func (c *Conn) Deaf() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone
}

// Over reports whether the program ended the connection.
func (c *Conn) Over() bool {
	ended, _ := c.Ended()
	return ended
}

// Ended reports whether the program ended the connection, and whether by a reset.
func (c *Conn) Ended() (ended, reset bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended != nil && !c.gone, c.reset
}

// Raw is every byte that ever came on the connection.
func (c *Conn) Raw() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.raw...)
}

// Unread is what came and was not yet taken.
func (c *Conn) Unread() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.buf...)
}

// Take removes the first n unread bytes.
func (c *Conn) Take(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = c.buf[min(n, len(c.buf)):]
}
