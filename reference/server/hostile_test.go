package server

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Whatever bytes come, and however their senders leave, others are served, no money
// is made or lost, and nothing is left running.
func TestHostileBytes(t *testing.T) {
	r := serve(t, setting{limit: 64})
	alice, bob := r.login("alice", 5001), r.login("bob", 5002)
	before := runtime.NumGoroutine()

	pieces := []string{
		"REGISTER", "List", "Exit", "alice", "bob", "mallory", "#", "##", "1", "-1", "0", "5000", "99999999999999999999",
		"\r", "\n", "\r\n", "\x00", "\x00\x00", "\xff\xfe", "%s%n", "'; DROP TABLE client;--", "\x1b[2J", strings.Repeat("x", 1500), " ",
		"alice#1#bob", "bob#1#alice", "mallory#5003", "REGISTER#mallory\r\n", "alice#5009",
	}
	const seed = 20210601
	var wg sync.WaitGroup
	for i := range 8 {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		wg.Go(func() {
			for range 40 {
				c, err := net.Dial("tcp", r.addr)
				if err != nil {
					t.Error(err)
					return
				}
				for range rng.IntN(12) {
					io.WriteString(c, pieces[rng.IntN(len(pieces))])
				}
				switch rng.IntN(3) {
				case 0:
					c.(*net.TCPConn).SetLinger(0)
				case 1: // every byte is answered or the connection ends
					c.(*net.TCPConn).CloseWrite()
					c.SetReadDeadline(time.Now().Add(bound))
					if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
						t.Errorf("seed %d, client %d: %v", seed, i, err)
					}
				}
				c.Close()
			}
		})
	}
	wg.Wait()
	r.until("all of them are gone", func() bool { return runtime.NumGoroutine() <= before })

	// "alice#5009" may have taken alice's login over; she can log in again.
	alice.send("alice#5001\r\n")
	bob.send("bob#5002\r\n")
	accounts, sum := r.server.Ledger.Len(), int64(0)
	for _, name := range []string{"alice", "bob", "mallory"} {
		a, _ := r.server.Ledger.Snapshot(name)
		if a.Balance < 0 {
			t.Errorf("%s has %d", name, a.Balance)
		}
		sum += a.Balance
	}
	if extra := accounts - 3; sum != 30_000 || extra < 0 {
		t.Errorf("%d accounts, and the three have %d together", accounts, sum)
	}
}

// A client that never reads its replies, and a payer that never reads its notices,
// delay nobody, and are cut off when they have had their time.
func TestDeafClient(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{limit: 4})
	deaf := r.login("deaf", 5001)
	deaf.conn.SetReadBuffer(4096)
	r.server.mu.Lock()
	for _, s := range r.server.sessions {
		s.conn.SetWriteBuffer(4096) // soon full
	}
	r.server.mu.Unlock()
	go io.Copy(deaf.conn, endless("List\r\n"))
	bob := r.login("bob", 5002)
	for end := time.Now().Add(writeTime / 4); time.Now().Before(end); {
		start := time.Now()
		bob.send("deaf#1#bob\r\n")
		bob.balance()
		if took := time.Since(start); took > writeTime/2 {
			t.Fatalf("a payment and a list took %v", took)
		}
	}
	r.until("the deaf one is offline", func() bool { return bob.online() == "bob#5002" })
	r.prints("does not read its replies")
}

// A console whose output is stuck holds up no reply. What it could not print is
// counted.
func TestStuckConsole(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	out := &output{}
	r := serve(t, setting{console: writerFunc(func(p []byte) (int, error) {
		<-release
		return out.Write(p)
	})})
	alice := r.login("alice", 5001)
	const lists = 2 * queued
	for range lists {
		alice.balance()
	}
	close(release)
	r.until("the number of dropped lines is printed", func() bool {
		return strings.Contains(out.String(), "more were not printed")
	})
	_, rest, _ := strings.Cut(out.String(), "(")
	var dropped int
	fmt.Sscan(rest, &dropped)
	printed := strings.Count(out.String(), "[List]")
	if printed+dropped != lists || dropped < lists-queued-100 {
		t.Errorf("%d messages: %d printed, %d dropped", lists, printed, dropped)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// Clients that pay one another all at once, over their own connections: each
// balance is what the acknowledged payments say.
func TestMoneyUnderLoad(t *testing.T) {
	t.Parallel()
	const clients, rounds = 10, 30
	r := serve(t, setting{limit: clients})
	var conns []*client
	for i := range clients {
		conns = append(conns, r.login(fmt.Sprintf("c%d", i), 5000+i))
	}
	var wg sync.WaitGroup
	var told atomic.Int64
	for i, c := range conns {
		wg.Go(func() { // it asks its neighbour for 1, again and again
			payment := fmt.Sprintf("c%d#1#c%d\r\n", (i+1)%clients, i)
			c.send(strings.Repeat(payment, rounds) + "Exit\r\n")
			for {
				switch line := c.line(); line {
				case "Transfer OK!", "Transfer Fail!":
					told.Add(1)
				case "Bye":
					return
				default:
					t.Errorf("got %q", line)
					return
				}
			}
		})
	}
	wg.Wait()
	if told.Load() == 0 {
		t.Error("nobody was told of a payment")
	}
	r.until("all are offline", func() bool { _, online := r.server.Ledger.Snapshot(""); return len(online.Accounts) == 0 })
	sum := int64(0)
	for i := range clients {
		a, _ := r.server.Ledger.Snapshot(fmt.Sprintf("c%d", i))
		sum += a.Balance
	}
	if sum != clients*10_000 {
		t.Errorf("the sum is %d", sum)
	}
}

// Of many who register one name at once, one does.
func TestOneName(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{})
	var wg sync.WaitGroup
	var ok, fail atomic.Int64
	for range 20 {
		c := r.connect()
		wg.Go(func() {
			switch line := c.send("REGISTER#alice\x00").line(); line {
			case "100 OK":
				ok.Add(1)
			case "210 FAIL":
				fail.Add(1)
			default:
				t.Errorf("got %q", line)
			}
		})
	}
	wg.Wait()
	if ok.Load() != 1 || fail.Load() != 19 {
		t.Errorf("%d succeeded, %d were refused", ok.Load(), fail.Load())
	}
}
