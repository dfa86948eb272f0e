package driver

import (
	"context"
	"strings"

	"paycheck/conformance/target"
)

// An exploration is the search for a driver with one way of starting the client.
type exploration struct {
	g       *Guesser
	driver  Driver // so far
	stage   Stage
	session *Session
	menu    string // the last screen with a menu
	helped  bool   // help was asked for
	asked   string // what the screen showed before that; empty: something else was typed since
	finish  finish
	started int
}

// most processes that one exploration starts.
const mostStarted = 60

func (e *exploration) run(ctx context.Context) (Guess, *StuckError) {
	defer e.end()
	if err := e.begin(ctx); err != nil {
		return Guess{}, err
	}
	var missing []*StuckError
	for _, op := range Ops() {
		err := e.find(ctx, op)
		if err == nil {
			continue
		}
		missing = append(missing, err)
		if ctx.Err() != nil || op == Register || op == Login {
			return Guess{}, err
		}
	}
	e.finish.loosen(e.driver.Ops)
	guess := Guess{Driver: e.driver, Missing: missing}
	guess.Verified, missing = e.verify(ctx)
	guess.Missing = append(guess.Missing, missing...)
	return guess, nil
}

// fresh starts another process on another stage, which has typed nothing yet.
func (e *exploration) fresh(ctx context.Context) error {
	e.end()
	e.started++
	dir, err := e.g.Dir()
	if err != nil {
		return err
	}
	if e.stage, err = e.g.Stage(ctx); err != nil {
		return err
	}
	bare := e.driver
	bare.Begin = nil
	e.session, err = bare.Start(ctx, e.g.Kernel, e.g.Recipe, e.g.Scale, dir, e.stage.Values())
	return err
}

func (e *exploration) end() {
	e.asked = ""
	if e.session != nil {
		e.session.Stop()
		_ = target.Remove(e.session.Program().Dir) // its owner removes all of them
	}
	if e.stage != nil {
		e.stage.Close()
	}
	e.session, e.stage = nil, nil
}

// again starts a process and performs what is known.
func (e *exploration) again(ctx context.Context) *StuckError {
	if err := e.fresh(ctx); err != nil {
		return e.failed("", 0, err)
	}
	if err := e.replay(ctx, "", e.driver.Begin); err != nil {
		return err
	}
	for _, op := range Ops() {
		if err := e.replay(ctx, op, e.driver.Ops[op]); err != nil {
			return err
		}
	}
	return nil
}

// replay types steps as they were found, and waits for the message.
func (e *exploration) replay(ctx context.Context, op Op, steps []Step) *StuckError {
	if len(steps) == 0 {
		return nil
	}
	before := len(e.stage.Heard())
	for i, step := range steps {
		seen, err := e.watch(ctx, "", before)
		if err != nil {
			return e.failed(op, i+1, err)
		}
		if seen == stuck {
			return e.failed(op, i+1, nil)
		}
		single := []Step{step}
		if err := e.session.play(ctx, op, single, e.stage.Values()); err != nil {
			return e.failed(op, i+1, err)
		}
	}
	if op == "" {
		return nil
	}
	seen, err := e.watch(ctx, op, before)
	if err != nil || seen != heard {
		return e.failed(op, len(steps), err)
	}
	return nil
}

// verify performs everything in a new process, with other values.
func (e *exploration) verify(ctx context.Context) (done []Op, missing []*StuckError) {
	if err := e.fresh(ctx); err != nil {
		return nil, []*StuckError{e.failed("", 0, err)}
	}
	if err := e.replay(ctx, "", e.driver.Begin); err != nil {
		return nil, []*StuckError{err}
	}
	for _, op := range Ops() {
		if !e.driver.Can(op) {
			continue
		}
		if err := e.replay(ctx, op, e.driver.Ops[op]); err != nil {
			missing = append(missing, err)
			continue
		}
		done = append(done, op)
	}
	return done, missing
}

// failed tells where the client is now.
func (e *exploration) failed(op Op, step int, err error) *StuckError {
	if stuck, ok := err.(*StuckError); ok { //nolint:errorlint // it is not wrapped here
		stuck.Op, stuck.Step = op, step
		return stuck
	}
	out := &StuckError{Driver: e.driver.Name, Op: op, Step: step, Err: err}
	if e.session != nil {
		out.Screen = e.session.Screen()
		out.Death, _ = e.session.Death()
		out.State, _ = e.session.Idle(context.Background()) // it ends by itself
	}
	return out
}

// begin answers what the client asks before its first menu, until it has connected.
func (e *exploration) begin(ctx context.Context) *StuckError {
	if err := e.fresh(ctx); err != nil {
		return e.failed("", 0, err)
	}
	hosted := strings.Contains(e.driver.Args, "{host}")
	for range 8 {
		seen, err := e.watch(ctx, "", 0)
		if err != nil || seen != asks {
			return e.failed("", len(e.driver.Begin)+1, err)
		}
		text, connected := e.session.Text(), e.stage.Connected()
		if isMenu(text) {
			e.menu = text
		}
		if connected && e.menu == text && text != "" {
			return nil
		}
		v := e.stage.Values()
		line, ok := "", false
		if way := choices(text, connect); !connected && len(way) > 0 {
			line, ok = e.line(way[0], &dialogue{op: connect, given: map[string]bool{}})
		}
		if !ok {
			line, ok = atStart(lastLine(text), v, hosted, connected)
			hosted = hosted || line == "{host}"
		}
		switch {
		case ok:
		case connected:
			return nil
		case !e.helped:
			if err := e.help(ctx); err != nil {
				return err
			}
			continue
		default:
			return e.failed("", len(e.driver.Begin)+1, nil)
		}
		e.driver.Begin = append(e.driver.Begin, Step{Wait: pattern(e.prompt(), v), Type: line})
		if err := e.session.Type(ctx, v.fill(line)); err != nil {
			return e.failed("", len(e.driver.Begin), err)
		}
	}
	return e.failed("", len(e.driver.Begin), nil)
}

// line is what is typed for an entry, with its arguments behind it.
func (e *exploration) line(en entry, d *dialogue) (string, bool) {
	line := en.key
	for _, arg := range en.args {
		template, ok := d.forArgument(arg, e.stage.Values())
		if !ok {
			return "", false
		}
		line += " " + template
	}
	return line, true
}
