package ledger

import (
	"maps"
	"runtime"
	"slices"
)

// A change is a decision that waits for the writer.
type change struct {
	decide func(*batch) error
	answer chan error
}

// do has the writer make one decision, and returns once that is committed.
func (l *Ledger) do(decide func(*batch) error) error {
	c := change{decide, make(chan error, 1)}
	l.changes <- c
	return <-c.answer
}

// write is the writer: it makes the decisions in the order in which they came, and
// commits as many at a time as there are.
func (l *Ledger) write() {
	defer close(l.stopped)
	l.store.settle()
	for first := range l.changes {
		b := &batch{before: l.accounts, changed: map[string]Account{}}
		together := append([]change{first}, l.queued()...)
		answers := make([]error, len(together))
		for i, c := range together {
			answers[i] = c.decide(b)
		}
		err := l.store.commit(slices.Collect(maps.Values(b.changed)))
		if err == nil {
			l.show(b.changed)
		}
		for i, c := range together {
			if err != nil {
				answers[i] = err // whatever was decided, it did not happen
			}
			c.answer <- answers[i]
		}
	}
}

// queued takes the changes that wait by now. Those who were just answered get the
// processor first: most of them have their next change ready at once, and it saves
// them waiting for a commit that they just missed.
func (l *Ledger) queued() (queued []change) {
	for {
		runtime.Gosched()
		select {
		case c := <-l.changes:
			queued = append(queued, c)
		default:
			return queued
		}
	}
}

// A batch is what was decided since the last commit, on top of what was committed.
type batch struct {
	before  map[string]Account
	changed map[string]Account
}

// get returns the account of that name as it is by now, or the zero value.
func (b *batch) get(name string) Account {
	if a, ok := b.changed[name]; ok {
		return a
	}
	return b.before[name]
}

// has says whether there is an account of that name.
func (b *batch) has(name string) bool { return b.get(name).Name != "" }

// put adds an account, or changes it.
func (b *batch) put(a Account) { b.changed[a.Name] = a }
