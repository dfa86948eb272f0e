package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/reference/ledger"
	"paycheck/spec/edition"
)

// bound is how long an event may take before a test gives up. Nothing waits for it
// to pass where all is well.
const bound = 20 * time.Second

// A rig is a server that serves on loopback for one test.
type rig struct {
	t       testing.TB
	server  *Server
	addr    string
	printed *output
	cancel  context.CancelFunc
	done    chan error // what Serve returned
}

// output is what a console has printed so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

type setting struct {
	edition string // empty: the default
	limit   int    // 0: 100
	level   *Level // nil: Everything
	console io.Writer
	secure  bool
}

func serve(t testing.TB, set setting) *rig {
	t.Helper()
	r := &rig{t: t, printed: new(output), done: make(chan error, 1)}
	e := edition.Default()
	if set.edition != "" {
		var err error
		if e, err = edition.Named(set.edition); err != nil {
			t.Fatal(err)
		}
	}
	accounts, err := ledger.Open(filepath.Join(t.TempDir(), "server.db"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = listener.Addr().String()
	level := Everything
	if set.level != nil {
		level = *set.level
	}
	if set.console == nil {
		set.console = r.printed
	}
	if set.limit == 0 {
		set.limit = 100
	}
	console := NewConsole(set.console, level)
	config := Config{Edition: e, Ledger: accounts, Console: console, Limit: set.limit}
	if set.secure {
		if config.Identity, err = identity(); err != nil {
			t.Fatal(err)
		}
	}
	r.server = New(config)
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go func() { r.done <- r.server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		r.cancel()
		if err := r.wait(); err != nil {
			t.Errorf("Serve: %v", err)
		}
		console.Close()
		if err := accounts.Remove(); err != nil {
			t.Errorf("removing the database: %v", err)
		}
	})
	return r
}

// wait waits for the end of Serve.
func (r *rig) wait() error {
	select {
	case err := <-r.done:
		r.done <- err
		return err
	case <-time.After(bound):
		return errors.New("it goes on")
	}
}

// until waits for something to become true.
func (r *rig) until(what string, true func() bool) {
	r.t.Helper()
	for end := time.Now().Add(bound); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("it never came true that %s", what)
		}
	}
}

// prints waits for text on the console.
func (r *rig) prints(text string) {
	r.t.Helper()
	r.until("the console says "+text, func() bool { return strings.Contains(r.printed.String(), text) })
}

// A client is a connection to the server.
type client struct {
	t    testing.TB
	conn *net.TCPConn
	in   *bufio.Reader
}

func (r *rig) connect() *client { return r.connectFrom("127.0.0.1") }

func (r *rig) connectFrom(ip string) *client {
	r.t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	conn, err := dialer.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(2 * bound))
	return &client{r.t, conn.(*net.TCPConn), bufio.NewReaderSize(conn, 1<<16)}
}

// login is a connection on which an account is logged in that did not exist before.
func (r *rig) login(name string, port int) *client {
	r.t.Helper()
	c := r.connect()
	register := "REGISTER#" + name
	if r.server.Edition.Deposit {
		register += "#10000"
	}
	c.send(register + "\r\n").expect("100 OK")
	c.send(fmt.Sprintf("%s#%d\r\n", name, port)).list()
	return c
}

func (c *client) send(text string) *client {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatalf("sending %.60q: %v", text, err)
	}
	return c
}

// line reads one line and checks its end.
func (c *client) line() string {
	c.t.Helper()
	line, err := c.in.ReadString('\n')
	if err != nil {
		c.t.Fatalf("read %q, then %v", line, err)
	}
	text, ok := strings.CutSuffix(line, "\r\n")
	if !ok || strings.Contains(text, "\r") {
		c.t.Fatalf("%q does not end in one CRLF", line)
	}
	return text
}

func (c *client) expect(lines ...string) *client {
	c.t.Helper()
	for _, want := range lines {
		if got := c.line(); got != want {
			c.t.Fatalf("got %q, want %q", got, want)
		}
	}
	return c
}

// A list is a list as read: the balance, and who is online as <name>#<port>.
type list struct {
	balance string
	online  []string
}

// list reads a list of the 2021 form and checks that it agrees with itself.
func (c *client) list() list {
	c.t.Helper()
	l := list{balance: c.line()}
	c.expect(publicKey)
	var n int
	if _, err := fmt.Sscan(c.line(), &n); err != nil {
		c.t.Fatalf("no number of accounts online: %v", err)
	}
	for range n {
		fields := strings.Split(c.line(), "#")
		if len(fields) != 3 || fields[1] != "127.0.0.1" {
			c.t.Fatalf("no entry: %q", fields)
		}
		l.online = append(l.online, fields[0]+"#"+fields[2])
	}
	return l
}

func (c *client) balance() string {
	c.t.Helper()
	return c.send("List\r\n").list().balance
}

// online is who a client sees, joined by spaces.
func (c *client) online() string {
	c.t.Helper()
	return strings.Join(c.send("List\r\n").list().online, " ")
}

// closed checks that the server sends nothing more and closes.
func (c *client) closed() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.in); err != nil || len(rest) > 0 {
		c.t.Fatalf("%q, then %v; want the end of the connection", rest, err)
	}
}

// reset closes with RST.
func (c *client) reset() {
	c.conn.SetLinger(0)
	c.conn.Close()
}
