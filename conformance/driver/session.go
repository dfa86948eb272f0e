package driver

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/mattn/go-shellwords"

	"paycheck/conformance/target"
)

// A Session is one process of a client. One goroutine types; all else is safe beside it.
type Session struct {
	Driver   Driver
	terminal *target.Terminal
	tape     *tape
	scale    float64
	prompts  []string // the last lines of what was shown when a line was typed
}

// Start starts the client in dir and types what the driver has after the start. Of the
// recipe it takes the path, the command in front and the environment; the caller has
// put its files into dir. The error is a [*target.StartError] or a [*StuckError].
func (d Driver) Start(ctx context.Context, kernel *target.Kernel, recipe target.Recipe, scale float64, dir string, v Values) (*Session, error) {
	return d.start(ctx, kernel, recipe, scale, dir, v, io.Discard)
}

// start is Start that shows out what the client prints, too.
func (d Driver) start(ctx context.Context, kernel *target.Kernel, recipe target.Recipe, scale float64, dir string, v Values, out io.Writer) (*Session, error) {
	words, err := shellwords.Parse(v.fill(d.Args))
	if err != nil {
		return nil, fmt.Errorf("driver: the arguments %q: %w", d.Args, err)
	}
	recipe.Args, recipe.Env = words, append([]string(nil), recipe.Env...)
	for _, variable := range d.Env {
		recipe.Env = append(recipe.Env, v.fill(variable))
	}
	s := &Session{Driver: d, tape: newTape(), scale: scale}
	if s.terminal, err = recipe.StartTerminal(kernel, dir, io.MultiWriter(s.tape, out)); err != nil {
		return nil, err
	}
	if err := s.play(ctx, "", d.Begin, v); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Do performs an operation. It returns when the last line is typed and read, and waits
// for nothing that follows from it: that is seen on the wire, or by [Session.Idle]. The
// error is a [*StuckError].
func (s *Session) Do(ctx context.Context, op Op, v Values) error {
	steps := s.Driver.Ops[op]
	if len(steps) == 0 {
		return fmt.Errorf("driver: %s has no steps to %s", s.Driver.Name, op)
	}
	return s.play(ctx, op, steps, v)
}

func (s *Session) play(ctx context.Context, op Op, steps []Step, v Values) error {
	for i, step := range steps {
		wait, err := regexp.Compile(step.Wait)
		if err != nil {
			return fmt.Errorf("driver: %s, step %d: %w", op, i+1, err)
		}
		line := v.fill(step.Type)
		if err := s.step(ctx, wait, line, step.Optional); err != nil {
			err.Op, err.Step = op, i+1
			return err
		}
	}
	return nil
}

// Type types a line when the client wants one, whatever its screen shows. The error is
// a [*StuckError].
func (s *Session) Type(ctx context.Context, line string) error {
	if err := s.step(ctx, regexp.MustCompile(""), line, false); err != nil {
		return err
	}
	return nil
}

// Asks reports whether what the client shows ends in a line behind which its user has
// typed before.
func (s *Session) Asks() bool {
	line := lastLine(s.Text())
	return line != "" && slices.Contains(s.prompts, line)
}

// Idle waits until the client has come to something that it will do for a while, and
// says what: see [target.Terminal.Idle].
func (s *Session) Idle(ctx context.Context) (target.State, error) {
	return s.terminal.Idle(ctx, s.scale)
}

// Reads reports whether the client waits, at this moment, for what comes on a
// connection, of which the link is the suite's end.
func (s *Session) Reads(link target.Link) (bool, error) { return s.terminal.Reads(link) }

// Settle waits until the client has done all that it is going to do: see
// [target.Program.Settle]. A line that was typed has been read by then, if it ever is.
func (s *Session) Settle(ctx context.Context, wait target.Wait) (target.Settled, error) {
	return s.terminal.SettleTyped(ctx, wait)
}

// Screen is what the terminal shows now, with what was typed.
func (s *Session) Screen() string { return s.tape.screen() }

// Text is what the client has printed since a line was last typed, without control
// sequences.
func (s *Session) Text() string { return s.tape.text() }

// Signal sends a signal, such as SIGINT, to the client, as a terminal does.
func (s *Session) Signal(name string) error { return s.terminal.Signal(name) }

// EndInput ends the client's input as a person does, by Ctrl-D.
func (s *Session) EndInput() error { return s.terminal.Type("\x04") }

// Stop ends the client and all that it started, and waits until they are gone.
func (s *Session) Stop() { s.terminal.Stop() }

// Done is closed when the client has ended and all that it printed has come.
func (s *Session) Done() <-chan struct{} { return s.terminal.Done() }

// Death tells how the client ended; false while it runs.
func (s *Session) Death() (target.Death, bool) { return s.terminal.Death() }

// Program is the client's process.
func (s *Session) Program() *target.Program { return s.terminal.Program }
