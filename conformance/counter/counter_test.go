package counter_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"paycheck/conformance/counter"
	"paycheck/conformance/transcript"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// bound is how long a test waits for what has to come.
const bound = 10 * time.Second

// A caller is a client that does what a test says.
type caller struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func call(t *testing.T, port int) *caller {
	t.Helper()
	conn, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(bound)); err != nil {
		t.Fatal(err)
	}
	return &caller{t, conn, bufio.NewReader(conn)}
}

// asks sends a request and demands these lines.
func (c *caller) asks(request string, lines ...string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(request)); err != nil {
		c.t.Fatal(err)
	}
	c.hears(lines...)
}

func (c *caller) hears(lines ...string) {
	c.t.Helper()
	for _, want := range lines {
		got, err := c.in.ReadString('\n')
		if err != nil || strings.TrimRight(got, "\r\n") != want {
			c.t.Fatalf("%q, %v; want %q", got, err, want)
		}
	}
}

func open(t *testing.T, m counter.Manner) *counter.Counter {
	t.Helper()
	c, err := counter.Open(counter.Config{
		Edition: edition.Default(), Manner: m, Host: "127.0.0.1", Recorder: transcript.NewRecorder(), Wake: make(chan struct{}, 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestServer(t *testing.T) {
	c := open(t, counter.Manner{})
	bob, err := c.Peer("bob", "bob", "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	me := call(t, c.Port())
	me.asks("List", "Please login first")
	me.asks("alice#5001", "220 AUTH_FAIL")
	me.asks("REGISTER#alice", "100 OK")
	me.asks("REGISTER#alice\x00", "210 FAIL")
	me.asks("nonsense", "230 Input format error")
	entry := fmt.Sprintf("bob#127.0.0.1#%d", bob.Addr().Port())
	me.asks("alice#5001", "10000", "public key", "2", entry, "alice#127.0.0.1#5001")
	payer := call(t, int(bob.Addr().Port()))
	if _, err := payer.conn.Write([]byte("alice#250#bob")); err != nil {
		t.Fatal(err)
	}
	await(t, c, counter.Paid)
	me.asks("bob#50#alice", []string(nil)...)
	awaitThat(t, c, func(e counter.Event) bool { return e.Request.Is(scenario.Payment) && e.Kind == counter.Asked })
	me.asks("List\x00", "9800", "public key", "2", entry, "alice#127.0.0.1#5001")
	me.asks("Exit", "Bye")
	if _, err := me.in.ReadByte(); err == nil {
		t.Error("after Bye there comes more")
	}
}

func await(t *testing.T, c *counter.Counter, kind counter.Kind) counter.Event {
	t.Helper()
	return awaitThat(t, c, func(e counter.Event) bool { return e.Kind == kind })
}

func awaitThat(t *testing.T, c *counter.Counter, is func(counter.Event) bool) counter.Event {
	t.Helper()
	for end := time.Now().Add(bound); time.Now().Before(end); time.Sleep(time.Millisecond) {
		log := c.Log()
		if i := slices.IndexFunc(log, is); i >= 0 {
			return log[i]
		}
	}
	t.Fatal("what was waited for did not come")
	return counter.Event{}
}

// The counter speaks as a client needs it.
func TestManner(t *testing.T) {
	c := open(t, counter.Manner{Greeting: "welcome", End: "\n", NoKey: true, Notice: true, Hello: "yes", Thanks: "thanks"})
	bob, err := c.Peer("bob", "bob", "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	me := call(t, c.Port())
	me.hears("welcome")
	me.asks("REGISTER#alice\x00", "100 OK")
	me.asks("alice#5001\x00", "10000", "2", fmt.Sprintf("bob#127.0.0.1#%d", bob.Addr().Port()), "alice#127.0.0.1#5001")
	payer := call(t, int(bob.Addr().Port()))
	payer.hears("yes")
	payer.asks("alice#250#bob\x00", "thanks")
	me.hears("Transfer OK!")
}

// What is held is the owner's to answer.
func TestHold(t *testing.T) {
	c := open(t, counter.Manner{})
	c.Hold(scenario.Register)
	me := call(t, c.Port())
	me.asks("REGISTER#alice", []string(nil)...)
	if e := await(t, c, counter.Asked); e.Request.Fields[0] != "alice" {
		t.Errorf("what is asked is %q", e.Raw)
	}
	if reply, err := c.Reply(); err != nil || reply != edition.OK {
		t.Errorf("%q, %v", reply, err)
	}
	if err := c.Answer(edition.Fail); err != nil {
		t.Fatal(err)
	}
	me.hears("210 FAIL")
	me.asks("REGISTER#bob", "100 OK")
}

// A request that comes in pieces, as no polite client sends it, is one all the same.
func TestPieces(t *testing.T) {
	c := open(t, counter.Manner{})
	me := call(t, c.Port())
	me.asks("REGISTER#", []string(nil)...)
	me.asks("alice", "100 OK")
}

// A peer pays a client that listens.
func TestPeerPays(t *testing.T) {
	c := open(t, counter.Manner{})
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := c.Guest("carol", "carol").Dial(context.Background(), listener.Addr().(*net.TCPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Send([]byte("carol#7#alice")); err != nil {
		t.Fatal(err)
	}
	client, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	got := make([]byte, 13)
	if _, err := client.Read(got); err != nil || string(got) != "carol#7#alice" {
		t.Errorf("%q, %v", got, err)
	}
}
