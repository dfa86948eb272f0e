package server

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

func TestPool(t *testing.T) {
	granted := func(turns ...turn) (which string) {
		for i, turn := range turns {
			select {
			case <-turn:
				which += fmt.Sprint(i)
			default:
			}
		}
		return which
	}
	p := newPool(2)
	var turns []turn
	for range 6 {
		turns = append(turns, p.ask())
	}
	steps := []struct {
		name string
		do   func()
		want string // whose turn has come so far
	}{
		{"two places", func() {}, "01"},
		{"the first who waits", p.release, "012"},
		{"one gives up", func() { p.leave(turns[3]) }, "012"},
		{"the next is served", p.release, "0124"},
		{"one gives up just when the turn comes", func() { p.release(); p.leave(turns[5]) }, "01245"},
	}
	for _, step := range steps {
		step.do()
		if got := granted(turns...); got != step.want {
			t.Fatalf("%s: it is the turn of %s, want %s", step.name, got, step.want)
		}
	}
	if next, later := p.ask(), p.ask(); granted(next, later) != "0" {
		t.Error("two are served and one place is free, so the next gets it and a later one does not")
	}
}

// silent checks that the server has sent nothing and not closed. Its proof is the
// fence that the caller puts before it: something that happened later was seen.
func (c *client) silent() {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if b, err := c.in.Peek(1); !os.IsTimeout(err) {
		c.t.Fatalf("a client that waits got %q, %v", b, err)
	}
	c.conn.SetReadDeadline(time.Now().Add(bound))
}

// leave is each way to end a connection.
var leave = map[string]func(*client){
	"exits":       func(c *client) { c.send("Exit\r\n").expect("Bye").closed() },
	"closes":      func(c *client) { c.conn.Close() },
	"resets":      (*client).reset,
	"half-closes": func(c *client) { c.conn.CloseWrite() },
}

// With a limit of 2, the third waits; whoever waits is served in order of arrival,
// what was sent meanwhile included, and however those served before leave.
func TestLimit(t *testing.T) {
	for how, leave := range leave {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := serve(t, setting{limit: 2})
			served := []*client{r.login("a", 5001), r.connect().send("List\r\n").expect("Please login first")}
			var waiting []*client
			for i := range 4 {
				c := r.connect()
				c.send(fmt.Sprintf("REGISTER#w%d\r\n", i))
				r.until("it is said to wait", func() bool { return strings.Count(r.printed.String(), "waits") == i+1 })
				waiting = append(waiting, c)
			}
			for i, c := range waiting {
				if got := served[i%2].send("List\r\n").line(); got == "" { // the fence
					t.Error("empty line")
				}
				drain(served[i%2])
				for _, c := range waiting[i:] {
					c.silent()
				}
				leave(served[i%2])
				c.expect("100 OK")
				served[i%2] = c
			}
		})
	}
}

// drain reads what is left of a list whose first line was read.
func drain(c *client) {
	for c.in.Buffered() > 0 {
		c.in.Discard(c.in.Buffered())
	}
}

// A place is free at once when its client closes before it ever logged in or sent
// anything, many times over.
func TestPlacesComeBack(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{limit: 1})
	for range 20 {
		for _, how := range []string{"closes", "resets", "half-closes", "exits"} {
			leave[how](r.connect())
		}
		r.connect().send("RE").reset()
		r.connect().send("REGISTER#alice\r\nalice#5001\r\nList\r\n").conn.Close()
	}
	r.connect().send("REGISTER#bob\r\n").expect("100 OK")
}

// A client that gives up waiting takes no place and holds nobody up.
func TestWaiterGivesUp(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{limit: 1})
	alice := r.login("alice", 5001)
	waits := 0
	wait := func() *client {
		c := r.connect()
		waits++
		r.until("it is said to wait", func() bool { return strings.Count(r.printed.String(), "waits") == waits })
		return c
	}
	gone, bob, asked, reset, carol := wait(), wait(), wait(), wait(), wait()
	gone.conn.Close()
	asked.send("alice#6000\r\n").reset() // would take alice's login over if it were served
	reset.reset()
	r.until("three are said to have given up", func() bool { return strings.Count(r.printed.String(), "gave up") == 3 })
	bob.send("REGISTER#bob\r\n")
	carol.send("REGISTER#carol\r\n")
	if got := alice.online(); got != "alice#5001" {
		t.Errorf("online: %s", got)
	}
	bob.silent()
	alice.conn.Close()
	bob.expect("100 OK")
	carol.silent()
	bob.conn.Close()
	carol.expect("100 OK")
	carol.send("alice#5001\r\n").list()
}

// A waiter that half-closed still wants the answer to what it sent before.
func TestWaiterHalfCloses(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{limit: 1})
	alice := r.login("alice", 5001)
	c := r.connect().send("REGISTER#bob")
	c.conn.CloseWrite()
	r.prints("waits")
	alice.conn.Close()
	c.expect("100 OK").closed()
}

// An account whose client has vanished leaves the list at once, can log in again
// and has what it had; the client that only half-closed still gets its replies.
func TestVanish(t *testing.T) {
	for how, leave := range leave {
		for _, halfway := range []string{"", "Li", "List\r\nLi", "List\r\n"} {
			if how == "exits" && halfway != "" {
				continue
			}
			t.Run(fmt.Sprintf("%s after %q", how, halfway), func(t *testing.T) {
				t.Parallel()
				r := serve(t, setting{})
				watcher, alice := r.login("watcher", 4000), r.login("alice", 5001)
				alice.send("watcher#1#alice\r\n" + halfway)
				watcher.expect("Transfer OK!")
				leave(alice)
				r.until("alice is offline", func() bool { return watcher.online() == "watcher#4000" })
				if how == "half-closes" {
					if strings.HasPrefix(halfway, "List") {
						alice.list()
					}
					alice.closed()
				}
				again := r.connect()
				if got := again.send("alice#5002\r\n").list().balance; got != "10001" {
					t.Errorf("alice has %s", got)
				}
			})
		}
	}
}

// Clients that are gone before their replies are written do no harm, and are said.
func TestGoneBeforeReply(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{})
	for i := range 50 {
		c := r.connect()
		c.send(strings.Repeat("List\r\n", 200))
		if i%2 == 0 {
			c.reset()
		} else {
			c.conn.Close()
		}
	}
	r.login("alice", 5001)
	r.prints("SIGPIPE")
}

// The end of a server closes what is open, whoever is connected, waits, or does
// not read; and nobody stays online.
func TestEnd(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{limit: 3})
	alice := r.login("alice", 5001)
	r.login("bob", 5002)
	deaf := r.connect()
	go io.Copy(deaf.conn, endless("List\r\n"))
	waiter := r.connect().send("List\r\n")
	r.prints("waits")
	r.cancel()
	start := time.Now()
	if err := r.wait(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, c := range []*client{alice, waiter} {
		if _, err := io.ReadAll(c.in); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%v; want the end of the connection", err)
		}
	}
	if conn, err := net.Dial("tcp", r.addr); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
	if _, online := r.server.Ledger.Snapshot(""); len(online.Accounts) != 0 {
		t.Errorf("still online: %v", online.Accounts)
	}
}

// endless is a text without end.
func endless(text string) io.Reader { return &repeater{text: text} }

type repeater struct{ text string }

func (r *repeater) Read(p []byte) (n int, err error) {
	for n+len(r.text) <= len(p) {
		n += copy(p[n:], r.text)
	}
	return n, nil
}
