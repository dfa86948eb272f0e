package conformance

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/spec/edition"
)

// often is how many times each end is tried where it is a race whether the program
// writes first or learns first that the client has gone (VAN-3).
const often = 8

// goneBeforeReply is VAN-3 for the replies to a login and to List.
func goneBeforeReply(ctx context.Context, st *play.Stage) error {
	if err := watched(ctx, st); err != nil {
		return err
	}
	for i := range 4 * often {
		name, state, request := fmt.Sprintf("s%02d", i), "online", edition.List
		if i%4 < 2 {
			state, request = "registered", name+"#{"+name+".port}"
		}
		if err := joins(ctx, st, name, state, "VAN-5"); err != nil {
			return err
		}
		if err := st.Say(ctx, name, request); err != nil {
			return err
		}
		if err := play.Setup("VAN-5", left(ctx, st, name, []ending{byFIN, byRST}[i%2])); err != nil {
			return err
		}
		if err := stillServes(ctx, st, "bob"); err != nil {
			return err
		}
	}
	return nil
}

// goneBeforeNotice is VAN-3 for notices. A program that does not notice the end of
// the payer writes to it twice, and the second write fails.
func goneBeforeNotice(ctx context.Context, st *play.Stage) error {
	if err := watched(ctx, st); err != nil {
		return err
	}
	for i := range 2 * often {
		name := fmt.Sprintf("s%02d", i)
		if err := joins(ctx, st, name, "online", "VAN-5"); err != nil {
			return err
		}
		conn, err := st.Conn(ctx, name)
		if err != nil {
			return err
		}
		if err := []ending{byFIN, byRST}[i%2](conn); err != nil {
			return play.Unjudged("%s can't leave: %v", name, err)
		}
		for range 2 {
			if err := st.Do(ctx, fmt.Sprintf("bob > %s#1#bob", name)); err != nil {
				return err
			}
		}
		if err := play.Setup("VAN-5", left(ctx, st, name, byFIN)); err != nil {
			return err
		}
		if err := stillServes(ctx, st, "bob"); err != nil {
			return err
		}
	}
	return nil
}

// neverRead is VAN-3 for replies that lie in the program's own socket, unsent, when
// the client resets: it reads nothing from the start, and has little room.
func neverRead(ctx context.Context, st *play.Stage) error {
	if err := watched(ctx, st); err != nil {
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
		if err := d.send(request + st.Env.Profile.Dialect.Ending.Bytes); err != nil {
			return play.Setup("FRM-1", st.Fail(ctx, "", "a connection that takes requests", nil, -1, "the connection was closed"))
		}
		if _, err := st.Program.Settle(ctx, target.Wait{Scale: st.Env.Scale, Links: []target.Link{d}}); err != nil {
			return err
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
	who  string
	tcp  *net.TCPConn
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
	return &deaf{who: who, tcp: conn.(*net.TCPConn), rec: st.Recorder}, nil
}

func (d *deaf) send(text string) error {
	d.rec.Add(transcript.Event{Who: d.who, Kind: transcript.Sent, Bytes: []byte(text)})
	n, err := d.tcp.Write([]byte(text))
	d.sent += uint64(n)
	return err
}

func (d *deaf) reset() error {
	d.rec.Add(transcript.Event{Who: d.who, Kind: transcript.Act, Text: d.who + " resets"})
	d.sent++
	if err := d.tcp.SetLinger(0); err != nil {
		return err
	}
	return d.tcp.Close()
}

// Ends, Sent, Received, Deaf and Over make it a link that settling can look at.
func (d *deaf) Ends() (local, remote netip.AddrPort) {
	return d.tcp.LocalAddr().(*net.TCPAddr).AddrPort(), d.tcp.RemoteAddr().(*net.TCPAddr).AddrPort()
}
func (d *deaf) Sent() uint64     { return d.sent }
func (d *deaf) Received() uint64 { return 0 }
func (d *deaf) Deaf() bool       { return true }
func (d *deaf) Over() bool       { return false }
