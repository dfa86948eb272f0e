// Package rehearsal is where a client is tried before it is judged: a [Hall] gives
// stages for finding a driver, each a polite server with somebody who can be paid (see
// [counter.Counter]), and the directories and processes that go with them.
package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/spec/edition"
)

// A Hall makes stages for one client.
type Hall struct {
	Transport counter.Transport // how everything is encrypted

	edition edition.Edition
	recipe  target.Recipe
	ports   *target.Ports
	kernel  *target.Kernel
	space   *target.Namespace
	root    string
	scale   float64

	mu   sync.Mutex
	made int
}

// Open makes a hall for the recipe's program, which is contained as programs under test
// are. The seed chooses the ports.
func Open(r target.Recipe, e edition.Edition, scale float64, seed uint64) (*Hall, error) {
	path, err := filepath.Abs(r.Path)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	r.Path = path
	if r.Files == nil {
		r.Files, _ = target.Beside(path)
	}
	if err := r.Present(); err != nil {
		return nil, err
	}
	h := &Hall{edition: e, recipe: r, ports: target.NewPorts(seed), scale: scale}
	if h.kernel, err = target.OpenKernel(); err != nil {
		return nil, err
	}
	if h.root, err = os.MkdirTemp("", "paycheck-"); err == nil {
		h.space, err = target.Contain(h.kernel, h.root, target.DefaultLimits(scale), append(r.Command(0, 0), r.Env...))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("rehearsal: %w", err), h.Close())
	}
	return h, nil
}

// Notes say what this machine does not let the suite keep the client from.
func (h *Hall) Notes() []string { return h.space.Notes() }

// Close ends all processes and removes what they left.
func (h *Hall) Close() error {
	var errs []error
	if h.space != nil {
		errs = append(errs, h.space.Close())
	}
	if h.root != "" {
		errs = append(errs, target.Remove(h.root))
	}
	return errors.Join(append(errs, h.ports.Close(), h.kernel.Close())...)
}

// Guesser finds or checks drivers in this hall.
func (h *Hall) Guesser() *driver.Guesser {
	return &driver.Guesser{Kernel: h.kernel, Recipe: h.recipe, Scale: h.scale, Dir: h.dir, Stage: h.Stage}
}

// Record starts the client for a person to use: see [driver.Record].
func (h *Hall) Record(ctx context.Context, args string, stage driver.Stage, out io.Writer) (*driver.Recording, error) {
	dir, err := h.dir()
	if err != nil {
		return nil, err
	}
	return driver.Record(ctx, h.kernel, h.recipe, h.scale, dir, args, stage, out)
}

// dir makes a fresh directory with the files that the client needs.
func (h *Hall) dir() (string, error) {
	dir, err := os.MkdirTemp(h.root, "")
	if err != nil {
		return "", fmt.Errorf("rehearsal: %w", err)
	}
	return dir, h.recipe.Furnish(dir)
}

// payeeHost is another address than the server's: a client that dials the server's in
// its place pays nobody.
const payeeHost = "127.0.0.2"

// Stage opens a server, with other names, amounts and places in the list than before.
func (h *Hall) Stage(context.Context) (driver.Stage, error) {
	h.mu.Lock()
	h.made++
	n := h.made
	h.mu.Unlock()
	s := &stage{}
	var err error
	s.counter, err = counter.Open(counter.Config{
		Edition: h.edition, Transport: h.Transport, Host: "127.0.0.1", Recorder: transcript.NewRecorder(), Wake: make(chan struct{}, 1),
	})
	if err != nil {
		return nil, err
	}
	port, err := h.ports.Free()
	if err != nil {
		s.Close()
		return nil, err
	}
	payee := fmt.Sprintf("berta%dw", n)
	for i := range 1 + n%3 { // who stands before the payee in the list
		s.counter.List(fmt.Sprintf("guest%d%dx", n, i), "127.0.0.3", port)
	}
	peer, err := s.counter.Peer(payee, payee, payeeHost, 0)
	if err != nil {
		s.Close()
		return nil, err
	}
	s.values = driver.Values{
		Host: "127.0.0.1", Port: s.counter.Port(), Name: fmt.Sprintf("anna%dq", n), LoginPort: port,
		Payee: payee, PayeeIP: payeeHost, PayeePort: int(peer.Addr().Port()), PayeeIndex: s.counter.Place(payee),
		Amount: 130 + 7*n, Deposit: int(h.edition.InitialBalance),
	}
	return s, nil
}

// A stage is a [driver.Stage].
type stage struct {
	counter *counter.Counter
	values  driver.Values

	mu      sync.Mutex
	greeted int // how many nudges were a greeting
}

func (s *stage) Values() driver.Values { return s.values }

func (s *stage) Connected() bool {
	for _, e := range s.counter.Log() {
		if e.Kind == counter.Connected {
			return true
		}
	}
	return false
}

func (s *stage) Heard() (all []driver.Message) {
	for _, e := range s.counter.Log() {
		if e.Kind != counter.Asked && e.Kind != counter.Paid {
			continue
		}
		text := e.Raw
		if i := bytes.IndexAny(text, "\x00\r\n"); i >= 0 {
			text = text[:i]
		}
		all = append(all, driver.Message{At: e.At, ToPayee: e.Kind == counter.Paid, Text: string(text)})
	}
	return all
}

// greeting offends no client that waits for one.
const greeting = "Connection success, accepted"

// Nudge greets a client that has asked for nothing yet, and tells one that has paid
// that it went well.
func (s *stage) Nudge() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, asked, paid := "", false, false
	for _, e := range s.counter.Log() {
		asked = asked || e.Kind == counter.Asked
		paid = paid || e.Kind == counter.Paid
		if e.Name != "" {
			name = e.Name
		}
	}
	switch {
	case paid:
		s.counter.Notify(name, true)
		return true
	case !asked && s.greeted < 2:
		s.greeted++
		return s.counter.Answer(greeting) == nil
	}
	return false
}

func (s *stage) Close() { s.counter.Close() }
