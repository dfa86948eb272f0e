package client

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// A payment goes to the address that the list has now, over a connection of its
// own, and never to the server.
func TestPay(t *testing.T) {
	client, server, _, _ := loggedIn(t, "2021", "alice")
	for round := range 3 { // bob has a new port each time
		bob := listen(t)
		var address string
		done := later(func() (err error) { address, err = client.Pay(t.Context(), "bob", 100+int64(round)); return err })
		server.hears("List")
		port := bob.Addr().(*net.TCPAddr).Port
		server.says(fmt.Sprintf("10000\r\nkey\r\n3\r\nalice#127.0.0.1#1\r\nbobby#127.0.0.1#2\r\nbob#127.0.0.1#%d\r\n", port))
		if err := soon(t, done); err != nil {
			t.Fatal(err)
		}
		if address != bob.Addr().String() {
			t.Errorf("paid at %s, want %s", address, bob.Addr())
		}
		peer := accepted(t, bob)
		peer.hears(fmt.Sprintf("alice#%d#bob", 100+round))
		peer.ends()
	}
	done := later(func() error { _, err := client.Exit(t.Context()); return err })
	server.hears("Exit") // and no payment before it
	server.says("Bye\r\n")
	if err := soon(t, done); err != nil {
		t.Fatal(err)
	}
}

// A payee that speaks first, as some do, does not lose the payment.
func TestPayeeThatSpeaks(t *testing.T) {
	client, _, _, _ := loggedIn(t, "2021", "alice")
	bob := listen(t)
	done := later(func() error {
		return client.send(t.Context(), bob.Addr().String(), payment("alice", 5, "bob"))
	})
	peer := accepted(t, bob)
	peer.says("who are you?\n")
	if err := soon(t, done); err != nil {
		t.Fatal(err)
	}
	peer.hears("alice#5#bob")
}

func TestPayFails(t *testing.T) {
	closed := listen(t)
	closed.Close()
	gone := fmt.Sprintf("1\r\nkey\r\n1\r\nbob#127.0.0.1#%d\r\n", closed.Addr().(*net.TCPAddr).Port)
	tests := []struct{ name, list, want string }{
		{"offline", "1\r\nkey\r\n1\r\nbobby#127.0.0.1#1\r\n", "bob is not online"},
		{"gone", gone, "cannot reach bob at " + closed.Addr().String() + ": connection refused"},
		{"no list", "Please login first\r\n", "the server says: Please login first"},
	}
	client, server, _, _ := loggedIn(t, "2021", "alice")
	for _, test := range tests {
		done := later(func() error { _, err := client.Pay(t.Context(), "bob", 1); return err })
		server.hears("List")
		server.says(test.list)
		if err := soon(t, done); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	early, _, _ := connected(t, "2021")
	if _, err := early.Pay(t.Context(), "bob", 1); err != ErrNotLoggedIn {
		t.Errorf("before login: %v", err)
	}
}

// A payment to this user is passed on as it came, once, whatever ends it.
func TestPaid(t *testing.T) {
	t.Parallel()
	_, server, told, address := loggedIn(t, "2021", "bob")
	endings := map[string]string{
		"nothing": "", "CRLF": "\r\n", "LF": "\n", "NUL": "\x00", "padding": strings.Repeat("\x00", 987), "stale bytes": "\x00ld#999#bob\x00",
	}
	for name, ending := range endings {
		for _, leaves := range []bool{false, true} {
			peer := dialled(t, address)
			peer.says("alice#100#bob" + ending)
			if leaves {
				peer.conn.Close()
			}
			server.hears("alice#100#bob")
			if e := told.wait(t, Paid); e.Payment != payment("alice", 100, "bob") {
				t.Errorf("%s: told %+v", name, e)
			}
		}
	}
	told.none(t, Ignored)
}

// What is no payment to this user goes nowhere, and harms nothing.
func TestIgnored(t *testing.T) {
	tests := []struct{ name, text, why string }{
		{"garbage", "\x16\x03\x01\xff\xfe", "no payment"},
		{"endless", strings.Repeat("x", 100_000), "no payment"},
		{"login", "alice#5001", "no payment"},
		{"exit", "Exit", "no payment"},
		{"no amount", "alice#0#bob", "no payment"},
		{"too much", "alice#2147483648#bob", "no payment"},
		{"other payee", "alice#100#bobby", "not for me"},
		{"me as payer", "bob#100#alice", "not for me"},
	}
	_, server, told, address := loggedIn(t, "2021", "bob")
	for _, test := range tests {
		peer := dialled(t, address)
		_, _ = peer.conn.Write([]byte(test.text)) // may be cut off in the middle
		if e := told.wait(t, Ignored); !strings.HasPrefix(e.Text, test.why+", from 127.0.0.1:") {
			t.Errorf("%s: %q", test.name, e.Text)
		}
	}
	for range 50 {
		dialled(t, address) // silent
		dialled(t, address).resets()
		dialled(t, address).conn.Close()
	}
	told.none(t, Ignored)
	dialled(t, address).says("alice#1#bob")
	server.hears("alice#1#bob")
}

// Many may pay at once, while the user asks for the list: nothing is lost, and the
// answer is matched to the question.
func TestPaidByMany(t *testing.T) {
	t.Parallel()
	const peers = 10
	client, server, told, address := loggedIn(t, "2020", "bob")
	want := map[string]bool{"List": true}
	for i := range peers {
		text := fmt.Sprintf("alice#%d#bob", 1+i)
		want[text] = true
		dialled(t, address).says(text)
	}
	done := later(func() error {
		reply, err := client.List(t.Context())
		if err == nil && reply.Listing.Balance != 7 {
			err = fmt.Errorf("read as %+v", reply)
		}
		return err
	})
	_ = server.conn.SetReadDeadline(time.Now().Add(bound))
	for lines := bufio.NewScanner(server.conn); len(want) > 0 && lines.Scan(); {
		if !want[lines.Text()] {
			t.Errorf("the server received %q, which nobody sent, or again", lines.Text())
		}
		delete(want, lines.Text())
		if lines.Text() == "List" {
			server.says("Transfer Fail!\r\n7\r\n0\r\n")
		}
	}
	if len(want) > 0 {
		t.Errorf("the server did not receive %v", want)
	}
	if err := soon(t, done); err != nil {
		t.Error(err)
	}
	told.wait(t, Notice)
}

// Two payments over one connection are two.
func TestPaidTwice(t *testing.T) {
	_, server, _, address := loggedIn(t, "2021", "bob")
	peer := dialled(t, address)
	peer.says("alice#1#bob\r\nalice#1#bob\r\n")
	server.hears("alice#1#bob")
	server.hears("alice#1#bob")
}
