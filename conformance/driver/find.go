package driver

import (
	"context"
	"slices"
	"strings"
	"time"

	"paycheck/conformance/target"
)

// plainly is what is typed where no menu helps: first commands, then the messages
// themselves.
var plainly = map[Op][]entry{
	Register: {{key: "register"}, {key: "REGISTER#{name}"}, {key: "register {name}"}, {key: "1"}},
	Login:    {{key: "login"}, {key: "{name}#{lport}"}, {key: "login {name} {lport}"}, {key: "2"}},
	List:     {{key: "List"}, {key: "list"}, {key: "3"}},
	Pay:      {{key: "pay"}, {key: "{name}#{amount}#{payee}"}, {key: "pay {payee} {amount}"}, {key: "transfer"}, {key: "4"}},
	Exit:     {{key: "Exit"}, {key: "exit"}, {key: "quit"}, {key: "5"}},
}

// find looks for the steps of an operation, and leaves a process that has performed it.
func (e *exploration) find(ctx context.Context, op Op) *StuckError {
	failure, tried := (*StuckError)(nil), []entry{}
	todo, err := e.candidates(ctx, op)
	if err != nil {
		return err
	}
	for len(todo) > 0 && e.started < mostStarted {
		c := todo[0]
		todo = todo[1:]
		if slices.ContainsFunc(tried, func(o entry) bool { return o.key == c.key && slices.Equal(o.args, c.args) }) {
			continue
		}
		if failure != nil {
			if err := e.again(ctx); err != nil {
				return err
			}
			if _, err := e.candidates(ctx, op); err != nil { // which presses Enter, if need be
				return err
			}
		}
		tried = append(tried, c)
		steps, err := e.perform(ctx, op, c)
		if err == nil {
			e.driver.Ops[op] = steps
			if op == Exit {
				e.ended(ctx)
			}
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		failure = err
		// A command that lacks something says what.
		todo = append(choices(e.session.Text(), op), todo...)
	}
	if failure == nil {
		failure = e.failed(op, 1, nil)
	}
	return failure
}

// ended notes whether the process ends with its exit.
func (e *exploration) ended(ctx context.Context) {
	seen, err := e.watch(ctx, "", 0)
	if _, dead := e.session.Death(); dead || err == nil && seen == stuck {
		e.driver.Fatal = []Op{Exit}
	}
}

// candidates brings the client to where an operation begins, and gives what may be
// typed there.
func (e *exploration) candidates(ctx context.Context, op Op) (todo []entry, _ *StuckError) {
	for range 2 {
		seen, err := e.watch(ctx, "", 0)
		if err != nil || seen != asks {
			return nil, e.failed(op, 1, err)
		}
		if asksEnter.MatchString(lastLine(e.session.Text())) {
			e.finish.enters = pattern(e.session.Text(), e.stage.Values())
			if err := e.session.Type(ctx, ""); err != nil {
				return nil, e.failed(op, 1, err)
			}
			continue
		}
		break
	}
	text := e.session.Text()
	if isMenu(text) {
		e.menu = text
	} else if d := (&dialogue{op: op, given: map[string]bool{}}); question(text) {
		if line, ok := d.answer(lastLine(text), text, e.stage.Values()); ok && line != "y" {
			todo = append(todo, entry{key: line}) // it goes on with the operation by itself
		}
	}
	if e.menu == "" && !e.helped && strings.Contains(strings.ToLower(text), "help") {
		if err := e.help(ctx); err != nil {
			return nil, err
		}
	}
	todo = append(todo, choices(e.menu, op)...)
	todo = append(todo, plainly[op]...)
	return append(todo, entry{key: "help"}), nil
}

// question reports whether a screen ends in a question other than a prompt for commands.
func question(text string) bool {
	line := lastLine(text)
	return asksPort.MatchString(line) || asksName.MatchString(line) || asksMoney.MatchString(line)
}

// prompt is what the next line follows. A driver does not ask for help, so what that
// shows is none.
func (e *exploration) prompt() string {
	text := e.session.Text()
	if e.asked != "" {
		text = e.asked
	}
	e.asked = ""
	return text
}

func (e *exploration) help(ctx context.Context) *StuckError {
	e.helped, e.asked = true, e.session.Text()
	if err := e.session.Type(ctx, "help"); err != nil {
		return e.failed("", 0, err)
	}
	if _, err := e.watch(ctx, "", 0); err != nil {
		return e.failed("", 0, err)
	}
	if text := e.session.Text(); isMenu(text) {
		e.menu = text
	}
	return nil
}

// perform types an entry and answers what is asked, until the message has come.
func (e *exploration) perform(ctx context.Context, op Op, c entry) ([]Step, *StuckError) {
	d := &dialogue{op: op, given: map[string]bool{}}
	v, before := e.stage.Values(), len(e.stage.Heard())
	line, ok := e.line(c, d)
	if hole.MatchString(c.key) {
		d.given[c.key] = true
	}
	var steps []Step
	if e.finish.enters != "" {
		steps = append(steps, Step{Wait: e.finish.enters, Optional: true})
	}
	for range 10 {
		if !ok {
			break
		}
		prompt := e.prompt()
		steps = append(steps, Step{Wait: pattern(prompt, v), Type: line})
		if isMenu(prompt) || question(prompt) {
			e.finish.stable[steps[len(steps)-1].Wait] = true
		}
		if err := e.session.Type(ctx, v.fill(line)); err != nil {
			return nil, e.failed(op, len(steps), err)
		}
		seen, err := e.watch(ctx, op, before)
		switch {
		case err != nil || seen == stuck:
			return nil, e.failed(op, len(steps), err)
		case seen == heard:
			return steps, nil
		}
		text := e.session.Text()
		if isMenu(text) {
			break
		}
		line, ok = d.answer(lastLine(text), text, v)
	}
	return nil, e.failed(op, len(steps), nil)
}

// A sight is what came of waiting for a client.
type sight int

const (
	heard sight = iota // the message has come
	asks               // the client wants a line
	stuck              // it has ended, or does something else for too long
)

// How long a client is watched before it is left; stretched by the time scale.
const (
	messageGrace = 150 * time.Millisecond // it wants a line, and a message may be on its way
	blankGrace   = 500 * time.Millisecond // it wants a line and has printed nothing
	nudgeAfter   = 450 * time.Millisecond // it waits for a peer
	sleepLimit   = 6 * time.Second
	nudges       = 4
)

// watch waits until the message of the operation has come, behind those before; or, if
// it does not, until the client wants a line or is stuck.
func (e *exploration) watch(ctx context.Context, op Op, before int) (sight, error) {
	scaled := func(d time.Duration) time.Duration { return time.Duration(float64(d) * e.g.Scale) }
	since, doing, nudged, length := time.Now(), target.Doing(""), 0, -1
	for {
		if op != "" && e.came(op, before) {
			return heard, nil
		}
		state, err := e.session.Idle(ctx)
		if err != nil {
			return stuck, err
		}
		text := e.session.Text()
		if state.Doing != doing || len(text) != length {
			since, doing, length = time.Now(), state.Doing, len(text)
		}
		span := time.Since(since)
		switch {
		case op != "" && e.came(op, before):
			return heard, nil
		case state.Doing == target.HasEnded:
			if op == "" || span > scaled(messageGrace) {
				return stuck, nil
			}
		case state.Unread && span > scaled(sleepLimit), state.Doing == target.Computes:
			return stuck, nil
		case state.Unread:
		case state.Doing == target.WantsLine:
			grace := scaled(messageGrace)
			switch {
			case strings.TrimSpace(text) == "":
				grace = scaled(blankGrace)
			case op == "":
				grace = 0
			}
			if span > grace || grace == 0 {
				return asks, nil
			}
		case state.Doing == target.WaitsPeer && span > scaled(nudgeAfter):
			if nudged++; nudged > nudges {
				return stuck, nil
			}
			e.stage.Nudge()
			since = time.Now()
		case span > scaled(sleepLimit):
			return stuck, nil
		}
		select {
		case <-ctx.Done():
			return stuck, context.Cause(ctx)
		case <-time.After(lookAgain):
		}
	}
}

// came reports whether the message of an operation has come, behind those before.
func (e *exploration) came(op Op, before int) bool {
	v := e.stage.Values()
	return slices.ContainsFunc(e.stage.Heard()[before:], func(m Message) bool { return v.brings(op, m) })
}
