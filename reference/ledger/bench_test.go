package ledger

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkPay measures durable payments that many callers make at once, each
// after its last was committed, beside SQLite with one commit for each payment.
// It reports payments a second, and how many times the baseline that is: at 64
// callers it is to be 5 at least, at 8 at least 1.8.
//
// The two take turns, so that what else the disk does hits both, and the median of
// the rounds is reported.
func BenchmarkPay(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l := openTemp(b)
			pay := make([]func() error, callers)
			for i := range pay {
				payer, payee, session := fmt.Sprintf("payer%d", i), fmt.Sprintf("payee%d", i), uint64(i+1)
				online(b, l, payer, 1<<40, 0)
				online(b, l, payee, 0, session)
				pay[i] = func() error { return l.Pay(payer, 1, payee, session) }
			}
			plain := baseline(b, callers)
			var took time.Duration
			var ratios []float64
			b.ResetTimer()
			const rounds, each = 9, 50 // payments of the baseline: a second in all on a slow disk
			for i := range min(rounds, b.N) {
				n := (b.N + i) / min(rounds, b.N)
				our := share(b, n, pay)
				b.StopTimer()
				their := share(b, each, plain)
				b.StartTimer()
				took += our
				ratios = append(ratios, float64(n)/our.Seconds()*their.Seconds()/each)
			}
			slices.Sort(ratios)
			b.ReportMetric(float64(b.N)/took.Seconds(), "payments/s")
			b.ReportMetric(ratios[len(ratios)/2], "x-baseline")
		})
	}
}

// share has each of the callers make its part of n calls, and says how long it took.
func share(b *testing.B, n int, calls []func() error) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for i, call := range calls {
		wg.Go(func() {
			for range (n + i) / len(calls) {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// baseline is the same number of callers with plain SQLite: the same journal and
// synchronous setting, one transaction and one commit for each payment.
func baseline(b *testing.B, callers int) []func() error {
	b.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(b.TempDir(), "plain.db")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		b.Fatal(err)
	}
	for i := range 2 {
		if _, err := db.Exec(saveRow, fmt.Sprint(i), "", 0, 0, 1, 1<<40); err != nil {
			b.Fatal(err)
		}
	}
	move, err := db.Prepare("UPDATE client SET balance = balance + ? WHERE username = ?")
	if err != nil {
		b.Fatal(err)
	}
	pay := func() error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.Stmt(move).Exec(-1, "0"); err != nil {
			return err
		}
		if _, err := tx.Stmt(move).Exec(1, "1"); err != nil {
			return err
		}
		return tx.Commit()
	}
	return slices.Repeat([]func() error{pay}, callers)
}
