package server

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

const aliceList = "10000\r\npublic key\r\n1\r\nalice#127.0.0.1#5001\r\n"

// Each conversation is on one connection of a fresh server: what is sent, in
// segments that are far enough apart or in one, and all that comes back.
func TestConversation(t *testing.T) {
	tests := []struct {
		name    string
		edition string
		send    string
		want    string
	}{
		{"register", "", "REGISTER#alice\r\n", "100 OK\r\n"},
		{"register twice", "", "REGISTER#alice\r\nREGISTER#alice\r\n", "100 OK\r\n210 FAIL\r\n"},
		{"a name of digits", "", "REGISTER#5000\r\n5000#5001\r\n", "100 OK\r\n10000\r\npublic key\r\n1\r\n5000#127.0.0.1#5001\r\n"},
		{"the reserved name", "", "REGISTER#REGISTER\r\n", "230 Input format error\r\n"},
		{"names are whole", "", "REGISTER#alice\r\nREGISTER#al\r\nalic#5000\r\n", "100 OK\r\n100 OK\r\n220 AUTH_FAIL\r\n"},
		{"login", "", "REGISTER#alice\r\nalice#5001\r\n", "100 OK\r\n" + aliceList},
		{"login of nobody", "", "alice#5001\r\nList\r\n", "220 AUTH_FAIL\r\nPlease login first\r\n"},
		{"login after a refused one", "", "alice#5001\r\nREGISTER#alice\r\nalice#5001\r\n", "220 AUTH_FAIL\r\n100 OK\r\n" + aliceList},
		{"login with a bad port", "", "REGISTER#alice\r\nalice#65536\r\nalice#x\r\nList\r\n", "100 OK\r\n230 Input format error\r\n230 Input format error\r\nPlease login first\r\n"},
		{"login again", "", "REGISTER#alice\r\nalice#4000\r\nalice#5001\r\n", "100 OK\r\n10000\r\npublic key\r\n1\r\nalice#127.0.0.1#4000\r\n" + aliceList},
		{"login as another", "", "REGISTER#bob\r\nREGISTER#alice\r\nbob#4000\r\nalice#5001\r\n", "100 OK\r\n100 OK\r\n10000\r\npublic key\r\n1\r\nbob#127.0.0.1#4000\r\n" + aliceList},
		{"a refused login leaves the other one", "", "REGISTER#alice\r\nalice#5001\r\nbob#5002\r\nList\r\n", "100 OK\r\n" + aliceList + "220 AUTH_FAIL\r\n" + aliceList},
		{"register while logged in", "", "REGISTER#alice\r\nalice#5001\r\nREGISTER#bob\r\nREGISTER#alice\r\nList\r\n", "100 OK\r\n" + aliceList + "100 OK\r\n210 FAIL\r\n" + aliceList},
		{"list", "", "REGISTER#alice\r\nalice#5001\r\nList\r\n", "100 OK\r\n" + aliceList + aliceList},
		{"list before login", "", "List\r\nREGISTER#alice\r\nList\r\n", "Please login first\r\n100 OK\r\nPlease login first\r\n"},
		{"payment before login", "", "alice#1#bob\r\n", "Please login first\r\n"},
		{"payment of no amount before login", "", "alice#x#bob\r\n", "Please login first\r\n"},
		{"payment from nobody", "", "REGISTER#alice\r\nalice#5001\r\nbob#1#alice\r\nList\r\n", "100 OK\r\n" + aliceList + "Transfer Fail!\r\n" + aliceList},
		{"payment to oneself", "", "REGISTER#alice\r\nalice#5001\r\nalice#1#alice\r\nList\r\n", "100 OK\r\n" + aliceList + "Transfer Fail!\r\n" + aliceList},
		{"malformed", "", "REGISTER#alice\r\nalice#5001\r\nlist\r\n#\r\n\r\nalice\r\na#b#c#d\r\na b#1#alice\r\n", "100 OK\r\n" + aliceList + "230 Input format error\r\n230 Input format error\r\n230 Input format error\r\n230 Input format error\r\n230 Input format error\r\n230 Input format error\r\n"},
		{"exit", "", "REGISTER#alice\r\nalice#5001\r\nExit\r\n", "100 OK\r\n" + aliceList + "Bye\r\n"},
		{"exit before login", "", "Exit\r\n", "Bye\r\n"},
		{"nothing is answered after Bye", "", "Exit\r\nExit\r\nList\r\n", "Bye\r\n"},
		{"unterminated at the end", "", "REGISTER#alice", "100 OK\r\n"},
		{"NUL", "", "REGISTER#alice\x00#junk\r\n", "100 OK\r\n"},
		{"a cut line at the end of a stream", "", "REGISTER#alice\r\nREGISTER#bo", "100 OK\r\n"},
		{"64 KiB", "", string(bytes.Repeat([]byte("x"), 1<<16)) + "\nList\n", "230 Input format error\r\nPlease login first\r\n"},
		{"2020", "2020", "REGISTER#alice#77\r\nalice#5001\r\nExit\r\n", "100 OK\r\n77\r\n1\r\nalice#127.0.0.1#5001\r\nBye\r\n"},
		{"2020 with LF", "2020", "REGISTER#alice#77\nExit\n", "100 OK\r\nBye\r\n"},
		{"2020 unterminated", "2020", "REGISTER#alice#77", "100 OK\r\n"},
		{"2020 without a deposit", "2020", "REGISTER#alice\r\nREGISTER#alice#0\r\nREGISTER#alice#2147483648\r\n", "230 Input format error\r\n230 Input format error\r\n230 Input format error\r\n"},
		{"2021 with a deposit", "2021", "REGISTER#alice#77\r\n", "230 Input format error\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, setting{edition: test.edition}).connect()
			c.send(test.send)
			c.conn.CloseWrite()
			got, err := io.ReadAll(c.conn)
			if err != nil || string(got) != test.want {
				t.Errorf("sent %.200q\n got %q, %v\nwant %q", test.send, got, err, test.want)
			}
		})
	}
}

// In lock-step the client stays connected and ends its requests in any way or none.
// Each reply comes whole from one read.
func TestLockStep(t *testing.T) {
	t.Parallel()
	padded := append([]byte("alice#5001"), make([]byte, 1014)...)
	steps := []struct{ send, want string }{
		{"List", "Please login first\r\n"},
		{"REGISTER#alice", "100 OK\r\n"},
		{"List\x00", "Please login first\r\n"},
		{string(padded), aliceList},
		{"List\x00lice#5001\n", aliceList},
		{"List", aliceList},
		{"List\n\x00\x00", aliceList},
		{"List\r\n", aliceList},
		{"List\n", aliceList},
	}
	c := serve(t, setting{}).connect()
	for _, step := range steps {
		c.send(step.send)
		buf := make([]byte, 1000)
		n, err := c.conn.Read(buf)
		if got := string(buf[:n]); err != nil || got != step.want {
			t.Fatalf("sent %.40q\n got %q, %v\nwant %q", step.send, got, err, step.want)
		}
	}
}

// A stream may be cut anywhere. The pieces are sent apart in time so that the
// server reads most of them apart; that none is taken for a request is the point.
func TestStream(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{})
	c := r.connect()
	c.send("List\r\n").expect("Please login first")
	for _, piece := range []string{"REG", "ISTER#al", "ice\r", "\nalice#50", "01\r\nLis"} {
		c.send(piece)
		time.Sleep(2 * time.Millisecond)
	}
	c.expect("100 OK")
	c.list()
	c.send("t\r\nExit\r\n").list()
	c.expect("Bye").closed()
}

func TestPayment(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{})
	alice, bob, carol := r.login("alice", 5001), r.login("bob", 5002), r.login("carol", 5003)

	// Paid: the payer hears of it, the payee and the third do not.
	bob.send("alice#100#bob\r\nList\r\n")
	if got := bob.list().balance; got != "10100" {
		t.Errorf("the payee's next list says %s", got)
	}
	alice.expect("Transfer OK!")
	if got := alice.balance(); got != "9900" {
		t.Errorf("the payer has %s", got)
	}

	// Refused: the payer hears of it, whoever sent it.
	for _, bad := range []string{"9901", "0", "-1", "+1", "01", "1.5", "", "x", "12x", "2147483648", "99999999999999999999"} {
		bob.send("alice#" + bad + "#bob\r\n")
		alice.expect("Transfer Fail!")
	}
	carol.send("alice#1#bob\r\n") // not from the payee
	alice.expect("Transfer Fail!")
	alice.send("alice#1#bob\r\n").expect("Transfer Fail!") // from the payer
	alice.send("alice#1#alice\r\n").expect("Transfer Fail!")

	// There is no payer who could hear of it: the sender does.
	bob.send("eve#1#bob\r\n").expect("Transfer Fail!")
	bob.send("eve#x#bob\r\n").expect("Transfer Fail!")
	carol.send("Exit\r\n").expect("Bye").closed()
	bob.send("carol#1#bob\r\n").expect("Transfer Fail!")
	bob.send("alice#1#bob#1\r\n").expect("230 Input format error")

	if a, b := alice.balance(), bob.balance(); a != "9900" || b != "10100" {
		t.Errorf("refused payments moved money: %s and %s", a, b)
	}
	bob.send("alice#9900#bob\r\n") // all there is
	alice.expect("Transfer OK!")
	if a, b := alice.balance(), bob.balance(); a != "0" || b != "20000" {
		t.Errorf("%s and %s after all was paid", a, b)
	}
}

// A payment counts also when its sender leaves right after it, in whatever way.
func TestPaymentThenGone(t *testing.T) {
	leave := map[string]func(*client){
		"closes":      func(c *client) { c.conn.Close() },
		"half-closes": func(c *client) { c.conn.CloseWrite() },
		"exits":       func(c *client) { c.send("Exit\r\n") },
	}
	for how, leave := range leave {
		for _, end := range []string{"\r\n", ""} {
			if how == "exits" && end == "" {
				continue // then it would not be a payment
			}
			t.Run(how+end, func(t *testing.T) {
				t.Parallel()
				r := serve(t, setting{})
				alice := r.login("alice", 5001)
				r.connect().send("REGISTER#bob\x00").expect("100 OK")
				bob := r.connect()
				bob.send("bob#5002\x00").list()
				bob.send("alice#100#bob" + end)
				leave(bob)
				alice.expect("Transfer OK!")
				if got := alice.balance(); got != "9900" {
					t.Errorf("the payer has %s", got)
				}
			})
		}
	}
}

// The connection that logged in last has the account, and is the one that counts.
func TestTakeover(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{})
	watcher := r.login("watcher", 4000)
	older := r.login("alice", 5001)
	newer := r.connect()
	if got := newer.send("alice#5002\r\n").list().online; len(got) != 2 || got[0] != "alice#5002" {
		t.Errorf("online: %v", got)
	}
	older.send("List\r\n").expect("Please login first")
	older.send("watcher#1#alice\r\n").expect("Please login first")
	newer.send("watcher#1#alice\r\n")
	watcher.expect("Transfer OK!")
	older.send("Exit\r\n").expect("Bye").closed()
	if got := watcher.online(); got != "alice#5002 watcher#4000" {
		t.Errorf("after the older one has left: %s", got)
	}
	newer.conn.Close()
	r.until("alice is offline", func() bool { return watcher.online() == "watcher#4000" })
}

// The address in the list is that of the connection, also of one from elsewhere.
func TestAddress(t *testing.T) {
	t.Parallel()
	r := serve(t, setting{})
	alice := r.login("alice", 5001)
	bob := r.connectFrom("127.0.0.2")
	bob.send("REGISTER#bob\r\n").expect("100 OK")
	bob.send("bob#5002\r\n").expect("10000", publicKey, "2", "alice#127.0.0.1#5001", "bob#127.0.0.2#5002")
	alice.send("List\r\n").expect("10000", publicKey, "2", "alice#127.0.0.1#5001", "bob#127.0.0.2#5002")
}

// The last reply arrives, and the connection ends in order, also where the client
// has sent far more than the server cared to read.
func TestByeArrives(t *testing.T) {
	t.Parallel()
	c := serve(t, setting{}).connect()
	c.send("Exit\r\n" + strings.Repeat("List\r\n", 20_000))
	c.conn.CloseWrite()
	c.expect("Bye").closed()
}
