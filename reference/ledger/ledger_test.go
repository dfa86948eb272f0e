package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func openTemp(t testing.TB) *Ledger {
	t.Helper()
	l, err := Open(filepath.Join(t.TempDir(), "server.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Remove(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// online registers an account with that balance and logs it in on a session.
func online(t testing.TB, l *Ledger, name string, balance int64, session uint64) {
	t.Helper()
	if err := l.Register(name, balance); err != nil {
		t.Fatal(err)
	}
	if err := l.Login(name, Presence{Session: session, Port: 5000}); err != nil {
		t.Fatal(err)
	}
}

func balances(l *Ledger, names ...string) (balances []int64) {
	for _, name := range names {
		a, _ := l.Snapshot(name)
		balances = append(balances, a.Balance)
	}
	return balances
}

func TestPay(t *testing.T) {
	const alice, bob, carol = 1, 2, 3 // sessions; dave is registered and offline
	tests := []struct {
		name       string
		payer      string
		amount     int64
		payee      string
		session    uint64
		refused    string // empty: paid
		alice, bob int64  // afterwards
	}{
		{name: "plain", payer: "alice", amount: 30, payee: "bob", session: bob, alice: 70, bob: 130},
		{name: "least", payer: "alice", amount: 1, payee: "bob", session: bob, alice: 99, bob: 101},
		{name: "all there is", payer: "alice", amount: 100, payee: "bob", session: bob, alice: 0, bob: 200},
		{name: "one more than there is", payer: "alice", amount: 101, payee: "bob", session: bob, refused: "has less", alice: 100, bob: 100},
		{name: "zero", payer: "alice", amount: 0, payee: "bob", session: bob, refused: "amount", alice: 100, bob: 100},
		{name: "negative", payer: "alice", amount: -1, payee: "bob", session: bob, refused: "amount", alice: 100, bob: 100},
		{name: "least integer", payer: "alice", amount: -1 << 63, payee: "bob", session: bob, refused: "amount", alice: 100, bob: 100},
		{name: "greatest integer", payer: "alice", amount: 1<<63 - 1, payee: "bob", session: bob, refused: "has less", alice: 100, bob: 100},
		{name: "to oneself", payer: "bob", amount: 1, payee: "bob", session: bob, refused: "are one", alice: 100, bob: 100},
		{name: "sent by the payer", payer: "alice", amount: 1, payee: "bob", session: alice, refused: "not come from", alice: 100, bob: 100},
		{name: "sent by a third", payer: "alice", amount: 1, payee: "bob", session: carol, refused: "not come from", alice: 100, bob: 100},
		{name: "payer offline", payer: "dave", amount: 1, payee: "bob", session: bob, refused: "not online", alice: 100, bob: 100},
		{name: "payer unknown", payer: "eve", amount: 1, payee: "bob", session: bob, refused: "not online", alice: 100, bob: 100},
		{name: "payee offline", payer: "alice", amount: 1, payee: "dave", session: bob, refused: "not come from", alice: 100, bob: 100},
		{name: "payee unknown", payer: "alice", amount: 1, payee: "eve", session: bob, refused: "not come from", alice: 100, bob: 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := openTemp(t)
			online(t, l, "alice", 100, alice)
			online(t, l, "bob", 100, bob)
			online(t, l, "carol", 100, carol)
			if err := l.Register("dave", 100); err != nil {
				t.Fatal(err)
			}
			err := l.Pay(test.payer, test.amount, test.payee, test.session)
			switch {
			case test.refused == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.refused != "" && (!errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), test.refused)):
				t.Errorf("got %v; want a refusal that says %q", err, test.refused)
			}
			want := []int64{test.alice, test.bob, 100, 100, 0}
			if got := balances(l, "alice", "bob", "carol", "dave", "eve"); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("balances %v, want %v", got, want)
			}
			if l.Len() != 4 {
				t.Errorf("%d accounts", l.Len())
			}
		})
	}
}

func TestRegister(t *testing.T) {
	l := openTemp(t)
	online(t, l, "alice", 7, 1)
	before, _ := l.Snapshot("alice")
	if err := l.Register("alice", 10_000); !errors.Is(err, ErrTaken) {
		t.Errorf("second registration: %v", err)
	}
	if after, _ := l.Snapshot("alice"); after != before {
		t.Errorf("a refused registration made %+v of %+v", after, before)
	}
	if err := l.Register("Alice", 1); err != nil {
		t.Errorf("names are compared letter for letter: %v", err)
	}
}

func TestPresence(t *testing.T) {
	l := openTemp(t)
	at := func(session uint64, port int) Presence {
		return Presence{session, netip.MustParseAddrPort("127.0.0.1:40000"), port}
	}
	steps := []struct {
		do   func() error
		err  error
		want string // who is online, and where
	}{
		{func() error { return l.Login("alice", at(1, 5001)) }, ErrUnknown, ""},
		{func() error { return l.Register("bob", 1) }, nil, ""},
		{func() error { return l.Register("alice", 1) }, nil, ""},
		{func() error { return l.Login("bob", at(1, 5001)) }, nil, "bob:5001 "},
		{func() error { return l.Login("alice", at(2, 5002)) }, nil, "alice:5002 bob:5001 "},
		{func() error { return l.Login("alice", at(3, 5003)) }, nil, "alice:5003 bob:5001 "}, // taken over
		{func() error { return l.Logout("alice", 2) }, nil, "alice:5003 bob:5001 "},          // by the older one
		{func() error { return l.Logout("eve", 1) }, nil, "alice:5003 bob:5001 "},
		{func() error { return l.Logout("alice", 3) }, nil, "bob:5001 "},
		{func() error { return l.Logout("alice", 3) }, nil, "bob:5001 "},
		{func() error { return l.Logout("bob", 1) }, nil, ""},
	}
	for i, step := range steps {
		if err := step.do(); !errors.Is(err, step.err) {
			t.Errorf("step %d: %v, want %v", i, err, step.err)
		}
		_, online := l.Snapshot("")
		got := ""
		for _, a := range online.Accounts {
			got += fmt.Sprintf("%s:%d ", a.Name, a.Port)
		}
		if got != step.want {
			t.Errorf("step %d: online %q, want %q", i, got, step.want)
		}
	}
}

// Whatever is paid at once, no money is made or lost, and no balance is overdrawn.
func TestConservation(t *testing.T) {
	const accounts, rounds = 8, 60
	l := openTemp(t)
	name := func(i int) string { return fmt.Sprintf("a%d", i%accounts) }
	for i := range accounts {
		online(t, l, name(i), 100, uint64(i+1))
	}
	var wg sync.WaitGroup
	var paid, refused atomic.Int64
	for i := range accounts {
		wg.Go(func() {
			for n := range rounds {
				amounts := []int64{10, 0, -5, 101, 1 << 62, 37}
				err := l.Pay(name(i+1+n%(accounts-1)), amounts[n%len(amounts)], name(i), uint64(i+1))
				switch {
				case err == nil:
					paid.Add(1)
				case errors.Is(err, ErrRefused):
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if paid.Load() == 0 || refused.Load() == 0 {
		t.Errorf("%d paid, %d refused: not much was tried", paid.Load(), refused.Load())
	}
	var sum int64
	for i := range accounts {
		a, _ := l.Snapshot(name(i))
		if a.Balance < 0 {
			t.Errorf("%s has %d", a.Name, a.Balance)
		}
		sum += a.Balance
	}
	if sum != accounts*100 {
		t.Errorf("the sum is %d", sum)
	}
}

func TestConcurrentRegistration(t *testing.T) {
	l := openTemp(t)
	var wg sync.WaitGroup
	var won atomic.Int64
	for i := range 20 {
		wg.Go(func() {
			switch err := l.Register("alice", int64(i)); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, ErrTaken):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || l.Len() != 1 {
		t.Errorf("%d registrations of one name succeeded, %d accounts", won.Load(), l.Len())
	}
}

// A commit that fails changes nothing, says so to everybody, and is not the end.
func TestFullDisk(t *testing.T) {
	l := openTemp(t)
	online(t, l, "alice", 100, 1)
	var pages int
	if err := l.store.conn.QueryRowContext(background, "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if err := l.store.exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages)
	var err error
	registered := 0
	for ; registered < 1000; registered++ {
		if err = l.Register(fmt.Sprintf("n%d", registered), 1); err != nil {
			break
		}
	}
	if err == nil || errors.Is(err, ErrTaken) {
		t.Fatalf("%d accounts fit on a full disk: %v", registered, err)
	}
	name := fmt.Sprintf("n%d", registered)
	if a, _ := l.Snapshot(name); a.Name != "" || l.Len() != registered+1 {
		t.Errorf("%d accounts, and %+v, after a commit that failed", l.Len(), a)
	}
	limit(pages + 100)
	if err := l.Register(name, 1); err != nil {
		t.Errorf("after there was room again: %v", err)
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.db")
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	online(t, l, "alice", 100, 1)
	online(t, l, "bob", 100, 2)
	if err := l.Pay("alice", 30, "bob", 2); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = Open(path); err != nil {
		t.Fatal(err)
	}
	if got := balances(l, "alice", "bob"); got[0] != 70 || got[1] != 130 {
		t.Errorf("balances %v after a restart", got)
	}
	if alice, online := l.Snapshot("alice"); alice.Online || len(online.Accounts) != 0 {
		t.Errorf("online after a restart: %v", online.Accounts)
	}
	if err := l.Remove(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The pragma that makes a commit wait for the disk is in force, in a database that
// was just made and in one that was there.
func TestSynchronous(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.db")
	for _, when := range []string{"made", "reopened"} {
		l, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Register(when, 1); err != nil { // then the writer is at rest
			t.Fatal(err)
		}
		var synchronous int
		var journal string
		row := l.store.conn.QueryRowContext(background, "SELECT synchronous, journal_mode FROM pragma_synchronous, pragma_journal_mode")
		if err := row.Scan(&synchronous, &journal); err != nil {
			t.Fatal(err)
		}
		if synchronous != 2 || journal != "wal" {
			t.Errorf("%s: synchronous = %d, journal_mode = %s; want 2 (FULL) and wal", when, synchronous, journal)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Another program may read the table at any time, and may not write.
func TestOtherPrograms(t *testing.T) {
	l := openTemp(t)
	online(t, l, "alice", 100, 1)
	other, err := sql.Open("sqlite3", l.path+"?_busy_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	var row string
	err = other.QueryRow("SELECT username || '|' || public_port || '|' || online_status || '|' || balance FROM client").Scan(&row)
	if err != nil || row != "alice|5000|1|100" {
		t.Errorf("read %q, %v", row, err)
	}
	if _, err := other.Exec("UPDATE client SET balance = 0"); err == nil {
		t.Error("another program could write")
	}
}

func TestOpenRefused(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, path string)
		is      error
		says    string
	}{
		{name: "another server", is: ErrInUse, prepare: func(t *testing.T, path string) {
			l, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
		}},
		{name: "a transaction", is: ErrLocked, prepare: func(t *testing.T, path string) {
			db, err := sql.Open("sqlite3", path+"?_txlock=exclusive")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { tx.Rollback() })
		}},
		{name: "no database", says: "not a database", prepare: func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("text ", 200)), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "another table", says: "no such column", prepare: func(t *testing.T, path string) {
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("CREATE TABLE client (id INTEGER)"); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a directory", says: "unable to open", prepare: func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "server.db")
			test.prepare(t, path)
			l, err := Open(path)
			switch {
			case err == nil:
				l.Close()
				t.Fatal("opened")
			case test.is != nil && !errors.Is(err, test.is):
				t.Errorf("got %v, want %v", err, test.is)
			case !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n"):
				t.Errorf("got %q, want one line that says %q", err, test.says)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("what was there is gone: %v", err)
			}
		})
	}
}
