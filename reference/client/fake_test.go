package client

import (
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/reference/wire"
	"paycheck/spec/edition"
)

// bound is how long a test waits for what must happen.
const bound = 10 * time.Second

// A far is the other end of a connection: a server or a peer that does what the
// test says, one read and one write at a time.
type far struct {
	t    testing.TB
	conn net.Conn
}

// says sends text in one write.
func (f far) says(text string) {
	f.t.Helper()
	if _, err := f.conn.Write([]byte(text)); err != nil {
		f.t.Fatalf("sending %q: %v", text, err)
	}
}

// hears wants exactly this text from the next read, and nothing before it.
func (f far) hears(want string) {
	f.t.Helper()
	if got := f.next(); got != want {
		f.t.Fatalf("heard %q, want %q", got, want)
	}
}

// next is what the next read returns, "" at the end of the connection.
func (f far) next() string {
	f.t.Helper()
	buffer := make([]byte, 4096)
	_ = f.conn.SetReadDeadline(time.Now().Add(bound))
	n, err := f.conn.Read(buffer)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		f.t.Fatal("nothing heard")
	}
	return string(buffer[:n])
}

// ends wants the end of the connection, and nothing before it.
func (f far) ends() {
	f.t.Helper()
	f.hears("")
}

// resets ends the connection with a reset.
func (f far) resets() {
	_ = f.conn.(*net.TCPConn).SetLinger(0)
	_ = f.conn.Close()
}

// listen opens a port that the test accepts on.
func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// accepted waits for a connection.
func accepted(t testing.TB, listener net.Listener) far {
	t.Helper()
	_ = listener.(*net.TCPListener).SetDeadline(time.Now().Add(bound))
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return far{t, conn}
}

// dialled connects, as a peer does.
func dialled(t testing.TB, address string) far {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return far{t, conn}
}

// A log keeps what a client tells.
type log struct {
	mu      sync.Mutex
	events  []Event
	changed chan struct{}
}

func newLog() *log { return &log{changed: make(chan struct{}, 1000)} }

func (l *log) tell(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	l.changed <- struct{}{}
}

// wait returns the next event of a kind, and drops those before it.
func (l *log) wait(t testing.TB, kind Kind) Event {
	t.Helper()
	late := time.After(bound)
	for {
		l.mu.Lock()
		for i, e := range l.events {
			if e.Kind == kind {
				l.events = l.events[i+1:]
				l.mu.Unlock()
				return e
			}
		}
		l.mu.Unlock()
		select {
		case <-l.changed:
		case <-late:
			t.Fatalf("no event of kind %d", kind)
		}
	}
}

// connected is a client of an edition with a test for a server.
func connected(t testing.TB, name string) (*Client, far, *log) {
	t.Helper()
	e, err := edition.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	listener, told := listen(t), newLog()
	client, err := Dial(t.Context(), Config{
		Address: listener.Addr().String(), Edition: e, PeerHost: "127.0.0.1", Tell: told.tell,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client, accepted(t, listener), told
}

// loggedIn is a client that is logged in, and the address that it listens on.
func loggedIn(t testing.TB, edition, name string) (client *Client, server far, told *log, address string) {
	t.Helper()
	client, server, told = connected(t, edition)
	answered := later(func() error {
		_, _, err := client.Login(t.Context(), name, 0)
		return err
	})
	_, port, _ := strings.Cut(strings.TrimSpace(server.next()), "#")
	server.says(map[string]string{"2021": "7\r\nkey\r\n0\r\n", "2020": "7\r\n0\r\n"}[edition])
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	return client, server, told, net.JoinHostPort("127.0.0.1", port)
}

// later runs something while the test does something else.
func later(act func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- act() }()
	return done
}

// soon bounds the wait for what runs later.
func soon(t testing.TB, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(bound):
		t.Fatal("it does not come back")
		return nil
	}
}

// none wants that nothing of a kind was told so far.
func (l *log) none(t testing.TB, kind Kind) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if e.Kind == kind {
			t.Errorf("unexpected event: %+v", e)
		}
	}
}

// payment is one as it is told.
func payment(payer string, amount int64, payee string) wire.Payment {
	return wire.Payment{Payer: payer, Amount: amount, Payee: payee}
}
