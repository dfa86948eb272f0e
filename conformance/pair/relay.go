package pair

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"paycheck/conformance/door"
	"paycheck/conformance/target"
)

// An end is the suite's end of a connection to one of the programs, which settling
// compares with the program's own.
type end struct {
	tcp            *net.TCPConn
	sent, received atomic.Uint64 // bytes; a FIN that was sent counts as one
	fin            atomic.Bool   // sent
	over           atomic.Bool   // the program has ended its side
	deaf           atomic.Bool   // closed by the suite
}

var _ target.Link = (*end)(nil)

func (e *end) Ends() (local, remote netip.AddrPort) {
	return addr(e.tcp.LocalAddr()), addr(e.tcp.RemoteAddr())
}

func addr(a net.Addr) netip.AddrPort {
	ap := a.(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

func (e *end) Sent() uint64     { return e.sent.Load() }
func (e *end) Received() uint64 { return e.received.Load() }
func (e *end) Deaf() bool       { return e.deaf.Load() }
func (e *end) Over() bool       { return e.over.Load() }

// write passes bytes on. That nobody takes them any more is seen where this end is read.
func (e *end) write(data []byte) {
	n, _ := e.tcp.Write(data)
	e.sent.Add(uint64(n))
}

// finish passes the end of the other side on.
func (e *end) finish(reset bool) {
	if !e.fin.Swap(true) {
		e.sent.Add(1)
	}
	if !reset {
		_ = e.tcp.CloseWrite() // it may be gone
		return
	}
	e.deaf.Store(true)
	_ = e.tcp.SetLinger(0)
	_ = e.tcp.Close()
}

// A link is one connection between two programs, which goes through the suite.
type link struct {
	from   *party // whose client has opened it
	to     *party // whose client it was opened to; nil: the server
	visit  int    // of those that from has opened to the server, from 1
	astray bool   // it was looked for at the server's address, and not where it is
	near   *end   // to the client that opened it
	far    *end   // to the program that it was opened to; nil: that takes none
}

// who names the link in a transcript.
func (l *link) who() string {
	if l.to == nil {
		return l.from.nick
	}
	return l.from.nick + " to " + l.to.nick
}

// dialBound is how long the program that is connected to may take; on loopback the
// kernel answers at once, unless its queue of new connections is full.
const dialBound = 5 * time.Second

// relay lets whoever connects to the door through to a port. It is called once for a
// door, and ends with it.
func (h *house) relay(d *door.Door, opened func() *link, from string, port func() int) {
	h.mu.Lock()
	h.doors = append(h.doors, d)
	h.mu.Unlock()
	h.running.Go(func() {
		d.Each(func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			conn, err := d.Accept()
			if err != nil {
				return
			}
			l := opened()
			l.near = &end{tcp: conn.(*net.TCPConn)}
			h.links = append(h.links, l)
			h.busy.Add(1)
			h.note(entry{link: l, kind: opens})
			h.running.Go(func() { h.join(l, from, port()) })
		})
	})
}

// join opens the far end of a link, and passes on what comes until both have ended.
func (h *house) join(l *link, from string, port int) {
	dialer := net.Dialer{Timeout: dialBound, LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), 0))}
	conn, err := dialer.DialContext(context.Background(), "tcp4", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		h.tell(entry{link: l, kind: refused})
		l.near.finish(true)
		h.busy.Add(-1)
		return
	}
	h.mu.Lock()
	l.far = &end{tcp: conn.(*net.TCPConn)}
	shut := h.shut
	h.mu.Unlock()
	if shut {
		_ = conn.Close()
	}
	h.running.Go(func() { h.pass(l, l.far, l.near, answers) })
	h.busy.Add(-1)
	h.pass(l, l.near, l.far, says)
}

// pass takes what comes at one end to the other, a read at a time.
func (h *house) pass(l *link, from, to *end, kind kind) {
	chunk := make([]byte, 64<<10)
	for {
		n, err := from.tcp.Read(chunk)
		h.busy.Add(1)
		if n > 0 {
			from.received.Add(uint64(n))
			to.write(h.passes(l, kind, append([]byte(nil), chunk[:n]...)))
		}
		if err != nil && !from.deaf.Load() {
			reset := errors.Is(err, syscall.ECONNRESET)
			ended := entry{link: l, kind: leaves, reset: reset}
			if kind == answers {
				ended.kind = hangsUp
			}
			h.tell(ended)
			from.over.Store(true)
			to.finish(reset)
		}
		h.busy.Add(-1)
		h.ring()
		if err != nil {
			return
		}
	}
}

// passes notes bytes on their way, and gives what is to go on in their place.
func (h *house) passes(l *link, kind kind, data []byte) []byte {
	e, why := entry{link: l, kind: kind, data: data}, ""
	if kind == says && l.to == nil && h.rewrite != nil {
		e.passed, why = h.rewrite(l, data)
	}
	h.tell(e)
	if why != "" {
		h.tell(entry{kind: remark, text: why})
	}
	if e.passed != nil {
		return e.passed
	}
	return data
}
