package conformance

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/secure"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/spec/edition"
)

// inPeace has one client close and one reset when all has been said and done. What
// fails there is not VAN-3.
func inPeace(ctx context.Context, st *play.Stage) error {
	if err := watched(ctx, st); err != nil {
		return err
	}
	for i, end := range []ending{byFIN, byRST} {
		name := fmt.Sprintf("p%02d", i)
		if err := joins(ctx, st, name, "online", "VAN-5"); err != nil {
			return err
		}
		if err := play.Setup("VAN-5", left(ctx, st, name, end)); err != nil {
			return err
		}
		if err := play.Setup(end.survived, stillServes(ctx, st, "bob")); err != nil {
			return err
		}
	}
	return nil
}

// goneAnywhere is VAN-3 for whatever a program says to a request or to a part of one.
func goneAnywhere(end ending) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		if err := inPeace(ctx, st); err != nil {
			return err
		}
		return sweep(ctx, st, len(cuts(st)), func(i int, name string) error {
			if err := cuts(st)[i].play(ctx, st, name); err != nil {
				return err
			}
			return play.Setup("VAN-5", left(ctx, st, name, end))
		})
	}
}

// often is how many times each is tried where it is a race whether the program writes
// first or learns first that the client has gone.
const often = 5

// goneBeforeList is VAN-3 for the longest replies, those to a login and to List.
func goneBeforeList(ctx context.Context, st *play.Stage) error {
	if err := inPeace(ctx, st); err != nil {
		return err
	}
	return sweep(ctx, st, 4*often, func(i int, name string) error {
		state, request := "online", edition.List
		if i%4 < 2 {
			state, request = "registered", name+"#{"+name+".port}"
		}
		if err := joins(ctx, st, name, state, "VAN-5"); err != nil {
			return err
		}
		if err := st.Say(ctx, name, request); err != nil {
			return err
		}
		return play.Setup("VAN-5", left(ctx, st, name, []ending{byFIN, byRST}[i%2]))
	})
}

// goneBeforeNotice is VAN-3 for notices. A program that does not notice the end of
// the payer writes to it twice, and the second write fails.
func goneBeforeNotice(ctx context.Context, st *play.Stage) error {
	if err := inPeace(ctx, st); err != nil {
		return err
	}
	return sweep(ctx, st, 2*often, func(i int, name string) error {
		if err := joins(ctx, st, name, "online", "VAN-5"); err != nil {
			return err
		}
		conn, err := st.Conn(ctx, name)
		if err != nil {
			return err
		}
		if err := []ending{byFIN, byRST}[i%2].by(conn); err != nil {
			return play.Unjudged("%s can't leave: %v", name, err)
		}
		if err := st.Do(ctx, fmt.Sprintf("bob > %s#1#bob\nbob > %[1]s#1#bob", name)); err != nil {
			return err
		}
		return play.Setup("VAN-5", left(ctx, st, name, byFIN))
	})
}

// neverRead is VAN-3 for replies that lie in the program's own socket, unsent, when
// the client resets: it reads nothing from the start, and has little room.
func neverRead(ctx context.Context, st *play.Stage) error {
	if err := inPeace(ctx, st); err != nil {
		return err
	}
	d, err := dialDeaf(ctx, st, "deaf")
	if err != nil {
		return err
	}
	requests := append(talk(st, "deaf")[:2:2], make([]string, 60)...)
	for i, request := range requests {
		if i >= 2 {
			request = edition.List
		}
		if err := d.send(request + st.Env.Profile.Dialect.Ending.After(request)); err != nil {
			return play.Setup("FRM-1", st.Fail(ctx, "", "a connection that takes requests", nil, -1, "the connection was closed"))
		}
		settled, err := st.Program.Settle(ctx, target.Wait{Scale: st.Env.Scale, Links: []target.Link{d}})
		if err != nil {
			return err
		}
		if settled.Reason == target.Overdue {
			break // it tries to get rid of its replies again and again: they are many enough
		}
	}
	if err := d.reset(); err != nil {
		return play.Unjudged("the client can't reset: %v", err)
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	return stillServes(ctx, st, "bob")
}

// A deaf is a client that never reads.
type deaf struct {
	*net.TCPConn
	who  string
	out  io.Writer // what it says goes in here: itself, or TLS over it
	rec  *transcript.Recorder
	sent uint64
}

func dialDeaf(ctx context.Context, st *play.Stage, who string) (*deaf, error) {
	const room = 2048 // bytes, the least that Linux allows
	d := net.Dialer{Timeout: 5 * time.Second, Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		if failed := c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, room) }); failed != nil {
			return failed
		}
		return err
	}}
	conn, err := d.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(st.Program.Port)))
	if err != nil {
		return nil, play.Unjudged("connecting: %v", err)
	}
	st.Recorder.Add(transcript.Event{Who: who, Kind: transcript.Act, Text: who + " connects"})
	deaf := &deaf{TCPConn: conn.(*net.TCPConn), who: who, rec: st.Recorder}
	deaf.out = deaf
	return deaf, deaf.shake(ctx, st)
}

// shake completes a handshake, the only time that it reads, if the run is encrypted.
func (d *deaf) shake(ctx context.Context, st *play.Stage) error {
	security := st.Env.Profile.Security
	if !security.TLS {
		return nil
	}
	t := tls.Client(d, secure.NewClient(secure.Settings{Old: security.Old}).Config)
	ctx, cancel := context.WithTimeout(ctx, time.Duration(float64(10*time.Second)*st.Env.Scale))
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		return play.Unjudged("its handshake fails: %v", err)
	}
	d.out = t
	return nil
}

// Write counts what goes out over TCP.
func (d *deaf) Write(b []byte) (int, error) {
	n, err := d.TCPConn.Write(b)
	d.sent += uint64(n)
	return n, err
}

func (d *deaf) send(text string) error {
	d.rec.Add(transcript.Event{Who: d.who, Kind: transcript.Sent, Bytes: []byte(text)})
	_, err := d.out.Write([]byte(text))
	return err
}

func (d *deaf) reset() error {
	d.rec.Add(transcript.Event{Who: d.who, Kind: transcript.Act, Text: d.who + " resets"})
	d.sent++
	if err := d.TCPConn.SetLinger(0); err != nil {
		return err
	}
	return d.TCPConn.Close()
}

// Ends, Sent, Received, Deaf and Over make it a link that settling can look at.
func (d *deaf) Ends() (local, remote netip.AddrPort) {
	return d.TCPConn.LocalAddr().(*net.TCPAddr).AddrPort(), d.TCPConn.RemoteAddr().(*net.TCPAddr).AddrPort()
}
func (d *deaf) Sent() uint64     { return d.sent }
func (d *deaf) Received() uint64 { return 0 }
func (d *deaf) Deaf() bool       { return true }
func (d *deaf) Over() bool       { return false }
