package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A pair is a payer and a payee, and what the test knows of the payee's balance.
type pair struct {
	id           int
	payer, payee string
	paid         int64 // payments that the payer was told of
	registered   []string
}

const (
	pairs  = 4
	rounds = 50 // of start, load and kill -9
	acks   = 12 // of payments and registrations, in a round, before it is killed
	opened = 10_000
)

// Killed with -9 again and again in the midst of payments and registrations, the
// server has lost none that it acknowledged, and made or lost no money. (This shows
// that nothing is acknowledged too early. That a commit waits for the disk it cannot
// show: the ledger's tests look at the setting.)
func TestKill(t *testing.T) {
	dir := t.TempDir()
	all := make([]*pair, pairs)
	for i := range all {
		all[i] = &pair{id: i, payer: fmt.Sprintf("payer%d", i), payee: fmt.Sprintf("payee%d", i)}
	}
	for round := range rounds {
		p := start(t, dir, "-d", "--keep-db")
		var load sync.WaitGroup
		acked := &atomic.Int64{}
		enough := make(chan struct{})
		for _, pair := range all {
			payer, payee := pair.check(t, p, round == 0)
			load.Go(func() { pair.pay(payer, payee, acked, enough) })
			other := p.connect()
			load.Go(func() { pair.register(other, round, acked, enough) })
		}
		<-enough
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.cmd.Wait()
		load.Wait()
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	p := start(t, dir, "-d")
	total := 0
	for _, pair := range all {
		pair.check(t, p, false)
		total += int(pair.paid)
	}
	if total < rounds {
		t.Errorf("%d payments in %d rounds: hardly any load", total, rounds)
	}
}

// check logs both in and compares what they have with what was acknowledged: one
// payment more may have been committed when the server was killed.
func (pair *pair) check(t *testing.T, p *process, first bool) (payer, payee *conn) {
	t.Helper()
	payer, payee = p.connect(), p.connect()
	if first {
		payer.lines(t, "REGISTER#"+pair.payer, 1)
		payee.lines(t, "REGISTER#"+pair.payee, 1)
	}
	left, got := balance(t, payer, pair.payer), balance(t, payee, pair.payee)
	if left+got != 2*opened {
		t.Errorf("%s and %s have %d together", pair.payer, pair.payee, left+got)
	}
	switch got - opened {
	case pair.paid:
	case pair.paid + 1:
		pair.paid++
	default:
		t.Errorf("%s was paid %d times, and has %d", pair.payee, pair.paid, got)
	}
	for _, name := range pair.registered {
		if line := payee.lines(t, "REGISTER#"+name, 1); line != "210 FAIL" {
			t.Errorf("%s was registered, and now is not: %s", name, line)
		}
	}
	pair.registered = nil
	return payer, payee
}

// balance logs an account in and returns what it has.
func balance(t *testing.T, c *conn, name string) int64 {
	t.Helper()
	lines := strings.Fields(c.lines(t, name+"#5000", 4)) // "public key" makes two
	n, err := strconv.ParseInt(lines[0], 10, 64)
	if err != nil {
		t.Fatalf("login of %s: %q", name, lines)
	}
	online, err := strconv.Atoi(lines[3])
	if err != nil {
		t.Fatalf("login of %s: %q", name, lines)
	}
	for range online - 1 {
		if _, err := c.line(); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// pay pays 1 as often as it can until the server is gone.
func (pair *pair) pay(payer, payee *conn, acked *atomic.Int64, enough chan struct{}) {
	for {
		if _, err := io.WriteString(payee, pair.payer+"#1#"+pair.payee+"\r\n"); err != nil {
			return
		}
		if line, err := payer.line(); err != nil || line != "Transfer OK!" {
			return
		}
		pair.paid++
		count(acked, enough)
	}
}

// register makes new accounts until the server is gone.
func (pair *pair) register(c *conn, round int, acked *atomic.Int64, enough chan struct{}) {
	for i := 0; ; i++ {
		name := fmt.Sprintf("new%dx%dx%d", pair.id, round, i)
		if line, err := c.ask("REGISTER#" + name); err != nil || line != "100 OK" {
			return
		}
		pair.registered = append(pair.registered, name)
		count(acked, enough)
	}
}

// count closes enough when there are.
func count(acked *atomic.Int64, enough chan struct{}) {
	if acked.Add(1) == acks {
		close(enough)
	}
}
