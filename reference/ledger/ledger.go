// Package ledger keeps the accounts of the server: who there is, who is online,
// who has how much.
//
// There is one rule. Every change goes through one goroutine, the writer, which
// decides it, commits it to the database, then shows it to readers, and only then
// tells whoever asked for it. So what a reader sees, and what a client is told, is
// in the database already and outlives a crash: a list is never ahead of what
// would be found after a restart.
//
// One commit costs a wait for the disk. All changes that queue up during one
// commit therefore share the next ([Ledger.Register], [Ledger.Login],
// [Ledger.Logout] and [Ledger.Pay] may be called by many goroutines at once), and
// readers are served from memory.
package ledger

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
)

// What a change is refused for. All else that a change returns is a failure of the
// database, after which nothing is changed.
var (
	ErrTaken   = errors.New("the name is taken")
	ErrUnknown = errors.New("nobody has registered the name")
	ErrRefused = errors.New("payment refused") // in the chain of every refusal of Pay
)

// ErrInUse says that another server has the database open.
var ErrInUse = errors.New("in use by another server")

// An Account is one row of the table.
type Account struct {
	Name    string
	Balance int64 // whole units
	Online  bool
	Presence
}

// A Presence is where an account is online, or was last.
type Presence struct {
	Session uint64         // the connection, by a number that is never used again; not stored
	Client  netip.AddrPort // the client's end of that connection
	Port    int            // where the client listens for other clients
}

// Online is who is online as of one commit, by name. It is shared and never changed:
// what was online later is another one.
type Online struct{ Accounts []Account }

// A Ledger is an open database. Its methods are safe for use by many goroutines.
type Ledger struct {
	path  string
	lock  io.Closer
	store *store

	changes chan change   // to the writer
	stopped chan struct{} // closed when the writer has ended

	mu       sync.RWMutex
	accounts map[string]Account // as committed; only the writer changes it
	online   *Online            // those that are online; replaced, never changed
}

// Open opens the database at path, or makes a new one. Nobody is online in it.
//
// The error is [ErrInUse] if another server has it open, and [ErrLocked] if
// another program does not let go of it.
func Open(path string) (*Ledger, error) {
	lock, err := lockDir(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	store, accounts, err := openStore(path)
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	l := &Ledger{
		path:     path,
		lock:     lock,
		store:    store,
		changes:  make(chan change),
		stopped:  make(chan struct{}),
		accounts: accounts,
		online:   new(Online),
	}
	go l.write()
	return l, nil
}

// Close ends the writer and closes the database, which stays where it is. No other
// method may be running, or called later.
func (l *Ledger) Close() error {
	close(l.changes)
	<-l.stopped
	return errors.Join(l.store.close(), l.lock.Close())
}

// Remove is Close, and deletes the database with its side files.
func (l *Ledger) Remove() error {
	close(l.changes)
	<-l.stopped
	errs := []error{l.store.discard()}
	for _, side := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(l.path + side); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, l.lock.Close())...)
}

// Len is the number of accounts.
func (l *Ledger) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.accounts)
}

// Snapshot returns one account and all that are online, as of one and the same
// commit. The account is the zero value if there is none of that name.
func (l *Ledger) Snapshot(name string) (Account, *Online) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.accounts[name], l.online
}

// show lets readers see what was committed.
func (l *Ledger) show(changed map[string]Account) {
	online := make([]Account, 0, len(l.online.Accounts)+len(changed))
	for _, a := range l.online.Accounts {
		if _, again := changed[a.Name]; !again {
			online = append(online, a)
		}
	}
	for _, a := range changed {
		if a.Online {
			online = append(online, a)
		}
	}
	slices.SortFunc(online, func(a, b Account) int { return strings.Compare(a.Name, b.Name) })

	l.mu.Lock()
	defer l.mu.Unlock()
	l.online = &Online{online}
	for name, a := range changed {
		l.accounts[name] = a
	}
}
