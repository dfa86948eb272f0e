package driver

import (
	"context"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"paycheck/conformance/target"
)

// A Recording is a session in which a person types, and from which a driver is inferred.
type Recording struct {
	Session *Session
	stage   Stage
	args    string
	out     io.Writer

	mu     sync.Mutex
	lines  []typedLine
	line   []byte // that is being typed
	before string // the screen before its first key
	escape int    // of an arrow key's sequence: how many bytes have come
}

// Record starts the client on a stage for a person to use. All that the terminal shows
// goes to out, from several goroutines but one write at a time. What is typed is given
// to [Recording.Keys].
func Record(ctx context.Context, kernel *target.Kernel, recipe target.Recipe, scale float64, dir, args string, stage Stage, out io.Writer) (*Recording, error) {
	shared := &lockedWriter{to: out}
	s, err := Driver{Name: "recorded", Args: args}.start(ctx, kernel, recipe, scale, dir, stage.Values(), shared)
	if err != nil {
		return nil, err
	}
	return &Recording{Session: s, stage: stage, args: args, out: shared}, nil
}

type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(data)
}

// The keys that are not just passed on.
const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	backspace = 0x08
	ctrlU     = 0x15
	escapeKey = 0x1b
	deleteKey = 0x7f
)

// Keys takes what the person presses, byte by byte as a raw terminal gives it, shows it
// as a terminal would, and passes lines on to the client. Backspace and Ctrl-U edit the
// line; arrow keys, which no line of a plain terminal knows, do nothing.
func (r *Recording) Keys(keys []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range keys {
		if err := r.key(key); err != nil {
			return err
		}
	}
	return nil
}

func (r *Recording) key(key byte) error {
	switch {
	case r.escape == 1 && (key == '[' || key == 'O'):
		r.escape = 2
		return nil
	case r.escape == 2:
		if key >= '@' && key <= '~' { // the last byte (ECMA-48, 5.4)
			r.escape = 0
		}
		return nil
	case key == escapeKey:
		r.escape = 1
		return nil
	}
	r.escape = 0
	if len(r.line) == 0 {
		r.before = r.Session.Text()
	}
	switch key {
	case ctrlC, ctrlD:
		return r.Session.terminal.Type(string(key))
	case '\r', '\n':
		return r.enter()
	case backspace, deleteKey:
		if len(r.line) > 0 {
			_, n := utf8.DecodeLastRune(r.line)
			r.line = r.line[:len(r.line)-n]
			r.echo("\b \b")
		}
	case ctrlU:
		for range utf8.RuneCount(r.line) {
			r.echo("\b \b")
		}
		r.line = nil
	default:
		if key >= ' ' {
			r.line = append(r.line, key)
			r.echo(string([]byte{key}))
		}
	}
	return nil
}

// echo shows what was typed; that the person's own terminal is gone is seen elsewhere.
func (r *Recording) echo(text string) { _, _ = io.WriteString(r.out, text) }

func (r *Recording) enter() error {
	line := string(r.line)
	r.lines = append(r.lines, typedLine{
		text: line, before: r.before, connected: r.stage.Connected(), heard: len(r.stage.Heard()),
	})
	r.line = nil
	r.echo("\r\n")
	r.Session.tape.typed(line)
	return r.Session.terminal.Type(line + "\r")
}

// Draft infers a driver from what was typed and heard so far.
func (r *Recording) Draft() Draft {
	r.mu.Lock()
	lines := append([]typedLine(nil), r.lines...)
	r.mu.Unlock()
	_, ended := r.Session.Death()
	d := infer(lines, r.stage.Heard(), r.stage.Values(), ended)
	d.Driver.Name, d.Driver.Args = "recorded", r.args
	return d
}

// Stop ends the client.
func (r *Recording) Stop() { r.Session.Stop() }

// Attend says to the client, while a person uses it, what it may be waiting for, until
// it has ended or ctx has: a greeting, the news of a payment. See [Stage.Nudge].
func (r *Recording) Attend(ctx context.Context) {
	waits := time.Time{}
	for {
		state, err := r.Session.Idle(ctx)
		if err != nil || state.Doing == target.HasEnded {
			return
		}
		switch {
		case state.Doing != target.WaitsPeer:
			waits = time.Time{}
		case waits.IsZero():
			waits = time.Now()
		case time.Since(waits) > time.Duration(float64(nudgeAfter)*r.Session.scale):
			r.stage.Nudge()
			waits = time.Time{}
		}
		select {
		case <-ctx.Done():
			return
		case <-r.Session.Done():
			return
		case <-time.After(attendAgain):
		}
	}
}

// attendAgain is how often Attend looks: a person waits for nothing shorter.
const attendAgain = 50 * time.Millisecond
