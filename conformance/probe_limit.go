package conformance

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"paycheck/conformance/play"
	"paycheck/spec/scenario"
)

const (
	// enough is how many clients at once any check needs that does not set a limit.
	enough = 4
	// manyClients is up to where a limit is measured that the program was not told (LIM-1).
	manyClients = 64
)

// measure learns how many clients the program serves at once: as many as it is told, a
// number of its own, or whoever comes.
func (s *suite) measure(ctx context.Context) error {
	l, ours := s.env.Host.(*launcher)
	if ours && s.guessed && l.recipe.TakesLimit() {
		if err := s.needless(ctx, l); err != nil {
			return err
		}
	}
	unknown := ours && !l.recipe.TakesLimit() && l.recipe.Limit == 0
	most := enough
	if unknown && slices.ContainsFunc(s.checks, (*Check).setsLimit) {
		most = manyClients
	}
	c, err := s.count(ctx, 0, most)
	if err != nil {
		return err
	}
	s.dialect.Served = c.served
	seen := &s.dialect.Seen.Limit
	switch {
	case c.full && ours && l.recipe.TakesLimit() && c.served == runtime.NumCPU():
		*seen = fmt.Sprintf("lowers its limit to the number of processors, %d", c.served)
	case c.full:
		*seen = fmt.Sprintf("serves %d at a time, and the next %s", c.served, c.next)
	case c.served == manyClients:
		*seen = fmt.Sprintf("serves %d at a time and more", c.served)
	case ours && l.recipe.TakesLimit() && c.served > 0:
		*seen = "takes a limit"
	}
	if !unknown {
		return nil
	}
	switch {
	case c.full:
		l.recipe.Limit = c.served
		s.learned(l)
	case c.served == manyClients:
		l.limitless = fmt.Sprintf("the program takes no limit; %d clients at once are served, and beyond that nothing is said of it", c.served)
	case most == manyClients:
		l.limitless = fmt.Sprintf("the program takes no limit; after %d clients at once the next %s, so that its own can't be measured", c.counted, c.next)
	}
	return nil
}

// setsLimit reports whether a check may ask for a program with a certain limit.
func (c *Check) setsLimit() bool {
	if c.Line == 0 {
		return true // it is written in Go, and may
	}
	return slices.ContainsFunc(c.Requirement.Scenarios[c.Number-1].Steps, func(step scenario.Step) bool {
		_, ok := step.Act.(scenario.Limit)
		return ok
	})
}

// needless takes the limit out of a recipe that was found out, if the program serves
// more clients than it says and shows no sign of reading it.
func (s *suite) needless(ctx context.Context, l *launcher) error {
	const few = 2
	c, err := s.count(ctx, few, few+2)
	if err != nil || c.full || c.served < few+2 {
		return err
	}
	if less, ok := s.guesser(l).WithoutLimit(ctx, l.recipe); ok {
		l.recipe = less
		s.learned(l)
	}
	return nil
}

// A census is how many clients were served at once.
type census struct {
	counted int
	served  int    // 0: not known, since something else than a limit is the matter
	full    bool   // the next was not served
	next    string // what became of the next
}

// count logs in one client after the other, up to most, until one is not served.
func (s *suite) count(ctx context.Context, limit, most int) (c census, err error) {
	_, err = s.try(ctx, s.dialect, func(ctx context.Context, st *play.Stage) error {
		if limit > 0 {
			st.Limit(limit)
		}
		for i := range most {
			name := fmt.Sprintf("p%d", i+1)
			if err := st.Start(ctx); err != nil {
				return err
			}
			if err := st.Do(ctx, "given "+name+" online"); err != nil {
				c.full, c.next = fate(ctx, st, name)
				c.full = c.full && i > 0 // one that serves nobody has no limit
				return err
			}
			c.counted++
		}
		return nil
	})
	if c.served = c.counted; !c.full && c.counted < enough {
		c.served = 0
	}
	return c, err
}

// fate says what has become of a client that got no list, and whether that is because
// no place is free.
func fate(ctx context.Context, st *play.Stage, name string) (full bool, what string) {
	if _, dead := st.Program.Death(); dead {
		return false, "ends it"
	}
	conn, err := st.Conn(ctx, name)
	switch {
	case err != nil || !st.Unserved(name):
		return false, "is not understood"
	case !conn.Over():
		return true, "waits"
	case len(conn.Raw()) > 0:
		return true, "is told so and closed"
	}
	return true, "is closed"
}
