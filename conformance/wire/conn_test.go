package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
)

// bound is how long a test waits for an event before it fails.
const bound = 20 * time.Second

// A pair is a connection with both of its ends.
type pair struct {
	*wire.Conn
	peer *net.TCPConn
	rec  *transcript.Recorder
	wake chan struct{}
}

// open connects to a listener of the test.
func open(t *testing.T, from string) pair {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := pair{rec: transcript.NewRecorder(), wake: make(chan struct{}, 1)}
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	to := l.Addr().(*net.TCPAddr).AddrPort()
	if p.Conn, err = wire.Dial(ctx, to, from, "alice", p.rec, p.wake); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Discard)
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p.peer = peer.(*net.TCPConn)
	t.Cleanup(func() { p.peer.Close() })
	if err := p.peer.SetDeadline(time.Now().Add(bound)); err != nil {
		t.Fatal(err)
	}
	return p
}

// until waits for what the connection's wake announces.
func (p pair) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	late := time.After(bound)
	for !is() {
		select {
		case <-p.wake:
		case <-late:
			t.Fatalf("%s does not happen; the transcript is\n%s", what, p.rec.Transcript())
		}
	}
}

func (p pair) write(t *testing.T, data string) {
	t.Helper()
	if _, err := io.WriteString(p.peer, data); err != nil {
		t.Fatal(err)
	}
}

func (p pair) log() []string {
	var lines []string
	for _, e := range p.rec.Transcript() {
		lines = append(lines, e.String())
	}
	return lines
}

// What goes out at an end is seen by the other side: a FIN as the end of its input,
// an RST as an error.
func TestEndsAsNamed(t *testing.T) {
	tests := []struct {
		name string
		end  func(*wire.Conn) error
		act  string
		want error // of the peer's read; nil: the end of its input
	}{
		{"closes", (*wire.Conn).Close, "alice closes", nil},
		{"half-closes", (*wire.Conn).HalfClose, "alice half-closes", nil},
		{"resets", (*wire.Conn).Reset, "alice resets", syscall.ECONNRESET},
		{"discards", func(c *wire.Conn) error { c.Discard(); return nil }, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := open(t, "")
			p.write(t, "Bye\r\n")
			p.until(t, "the reply", func() bool { return len(p.Unread()) == 5 })
			if err := test.end(p.Conn); err != nil {
				t.Fatal(err)
			}
			_, err := io.Copy(io.Discard, p.peer)
			if !errors.Is(err, test.want) {
				t.Errorf("the peer sees %v, not %v", err, test.want)
			}
			want := []string{"alice connects", `alice < Bye\r\n`, test.act}
			if test.act == "" {
				want = want[:2]
			}
			if got := p.log(); !slices.Equal(got, want) {
				t.Errorf("the transcript has %q, not %q", got, want)
			}
			// The one who ends it is not told that the program did.
			if ended, reset := p.Ended(); ended || reset || p.Over() {
				t.Errorf("ended %v, reset %v", ended, reset)
			}
			if deaf := test.name != "half-closes"; p.Deaf() != deaf {
				t.Errorf("deaf: %v", p.Deaf())
			}
		})
	}
}

// After a half-close the suite still reads.
func TestHalfCloseReads(t *testing.T) {
	p := open(t, "")
	if err := p.Send([]byte("List")); err != nil {
		t.Fatal(err)
	}
	if err := p.HalfClose(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(p.peer)
	if err != nil || string(got) != "List" {
		t.Fatalf("the peer reads %q, %v", got, err)
	}
	p.write(t, "10000\r\n")
	p.until(t, "the reply", func() bool { return string(p.Unread()) == "10000\r\n" })
	if p.Sent() != 5 {
		t.Errorf("%d bytes sent, a FIN counting as one", p.Sent())
	}
	if err := p.HalfClose(); err != nil || p.Sent() != 5 {
		t.Errorf("a second half-close: %v, %d bytes sent", err, p.Sent())
	}
	if err := p.Close(); err != nil || p.Sent() != 5 {
		t.Errorf("a close behind it: %v, %d bytes sent", err, p.Sent())
	}
}

// The program's end of a connection is told as what it was.
func TestProgramEnds(t *testing.T) {
	for _, reset := range []bool{false, true} {
		p := open(t, "")
		p.write(t, "Bye\r\n")
		p.until(t, "the reply", func() bool { return p.Received() == 5 })
		if reset {
			if err := p.peer.SetLinger(0); err != nil {
				t.Fatal(err)
			}
		}
		p.peer.Close()
		p.until(t, "the end", p.Over)
		if ended, wasReset := p.Ended(); !ended || wasReset != reset {
			t.Errorf("ended %v, by a reset %v", ended, wasReset)
		}
		last := "alice < (closed)"
		if reset {
			last = "alice < (closed) by a reset"
		}
		if got := p.log(); len(got) != 3 || got[2] != last {
			t.Errorf("the transcript has %q", got)
		}
		// What came before the end is still there.
		if string(p.Unread()) != "Bye\r\n" || p.Deaf() {
			t.Errorf("%q is unread, deaf %v", p.Unread(), p.Deaf())
		}
		// Two writes: the first one may still succeed.
		_ = p.Send([]byte("List"))
		p.until(t, "an error of a write", func() bool {
			err := p.Send([]byte("List"))
			select {
			case p.wake <- struct{}{}: // ask again
			default:
			}
			return err != nil
		})
	}
}

func TestBytes(t *testing.T) {
	p := open(t, "")
	request := []byte("REGISTER#alice\x00")
	if err := p.Send(request); err != nil {
		t.Fatal(err)
	}
	copy(request, "xxxx") // what was recorded is what went
	got := make([]byte, 15)
	if _, err := io.ReadFull(p.peer, got); err != nil || string(got) != "REGISTER#alice\x00" {
		t.Fatalf("the peer reads %q, %v", got, err)
	}
	p.write(t, "100 OK\r\n")
	p.until(t, "the reply", func() bool { return len(p.Unread()) == 8 })
	p.write(t, "Transfer OK!\r\n\x00\xff")
	p.until(t, "the news", func() bool { return p.Received() == 24 })
	if p.Sent() != 15 {
		t.Errorf("%d bytes sent", p.Sent())
	}
	p.Take(8)
	if got := string(p.Unread()); got != "Transfer OK!\r\n\x00\xff" {
		t.Errorf("%q is unread", got)
	}
	p.Unread()[0], p.Raw()[0] = 'x', 'x'
	if got := string(p.Raw()); got != "100 OK\r\nTransfer OK!\r\n\x00\xff" {
		t.Errorf("%q has come", got)
	}
	p.Take(1000)
	if got := p.Unread(); len(got) != 0 || p.Received() != 24 {
		t.Errorf("%q is unread of %d", got, p.Received())
	}
	want := []string{"alice connects", `alice > REGISTER#alice\0`, `alice < 100 OK\r\n`, `alice < Transfer OK!\r\n\0\xff`}
	if got := p.log(); !slices.Equal(got, want) {
		t.Errorf("the transcript has %q, not %q", got, want)
	}
	local, remote := p.Ends()
	if mine := p.peer.RemoteAddr().(*net.TCPAddr).AddrPort(); local.Port() != mine.Port() || local.Addr() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("the suite's end is %v, and the peer says %v", local, mine)
	}
	if its := p.peer.LocalAddr().(*net.TCPAddr).AddrPort(); remote.Port() != its.Port() {
		t.Errorf("the program's end is %v, and it says %v", remote, its)
	}
}

// A program that floods never blocks, and fills no memory: what is kept is the
// beginning, without a gap.
func TestFlood(t *testing.T) {
	p := open(t, "")
	const total, most = 3 << 20, 1 << 20
	sent := make([]byte, total)
	for i := range sent {
		sent[i] = byte(i>>8) ^ byte(i)
	}
	go func() {
		for rest, n := sent, 1; len(rest) > 0; n = n*3%60_000 + 1 { // in pieces of many sizes
			n = min(n, len(rest))
			if _, err := p.peer.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
	}()
	p.until(t, "the flood", func() bool { return p.Received() == total })
	for name, kept := range map[string][]byte{"unread": p.Unread(), "raw": p.Raw()} {
		if len(kept) > most || len(kept) < most/2 || !bytes.HasPrefix(sent, kept) {
			t.Errorf("%s: %d bytes are kept, and they are the beginning: %v", name, len(kept), bytes.HasPrefix(sent, kept))
		}
	}
	// Nor is what comes once there is room: it would follow a gap.
	p.Take(most)
	p.write(t, "later")
	p.until(t, "what is behind the flood", func() bool { return p.Received() == total+5 })
	if got := p.Unread(); len(got) != 0 {
		t.Errorf("%q is behind a gap", got)
	}
}

// Ends may meet: each is done once, and none blocks.
func TestEndsOnce(t *testing.T) {
	p := open(t, "")
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := p.Reset(); err != nil {
			t.Error(err)
		}
	}
	p.Discard()
	if got := p.log(); !slices.Equal(got, []string{"alice connects", "alice closes"}) {
		t.Errorf("the transcript has %q", got)
	}
	if p.Sent() != 1 {
		t.Errorf("%d bytes sent, a FIN counting as one", p.Sent())
	}
	if err := p.Send([]byte("x")); err == nil || !strings.Contains(err.Error(), "wire: alice sends: ") {
		t.Errorf("a send behind the close: %v", err)
	}
}

func TestDial(t *testing.T) {
	p := open(t, "127.0.0.2")
	if local, _ := p.Ends(); local.Addr().String() != "127.0.0.2" {
		t.Errorf("the connection comes from %v", local)
	}
	if its := p.peer.RemoteAddr().String(); !strings.HasPrefix(its, "127.0.0.2:") {
		t.Errorf("the peer says that it comes from %s", its)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := l.Addr().(*net.TCPAddr).AddrPort()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		what, from string
		ctx        context.Context
		want       error // in the chain; nil: any
	}{
		{"from what is no address", "home", t.Context(), nil},
		{"from an address that is not ours", "192.0.2.1", t.Context(), syscall.EADDRNOTAVAIL},
		{"when the run has ended", "", ended, context.Canceled},
	}
	for _, test := range tests {
		rec := transcript.NewRecorder()
		_, err := wire.Dial(test.ctx, to, test.from, "alice", rec, nil)
		if err == nil || test.want != nil && !errors.Is(err, test.want) || len(rec.Transcript()) != 0 {
			t.Errorf("%s: error %v, transcript %v", test.what, err, rec.Transcript())
		}
	}
	l.Close()
	if _, err := wire.Dial(t.Context(), to, "", "alice", transcript.NewRecorder(), nil); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("where nobody listens: %v", err)
	}
}
