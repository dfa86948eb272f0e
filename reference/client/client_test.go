package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"paycheck/reference/wire"
)

// What is sent, byte for byte, in each edition.
func TestRequests(t *testing.T) {
	tests := []struct {
		edition string
		deposit int64
		list    string
		want    []string
	}{
		{"2021", 0, "7\r\nkey\r\n0\r\n", []string{"REGISTER#alice", "alice#%d", "List", "Exit"}},
		{"2020", 500, "7\r\n0\r\n", []string{"REGISTER#alice#500\r\n", "alice#%d\r\n", "List\r\n", "Exit\r\n"}},
	}
	for _, test := range tests {
		t.Run(test.edition, func(t *testing.T) {
			client, server, _ := connected(t, test.edition)
			ctx := t.Context()

			done := later(func() error { return client.Register(ctx, "alice", test.deposit) })
			server.hears(test.want[0])
			server.says("100 OK\r\n")
			if err := soon(t, done); err != nil {
				t.Fatal(err)
			}

			var port int
			done = later(func() (err error) { _, port, err = client.Login(ctx, "alice", 0); return err })
			login := server.next()
			server.says(test.list)
			if err := soon(t, done); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf(test.want[1], port); login != want || port == 0 {
				t.Errorf("login %q, want %q", login, want)
			}

			done = later(func() error { _, err := client.List(ctx); return err })
			server.hears(test.want[2])
			server.says(test.list)
			if err := soon(t, done); err != nil {
				t.Fatal(err)
			}

			done = later(func() error { _, err := client.Exit(ctx); return err })
			server.hears(test.want[3])
			server.says("Bye\r\n")
			if err := soon(t, done); err != nil {
				t.Fatal(err)
			}
			if wrote := int64(len(strings.Join(test.want, "")) - len("%d") + len(fmt.Sprint(port))); client.Traffic.Written.Load() != wrote {
				t.Errorf("counted %d bytes written, want %d", client.Traffic.Written.Load(), wrote)
			}
		})
	}
}

// Only 100 OK is a registration, and only a list is a login.
func TestRefusals(t *testing.T) {
	for _, reply := range []string{"210 FAIL\r\n", "210 FAIL\n", "220 AUTH_FAIL\r\n", "220 AUTH_FAIL\n", "Please login first\r\n", "230 Input format error\n"} {
		t.Run(fmt.Sprintf("%q", reply), func(t *testing.T) {
			client, server, _ := connected(t, "2021")
			ask := map[string]func() error{
				"register": func() error { return client.Register(t.Context(), "alice", 0) },
				"login":    func() error { _, _, err := client.Login(t.Context(), "alice", 0); return err },
				"list":     func() error { _, err := client.List(t.Context()); return err },
			}
			var request string
			for name, ask := range ask {
				done := later(ask)
				request = server.next()
				server.says(reply)
				var refused *Refused
				if err := soon(t, done); !errors.As(err, &refused) || refused.Reply.Line != strings.TrimSpace(reply) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if client.Name() != "" {
				t.Errorf("logged in as %q after %q", client.Name(), request)
			}
		})
	}
}

// A refused login leaves nothing behind: the next one may take the same port.
func TestLoginAgain(t *testing.T) {
	client, server, _ := connected(t, "2021")
	var port int
	login := func() (err error) { _, port, err = client.Login(t.Context(), "alice", port); return err }

	free := listen(t)
	port = free.Addr().(*net.TCPAddr).Port
	free.Close()
	for _, reply := range []string{"220 AUTH_FAIL\r\n", "10000\r\nkey\r\n0\r\n"} {
		done := later(login)
		server.next()
		server.says(reply)
		if err := soon(t, done); (err == nil) != (reply[0] == '1') {
			t.Fatalf("after %q: %v", reply, err)
		}
	}
	if err := login(); !errors.Is(err, ErrLoggedIn) {
		t.Errorf("a third login: %v", err)
	}
}

// Notices, split replies and joined ones never shift an answer.
func TestReplies(t *testing.T) {
	const list = "7\r\nkey\r\n1\r\nalice#127.0.0.1#5001\r\n"
	tests := []struct {
		name    string
		parts   []string
		notices int
	}{
		{"whole", []string{list}, 0},
		{"LF", []string{strings.ReplaceAll(list, "\r", "")}, 0},
		{"byte by byte", strings.Split(list, ""), 0},
		{"notice before, joined", []string{"Transfer OK!\r\n" + list}, 1},
		{"notice before, apart", []string{"Transfer Fail!\r\n", list}, 1},
		{"notice after, joined", []string{list + "Transfer OK!\r\n"}, 1},
		{"notice split", []string{"Trans", "fer OK!\r", "\n7\r\nke", "y\r\n1\r\nalice#127.0.0.1#50", "01\r\n"}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, server, told := connected(t, "2021")
			for range 2 { // the second shows what the first left behind
				done := later(func() error {
					reply, err := client.List(t.Context())
					if err == nil && (reply.Listing.Balance != 7 || len(reply.Listing.Online) != 1 || reply.Err != nil) {
						err = fmt.Errorf("read as %+v", reply)
					}
					return err
				})
				server.hears("List")
				for _, part := range test.parts {
					server.says(part)
				}
				if err := soon(t, done); err != nil {
					t.Fatal(err)
				}
				for range test.notices {
					told.wait(t, Notice)
				}
			}
			told.none(t, Notice)
			told.none(t, Said)
		})
	}
}

// A server may greet, or say that it is full, and then answers as any other.
func TestGreeting(t *testing.T) {
	client, server, told := connected(t, "2021")
	done := later(func() error { return client.Register(t.Context(), "alice", 0) })
	server.hears("REGISTER#alice")
	server.says("Connection success, accepted\n")
	if e := told.wait(t, Said); e.Text != "Connection success, accepted" {
		t.Errorf("told %q", e.Text)
	}
	server.says("100 OK\n")
	if err := soon(t, done); err != nil {
		t.Fatal(err)
	}
}

// What is no greeting is an answer, in whatever words: later, or to List.
func TestProse(t *testing.T) {
	client, server, told := connected(t, "2021")
	done := later(func() error { _, err := client.List(t.Context()); return err })
	server.hears("List")
	server.says("Who are you?\r\n")
	var refused *Refused
	if err := soon(t, done); !errors.As(err, &refused) || refused.Reply.Line != "Who are you?" {
		t.Errorf("List: %v", err)
	}
	client.link.mu.Lock()
	client.link.opened = client.link.opened.Add(-GreetingWindow)
	client.link.mu.Unlock()
	done = later(func() error { return client.Register(t.Context(), "alice", 0) })
	server.hears("REGISTER#alice")
	server.says("user exists\r\n")
	if err := soon(t, done); !errors.As(err, &refused) || refused.Reply.Line != "user exists" {
		t.Errorf("Register: %v", err)
	}
	told.none(t, Said)
}

// A slow server is waited for, and the user knows.
func TestWaiting(t *testing.T) {
	t.Parallel()
	client, server, told := connected(t, "2021")
	done := later(func() error { return client.Register(t.Context(), "alice", 0) })
	server.hears("REGISTER#alice")
	told.wait(t, Waiting)
	select {
	case err := <-done:
		t.Fatalf("it gave up: %v", err)
	default:
	}
	server.says("100 OK\r\n")
	if err := soon(t, done); err != nil {
		t.Fatal(err)
	}
}

// Lists that lie or stop are shown as far as they came, and the next is good.
func TestBadLists(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, list string
		users      int
		whole      bool
	}{
		{"too many counted", "7\r\nkey\r\n3\r\nal#127.0.0.1#1\r\n", 1, false},
		{"too few counted", "7\r\nkey\r\n1\r\nal#127.0.0.1#1\r\nbo#127.0.0.1#2\r\n", 1, true},
		{"no count", "7\r\nkey\r\nmany\r\n", 0, false},
		{"only a balance", "7\r\n", 0, false},
		{"last line without end", "7\r\nkey\r\n1\r\nal#127.0.0.1#1", 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, server, _ := connected(t, "2021")
			var reply wire.Reply
			ask := func() (err error) { reply, err = client.List(t.Context()); return err }

			done := later(ask)
			server.hears("List")
			server.says(test.list)
			if err := soon(t, done); err != nil || len(reply.Listing.Online) != test.users || (reply.Err == nil) != test.whole {
				t.Errorf("read as %+v, %v", reply, err)
			}
			done = later(ask)
			server.hears("List")
			server.says("8\r\nkey\r\n0\r\n")
			if err := soon(t, done); err != nil || reply.Listing.Balance != 8 || reply.Err != nil {
				t.Errorf("the next is read as %+v, %v", reply, err)
			}
		})
	}
}

// A server that is gone is an ErrLost, whatever the client was doing.
func TestLost(t *testing.T) {
	ends := map[string]func(far){
		"closes":         func(f far) { f.conn.Close() },
		"resets":         func(f far) { f.resets() },
		"closes in list": func(f far) { f.says("7\r"); f.conn.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			client, server, _ := connected(t, "2021")
			done := later(func() error { return client.Register(t.Context(), "alice", 0) })
			server.hears("REGISTER#alice")
			end(server)
			err := soon(t, done)
			if name == "closes in list" {
				var refused *Refused // what came is an answer, only no good one
				if !errors.As(err, &refused) {
					t.Errorf("the request: %v", err)
				}
			} else if !errors.Is(err, ErrLost) {
				t.Errorf("the request: %v", err)
			}
			select {
			case <-client.Gone():
			case <-time.After(bound):
				t.Fatal("the end was not noticed")
			}
			if _, err := client.List(t.Context()); !errors.Is(err, ErrLost) {
				t.Errorf("the next request: %v", err)
			}
		})
	}
}

// The goodbye takes Bye or the close, and waits for neither without end.
func TestExit(t *testing.T) {
	errWaited := errors.New("waited")
	tests := []struct {
		name   string
		answer func(far)
		want   error
	}{
		{"Bye", func(f far) { f.says("Bye\r\n") }, nil},
		{"Bye and close", func(f far) { f.says("Bye\r\n"); f.conn.Close() }, nil},
		{"Bye without end, and close", func(f far) { f.says("Bye"); f.conn.Close() }, nil},
		{"close", func(f far) { f.conn.Close() }, ErrLost},
		{"nothing", func(far) {}, errWaited},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, server, _ := connected(t, "2021")
			ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, errWaited)
			if test.want != errWaited {
				ctx = t.Context()
			}
			defer cancel()
			done := later(func() error { _, err := client.Exit(ctx); return err })
			server.hears("Exit")
			test.answer(server)
			if err := soon(t, done); !errors.Is(err, test.want) {
				t.Errorf("Exit: %v, want %v", err, test.want)
			}
		})
	}
}

// No Exit goes behind a request that is unanswered: the two could be read as one.
func TestExitWhileWaiting(t *testing.T) {
	client, server, _ := connected(t, "2021")
	ctx, cancel := context.WithCancel(t.Context())
	done := later(func() error { return client.Register(ctx, "alice", 0) })
	server.hears("REGISTER#alice")
	cancel()
	if err := soon(t, done); !errors.Is(err, context.Canceled) {
		t.Errorf("Register: %v", err)
	}
	if _, err := client.Exit(t.Context()); err == nil {
		t.Error("Exit was sent")
	}
	client.Close()
	server.ends()
}

func TestUnreachable(t *testing.T) {
	listener := listen(t)
	listener.Close()
	_, err := Dial(t.Context(), Config{Address: listener.Addr().String(), Tell: newLog().tell})
	if err == nil || !strings.HasSuffix(err.Error(), ": connection refused") {
		t.Errorf("Dial: %v", err)
	}
}
