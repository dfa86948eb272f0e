package client

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"paycheck/reference/ledger"
	"paycheck/reference/server"
	"paycheck/spec/edition"
)

// serving is the reference server with a limit.
func serving(t *testing.T, e edition.Edition, limit int) (address string) {
	t.Helper()
	accounts, err := ledger.Open(filepath.Join(t.TempDir(), "server.db"))
	if err != nil {
		t.Fatal(err)
	}
	listener := listen(t)
	console := server.NewConsole(io.Discard, server.Events)
	s := server.New(server.Config{Edition: e, Ledger: accounts, Console: console, Limit: limit})
	ctx, stop := context.WithCancel(context.Background())
	served := later(func() error { return s.Serve(ctx, listener) })
	t.Cleanup(func() {
		stop()
		if err := soon(t, served); err != nil {
			t.Error(err)
		}
		console.Close()
		if err := accounts.Remove(); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// Two clients pay each other at the reference server, a third waits for a place.
func TestPair(t *testing.T) {
	for _, e := range edition.All {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			address := serving(t, e, 2)
			deposit := ""
			if e.Deposit {
				deposit = fmt.Sprintf(" %d", e.InitialBalance)
			}
			enter := func(name string) seat {
				s := sit(t, address, e.Name, false)
				s.types("register "+name+deposit, "register "+name+deposit, "login "+name+" 0")
				return s
			}
			alice := enter("alice")
			alice.shows("Registered alice.\nregister failed: the server says: 210 FAIL (the name is taken).\nLogged in as alice")
			bob := enter("bob")
			bob.shows("Online: 2\n")
			carol := enter("carol")
			carol.shows("Waiting for the server, perhaps for a free place.\n")

			for range 3 {
				alice.types("pay bob 100")
				bob.types("pay alice 30")
				alice.shows("Sent 100 to bob at 127.0.0.1:")
				bob.shows("Sent 30 to alice at 127.0.0.1:")
				for _, s := range []seat{alice, bob} {
					s.types("wait 9", "wait 9") // each is paid, and told about its payment
					s.shows("Waited for: ")
					s.shows("Waited for: ")
				}
			}
			alice.types("pay bob 999999")
			alice.shows("The server says: Transfer Fail!\n")
			bob.types("list")
			bob.shows("Balance: 10210\n")
			alice.types("list", "exit")
			alice.shows("Balance: 9790\n")
			alice.shows("The server says: Bye\n")
			if err := soon(t, alice.ended); err != nil {
				t.Error(err)
			}
			carol.shows("Registered carol.\n")
			carol.shows("Online: 2\n")
			carol.types("pay alice 1")
			carol.shows("pay failed: alice is not online.\n")
		})
	}
}
