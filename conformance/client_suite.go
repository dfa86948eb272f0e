package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec"
)

// clients are a run's view of a client under test: how it is typed at and spoken to.
type clients struct {
	env      play.ClientEnv
	launcher *launcher
	driver   driver.Driver
	keyless  bool // each process has to make a key of its own
}

// Start gives a fresh process in a fresh directory, at its first menu.
func (c *clients) Start(ctx context.Context, v driver.Values) (*driver.Session, error) {
	dir, err := c.launcher.furnished(c.launcher.recipe)
	if err == nil && !c.keyless {
		err = c.launcher.endow(dir)
	}
	if err != nil {
		return nil, err
	}
	s, err := c.driver.Start(ctx, c.launcher.kernel, c.launcher.recipe, c.launcher.scale, dir, v)
	if err != nil {
		_ = target.Remove(dir) // the whole root is removed at the end, and that error counts
	}
	return s, err
}

// learns keeps the key of a client that has one.
func (c *clients) learns(st *play.ClientStage) {
	if st.Session != nil && c.launcher.keys == nil {
		c.launcher.keep(st.Session.Program().Dir)
	}
}

// Again gives a process in the directory of one that has ended.
func (c *clients) Again(ctx context.Context, old *driver.Session, v driver.Values) (*driver.Session, error) {
	return c.driver.Start(ctx, c.launcher.kernel, c.launcher.recipe, c.launcher.scale, old.Program().Dir, v)
}

// Release ends a process and removes its directory.
func (c *clients) Release(s *driver.Session) {
	s.Stop()
	_ = target.Remove(s.Program().Dir) // the whole root is removed at the end, and that error counts
}

// recipe is how the client is started, as a person would type it.
func (c *clients) recipe() string {
	r := c.launcher.recipe
	r.Args = strings.Fields(c.driver.Args)
	return r.String()
}

// String says how the client is operated and what it needs, in one line.
func (c *clients) String() string {
	text := "its user types as the driver " + c.driver.Name + " says"
	if manner := c.env.Manner.String(); manner != "" {
		text += "; " + manner
	}
	return text
}

// judgeClient runs one check of a client.
func (s *suite) judgeClient(ctx context.Context, c *Check) Result {
	begun := time.Now()
	env := s.client.env
	env.Requirement = c.Requirement.ID
	if c.Requirement.Has(spec.KeyLine) && !s.cfg.Edition.KeyLine {
		return Result{Check: c, Result: play.Result{
			Outcome: play.NotApplicable, Why: "the list of edition " + s.cfg.Edition.Name + " has no key line",
		}}
	}
	if s.halved != "" && c.Requirement.ID != "SEC-22" {
		return Result{Check: c, Result: play.Result{Outcome: play.Broken, Why: s.halved}}
	}
	switch c.Requirement.ID {
	case "SEC-24", "SEC-29": // how a key is made
		host := *s.client
		host.keyless = true
		env.Host = &host
	}
	switch c.Requirement.ID { // each is about one of the habits that the others allow for
	case "CLI-8":
		env.Manner.NoKey = false
	case "CLI-16", "CLI-17":
		env.Manner.Notice = false
	}
	r, err := play.RunClient(ctx, &env, guardedClient(c.client))
	if err != nil {
		r.Outcome, r.Why = play.Broken, "the run was interrupted"
	}
	if r.Outcome == play.Tolerated && c.Requirement.Tolerated == "" {
		r = play.Result{Outcome: play.Held, Transcript: r.Transcript} // the form is judged elsewhere
	}
	return Result{Check: c, Result: r, Elapsed: time.Since(begun)}
}

// guardedClient is guarded for the checks of a client.
func guardedClient(run func(context.Context, *play.ClientStage) error) func(context.Context, *play.ClientStage) error {
	return func(ctx context.Context, st *play.ClientStage) (err error) {
		defer func() {
			if fault := recover(); fault != nil {
				err = play.Unjudged("a fault of paycheck's own: %v", fault)
			}
		}()
		return run(ctx, st)
	}
}

// stuckAt says why a client could not be driven so far that it can be judged.
func stuckAt(m meeting) error {
	text := "the client could not be driven"
	if m.why != "" {
		text += ": " + m.why
	}
	if len(m.screen) > 0 {
		text += "; its screen shows: " + strings.Join(m.screen, " | ")
	}
	return fmt.Errorf("%w: %s", ErrNotJudged, text)
}
