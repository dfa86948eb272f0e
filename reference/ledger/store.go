package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// ErrLocked says that another program, such as a sqlite3 shell with a transaction
// open, holds the database.
var ErrLocked = errors.New("locked by another program")

// The table is that of the manual. A person may read it with the sqlite3 shell
// while the server runs. The address and private_port are the client's end of its
// connection; public_port is where it listens for other clients.
const schema = `CREATE TABLE IF NOT EXISTS client (
	username      TEXT PRIMARY KEY,
	ip            TEXT NOT NULL,
	public_port   INTEGER NOT NULL,
	private_port  INTEGER NOT NULL,
	online_status INTEGER NOT NULL,
	balance       INTEGER NOT NULL
)`

const saveRow = `INSERT INTO client (username, ip, public_port, private_port, online_status, balance)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (username) DO UPDATE SET ip = excluded.ip, public_port = excluded.public_port,
	private_port = excluded.private_port, online_status = excluded.online_status, balance = excluded.balance`

const loadRows = `SELECT username, ip, public_port, private_port, balance FROM client`

// busy is how long another program may keep us waiting, in milliseconds. Readers
// never do (WAL), so that is for a shell that writes at the wrong moment.
const busy = 200

// A store is the database: one connection, which always has a transaction open, so
// that nobody else can write and a reader is never in the way.
type store struct {
	db   *sql.DB
	conn *sql.Conn
	save *sql.Stmt

	begun bool // a transaction is open
}

// background is for statements: they are short, and never to be given up halfway.
var background = context.Background()

// openStore opens or makes the database and reads all accounts.
//
// Making one waits for no disk (synchronous is OFF meanwhile): nothing is in it yet
// that could be lost, and a server that starts at once is worth having. settle
// makes up for it before the first commit.
func openStore(path string) (_ *store, _ map[string]Account, err error) {
	info, err := os.Stat(path)
	fresh := errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0
	db, err := sql.Open("sqlite3", fmt.Sprintf("%s?_busy_timeout=%d", path, busy))
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			db.Close()
			err = plain(err)
		}
	}()
	s := &store{db: db}
	if s.conn, err = db.Conn(background); err != nil {
		return nil, nil, err
	}
	synchronous := "FULL"
	if fresh {
		synchronous = "OFF"
	}
	if err = s.exec(
		"PRAGMA synchronous = "+synchronous,
		"PRAGMA journal_mode = WAL",
		"BEGIN IMMEDIATE",
		schema,
		"UPDATE client SET online_status = 0 WHERE online_status <> 0",
	); err != nil {
		return nil, nil, err
	}
	if s.save, err = s.conn.PrepareContext(background, saveRow); err != nil {
		return nil, nil, err
	}
	accounts, err := s.load()
	if err != nil {
		return nil, nil, err
	}
	err = s.exec("COMMIT", "PRAGMA synchronous = FULL")
	return s, accounts, err
}

// settle has a new database on the disk before the first commit relies on it, and
// opens the first transaction. A failure here is one of the first commit too, which
// tries again.
func (s *store) settle() {
	_ = s.exec("PRAGMA wal_checkpoint")
	_ = s.begin()
}

// load reads the accounts. They are all offline.
func (s *store) load() (map[string]Account, error) {
	rows, err := s.conn.QueryContext(background, loadRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	accounts := map[string]Account{}
	for rows.Next() {
		var a Account
		var ip string
		var port uint16
		if err := rows.Scan(&a.Name, &ip, &a.Port, &port, &a.Balance); err != nil {
			return nil, err
		}
		if addr, err := netip.ParseAddr(ip); err == nil {
			a.Client = netip.AddrPortFrom(addr, port)
		}
		accounts[a.Name] = a
	}
	return accounts, rows.Err()
}

// commit writes the rows to the disk, all or none, and opens the next transaction.
func (s *store) commit(rows []Account) error {
	if len(rows) == 0 {
		return nil
	}
	if err := s.begin(); err != nil {
		return err
	}
	err := s.write(rows)
	s.begun = false
	if err != nil {
		_ = s.exec("ROLLBACK") // fails if SQLite has done it already
	}
	_ = s.begin() // or else the next commit does
	return err
}

// begin opens a transaction unless one is open.
func (s *store) begin() error {
	if s.begun {
		return nil
	}
	if err := s.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	s.begun = true
	return nil
}

func (s *store) write(rows []Account) error {
	for _, a := range rows {
		ip, port := a.Client.Addr().String(), a.Client.Port()
		if _, err := s.save.ExecContext(background, a.Name, ip, a.Port, port, a.Online, a.Balance); err != nil {
			return err
		}
	}
	return s.exec("COMMIT")
}

// close keeps the database.
func (s *store) close() error {
	_ = s.exec("ROLLBACK") // nothing is in it
	return s.db.Close()
}

// discard is close for a database that is to be deleted: no need to wait for the disk.
func (s *store) discard() error {
	_ = s.exec("ROLLBACK", "PRAGMA synchronous = OFF")
	return s.db.Close()
}

func (s *store) exec(statements ...string) error {
	for _, statement := range statements {
		if _, err := s.conn.ExecContext(background, statement); err != nil {
			return err
		}
	}
	return nil
}

// plain says what went wrong in the words of this package.
func plain(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked) {
		return ErrLocked
	}
	return fmt.Errorf("cannot open it: %s", strings.ToLower(err.Error()))
}
