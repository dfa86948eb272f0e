package ledger

import "fmt"

// Register makes an account, or returns [ErrTaken].
func (l *Ledger) Register(name string, balance int64) error {
	return l.do(func(b *batch) error {
		if b.has(name) {
			return ErrTaken
		}
		b.put(Account{Name: name, Balance: balance})
		return nil
	})
}

// Login brings an account online, or returns [ErrUnknown]. One that is online
// already is taken over: it is online where it logged in last.
func (l *Ledger) Login(name string, where Presence) error {
	return l.do(func(b *batch) error {
		if !b.has(name) {
			return ErrUnknown
		}
		a := b.get(name)
		a.Presence = where
		a.Online = true
		b.put(a)
		return nil
	})
}

// Logout takes an account offline, if it is online on that session. One that was
// taken over by another session stays online there.
func (l *Ledger) Logout(name string, session uint64) error {
	return l.do(func(b *batch) error {
		a := b.get(name)
		if !a.Online || a.Session != session {
			return nil
		}
		a.Online = false
		b.put(a)
		return nil
	})
}

// Pay moves amount, in whole units, from payer to payee, on the word of a session.
// The error has [ErrRefused] in its chain unless both are online, the payee on this
// session, and the payer's balance covers the amount.
func (l *Ledger) Pay(payer string, amount int64, payee string, session uint64) error {
	return l.do(func(b *batch) error {
		from, to := b.get(payer), b.get(payee)
		switch {
		case !to.Online || to.Session != session:
			return fmt.Errorf("%w: it does not come from the payee", ErrRefused)
		case payer == payee:
			return fmt.Errorf("%w: payer and payee are one", ErrRefused)
		case !from.Online:
			return fmt.Errorf("%w: the payer is not online", ErrRefused)
		case amount < 1:
			return fmt.Errorf("%w: it is of no valid amount", ErrRefused)
		case amount > from.Balance:
			return fmt.Errorf("%w: the payer has less", ErrRefused)
		}
		from.Balance -= amount
		to.Balance += amount
		b.put(from)
		b.put(to)
		return nil
	})
}
