package client

import (
	"net"
	"testing"
	"time"

	"paycheck/reference/wire"
	"paycheck/spec/edition"
)

// A clocked connection notes when each write begins.
type clocked struct {
	net.Conn
	writes chan time.Time
}

func (c clocked) Write(p []byte) (int, error) {
	c.writes <- time.Now()
	return c.Conn.Write(p)
}

// Behind a payment that was passed on comes nothing for a while, neither another

// write is one read.
func TestForwardPause(t *testing.T) {
	near, remote := net.Pipe()
	t.Cleanup(func() { near.Close(); remote.Close() })
	server := far{t, remote}
	conn := clocked{near, make(chan time.Time, 10)}
	l := newLink(conn, edition.Default(), newLog().tell)

	for range 3 {
		done := later(func() error { return l.forward(t.Context(), payment("alice", 1, "bob")) })
		server.hears("alice#1#bob")
		if err := soon(t, done); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		done := later(func() error { _, err := l.ask(t.Context(), wire.List{}); return err })
		server.hears("List")
		server.says("7\r\nkey\r\n0\r\n")
		if err := soon(t, done); err != nil {
			t.Fatal(err)
		}
	}
	last := <-conn.writes
	for range 3 {
		next := <-conn.writes
		if next.Sub(last) < ForwardPause {
			t.Errorf("a write %v after a payment, want %v at least", next.Sub(last), ForwardPause)
		}
		last = next
	}
}
