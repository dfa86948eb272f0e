package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"

	"paycheck/conformance/transcript"
)

// A veil is TLS over a connection. What is sent before the handshake is complete waits
// until it is: a program without a free place lets a client wait before its handshake,
// and nothing of the suite may wait for that.
//
// Settling compares bytes as TCP has them. Those that came count only when TLS has done
// all that they ask for, its own answer included: that is when it reads on.
type veil struct {
	conn   *Conn
	tls    *tls.Conn
	queued []byte      // under conn.mu: plain text that waits for the handshake
	done   bool        // under conn.mu: the handshake is complete
	err    error       // under conn.mu: why it is not
	late   bool        // under conn.mu: a FIN is to follow what is queued
	read   uint64      // by the goroutine that reads: taken from TCP
	fin    bool        // by the goroutine that reads: TCP has ended, with or without close_notify before
	rests  atomic.Bool // TLS waits for bytes, and has nothing else to do

	keeps   bool   // what passes over TCP is kept
	beneath []byte // under conn.mu: what came
	above   []byte // under conn.mu: what was sent by TLS

	most  int  // how many bytes may go out before the client vanishes; 0: any
	reset bool // it then resets, and does not close
}

// DialTLS is Dial with a handshake, which goes on by itself. The bytes that are sent
// and received are those inside.
func DialTLS(ctx context.Context, to netip.AddrPort, from, who string, config *tls.Config, rec *transcript.Recorder, wake chan struct{}) (*Conn, error) {
	return dialTLS(ctx, to, from, who, config, rec, wake, 0, false)
}

// DialCut is DialTLS by a client that vanishes, by FIN or RST, when so many bytes have
// gone out over TCP, wherever in the handshake or in a record that is.
func DialCut(ctx context.Context, to netip.AddrPort, who string, config *tls.Config, rec *transcript.Recorder, wake chan struct{}, most int, reset bool) (*Conn, error) {
	return dialTLS(ctx, to, "", who, config, rec, wake, most, reset)
}

func dialTLS(ctx context.Context, to netip.AddrPort, from, who string, config *tls.Config, rec *transcript.Recorder, wake chan struct{}, most int, reset bool) (*Conn, error) {
	c, err := dial(ctx, to, from, who, rec, wake)
	if err != nil {
		return nil, err
	}
	c.veil = &veil{conn: c, most: most, reset: reset}
	c.veil.tls = tls.Client(tap{c.tcp, c}, config)
	go c.read()
	return c, nil
}

// DialKept is DialTLS that keeps what passes over TCP, for [Conn.Beneath] and
// [Conn.Above].
func DialKept(ctx context.Context, to netip.AddrPort, who string, config *tls.Config, rec *transcript.Recorder, wake chan struct{}) (*Conn, error) {
	c, err := dial(ctx, to, "", who, rec, wake)
	if err != nil {
		return nil, err
	}
	c.veil = &veil{conn: c, keeps: true}
	c.veil.tls = tls.Client(tap{c.tcp, c}, config)
	go c.read()
	return c, nil
}

// Above is what TLS has sent over TCP, up to a bound, where that is kept.
func (c *Conn) Above() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.veil.above...)
}

// A tap counts the bytes as TCP has them.
type tap struct {
	*net.TCPConn
	c *Conn
}

// Read is called when TLS has done what the bytes before asked for.
func (t tap) Read(b []byte) (int, error) {
	t.c.mu.Lock()
	t.c.received = t.c.veil.read
	t.c.mu.Unlock()
	t.c.quickAck()
	t.c.veil.rests.Store(true)
	n, err := t.TCPConn.Read(b)
	t.c.veil.rests.Store(false)
	t.c.veil.fin = errors.Is(err, io.EOF)
	t.c.veil.read += uint64(n)
	if t.c.veil.keeps {
		t.c.mu.Lock()
		v := t.c.veil
		v.beneath = append(v.beneath, b[:min(n, keepBytes-len(v.beneath))]...)
		t.c.mu.Unlock()
	}
	return n, err
}

// Write counts what has gone out.
func (t tap) Write(b []byte) (int, error) {
	v, left := t.c.veil, len(b)
	if v.most > 0 {
		left = min(left, v.most-int(t.c.sent.Load()))
	}
	n, err := t.TCPConn.Write(b[:left])
	t.c.sent.Add(uint64(n))
	if v.keeps {
		t.c.mu.Lock()
		v.above = append(v.above, b[:min(n, keepBytes-len(v.above))]...)
		t.c.mu.Unlock()
	}
	if err != nil || v.most == 0 || int(t.c.sent.Load()) < v.most {
		return n, err
	}
	if v.reset {
		_ = t.c.Reset() // it has ended either way
	} else {
		_ = t.c.Cut()
	}
	return n, net.ErrClosed
}

// shake completes the handshake and sends what has waited for it.
func (v *veil) shake() error {
	err := v.tls.Handshake()
	c := v.conn
	c.mu.Lock()
	v.done, v.err = err == nil, err
	queued, late := v.queued, v.late
	v.queued = nil
	c.mu.Unlock()
	if err != nil {
		c.rec.Add(transcript.Event{Who: c.who, Kind: transcript.Note, Text: "the handshake ends: " + err.Error()})
		return err
	}
	state := v.tls.ConnectionState()
	c.rec.Add(transcript.Event{Who: c.who, Kind: transcript.Note, Text: c.who + " speaks " + tls.VersionName(state.Version)})
	if len(queued) > 0 {
		_, err = v.tls.Write(queued)
	}
	if late {
		_ = c.finish()
	}
	return err
}

// send sends inside TLS, or queues what is too early for it.
func (v *veil) send(data []byte) error {
	v.conn.mu.Lock()
	if !v.done && v.err == nil {
		v.queued = append(v.queued, data...)
		v.conn.mu.Unlock()
		return nil
	}
	err := v.err
	v.conn.mu.Unlock()
	if err == nil {
		_, err = v.tls.Write(data)
	}
	return err
}

// waits reports whether something is queued, and has a FIN follow it then.
func (v *veil) waits(fin bool) bool {
	v.conn.mu.Lock()
	defer v.conn.mu.Unlock()
	waits := !v.done && v.err == nil && len(v.queued) > 0
	v.late = v.late || waits && fin
	return waits
}

// notify sends close_notify, if the handshake is complete. Where it can't be sent the
// connection has ended.
func (v *veil) notify() {
	v.conn.mu.Lock()
	done := v.done
	v.conn.mu.Unlock()
	if done {
		_ = v.tls.CloseWrite()
	}
}

// Secure reports whether the connection is encrypted.
func (c *Conn) Secure() bool { return c.veil != nil }

// State is what the handshake has agreed on. The error says why there is none; it is
// nil and ok false while the handshake is going on.
func (c *Conn) State() (state tls.ConnectionState, ok bool, err error) {
	if c.veil == nil {
		return state, false, fmt.Errorf("wire: %s is not encrypted", c.who)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.veil.done {
		return state, false, c.veil.err
	}
	return c.veil.tls.ConnectionState(), true, nil
}

// Cut closes with FIN and without close_notify.
func (c *Conn) Cut() error { return c.end("closes without close_notify", c.tcp.Close) }

// Truncated reports whether the program ended the connection by a FIN without
// close_notify.
func (c *Conn) Truncated() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.truncated
}

// Underneath sends bytes as they are, past TLS.
func (c *Conn) Underneath(data []byte) error {
	c.rec.Add(transcript.Event{Who: c.who, Kind: transcript.Sent, Bytes: append([]byte(nil), data...)})
	n, err := c.tcp.Write(data)
	c.sent.Add(uint64(n))
	if err != nil {
		return fmt.Errorf("wire: %s sends: %w", c.who, err)
	}
	return nil
}
