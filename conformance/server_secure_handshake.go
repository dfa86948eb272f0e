package conformance

import (
	"context"
	"fmt"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/secure"
)

// The checks of SEC with handshakes that go wrong.

// halves are beginnings of a handshake: nothing, a part of its first message, all of it.
func halves() [][]byte {
	hello := clientHello()
	return [][]byte{nil, hello[:len(hello)/2], hello}
}

// stalled is SEC-9.
func stalled(ctx context.Context, st *play.Stage) error {
	for i, half := range halves() {
		conn, err := st.Plain(ctx, fmt.Sprintf("stall%d", i+1))
		if err != nil {
			return err
		}
		if len(half) > 0 {
			if err := conn.Send(half); err != nil {
				return play.Unjudged("%v", err)
			}
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
	}
	return st.Do(ctx, "alice > REGISTER#alice\nalice < (any)\nalice > alice#{alice.port}\nalice < (list)")
}

// handshakeBound is how long a server may wait for a handshake (SEC-10).
const handshakeBound = 10 * time.Second

// givesUp is SEC-10.
func givesUp(ctx context.Context, st *play.Stage) error {
	conn, err := st.Plain(ctx, "alice")
	if err != nil {
		return err
	}
	if err := conn.Send(halves()[1]); err != nil {
		return play.Unjudged("%v", err)
	}
	bound := time.After(time.Duration(float64(handshakeBound) * st.Env.Scale))
	for !conn.Over() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-bound:
			return st.Fail(ctx, "alice", fmt.Sprintf("the end of the connection within %v", handshakeBound), nil, -1, "half of a handshake is waited for without end")
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// vanishesVeiled is SEC-11. The handshake is cut where its messages begin and end, and
// between; a registration follows it, which is cut too.
func vanishesVeiled(reset bool) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) error {
		if err := watched(ctx, st); err != nil {
			return err
		}
		const header, step, most = 5, 61, 4096
		hello := len(clientHello())
		places := []int{1, header - 1, header, header + 1, hello / 2, hello - 1, hello}
		for at := hello + 1; at < most; at += step {
			places = append(places, at)
		}
		for i, at := range places {
			name := fmt.Sprintf("v%02d", i)
			request := talk(st, name)[0]
			vanished, err := st.Vanishes(ctx, name, request+st.Env.Profile.Dialect.Ending.After(request), at, reset)
			if err != nil {
				return err
			}
			if err := stillServes(ctx, st, "bob"); err != nil {
				return err
			}
			if !vanished {
				return nil // the whole conversation is shorter
			}
		}
		return nil
	}
}

// garbledVeiled is SEC-12.
func garbledVeiled(ctx context.Context, st *play.Stage) error {
	if err := watched(ctx, st); err != nil {
		return err
	}
	for i, text := range []string{
		"GET / HTTP/1.0\r\n\r\n", "\x00", "\x80\x2e\x01\x03\x01", "\x16\x03\x01\xff\xff", "\x16\x03\x01\x00\x04\x01\xff\xff\xff",
		"\x15\x03\x01\x00\x02\x02\x28", "\x17\x03\x03\x00\x05hello",
	} {
		name := fmt.Sprintf("g%02d", i)
		conn, err := st.Plain(ctx, name)
		if err != nil {
			return err
		}
		if err := conn.Send([]byte(text)); err != nil {
			return play.Unjudged("%v", err)
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
		_ = conn.Close() // the program may have closed it
		if err := st.Rest(ctx); err != nil {
			return err
		}
		if err := stillServes(ctx, st, "bob"); err != nil {
			return err
		}
	}
	if err := st.Do(ctx, "given carol registered"); err != nil {
		return err
	}
	conn, err := st.Conn(ctx, "carol")
	if err != nil {
		return err
	}
	if err := conn.Underneath([]byte("\x17\x03\x03\x00\x20this was encrypted by nobody ...")); err != nil {
		return play.Unjudged("%v", err)
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	return stillServes(ctx, st, "bob")
}

// renegotiates is SEC-17. With TLS 1.3 there is no second handshake.
func renegotiates(ctx context.Context, st *play.Stage) error {
	again := secure.NewAgain()
	_, ok, err := st.Shakes(ctx, "alice", again.Config)
	if ctx.Err() != nil {
		return err
	}
	if !ok {
		return play.Inapplicable("the server does not speak TLS 1.2 with AES-128-GCM")
	}
	conn, err := st.Conn(ctx, "alice")
	if err != nil {
		return err
	}
	record, err := again.Record(conn.Above(), conn.Beneath())
	if err != nil {
		return play.Unjudged("%v", err)
	}
	if err := conn.Underneath(record); err != nil {
		return play.Unjudged("%v", err)
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	if secure.Begun(conn.Beneath()) {
		return st.Fail(ctx, "alice", "an alert, the end of the connection, or nothing", nil, -1, "a second handshake was begun")
	}
	return nil
}
