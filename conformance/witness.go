package conformance

import (
	"context"
	"fmt"
	"slices"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec"
	"paycheck/spec/edition"
)

// What is judged of programs that talk to each other, by whoever stands between them.

// Witness judges a client by what has passed between it, a server and its peers, as
// [Observe] does: one that was not seen is not judged. Greeted says that the server spoke
// before the client's first request.
func Witness(e edition.Edition, greeted bool, events []counter.Event) ([]Result, error) {
	text, err := spec.Load()
	if err != nil {
		return nil, err
	}
	s := &seen{edition: e, events: events}
	if greeted {
		s.manner.Greeting = greeting
	}
	return watch(text, s), nil
}

// LineEnds holds all that a server has said at one go against FRM-5.
func LineEnds(data []byte, e edition.Edition) play.Result {
	const want = "CR LF at the end of each line"
	o, at, line := said{data: data}.ends(e)
	switch o {
	case play.Violated:
		return play.Result{Outcome: o, Why: fmt.Sprintf("the line %q has no line end", line), Finding: &play.Finding{Want: want, Got: data, At: at}}
	case play.Tolerated:
		return play.Result{Outcome: o, Why: want, Finding: &play.Finding{Want: want, Got: data, At: at}}
	}
	return play.Result{Outcome: play.Held}
}

// Behind holds all that a server has said at one go against FRM-6.
func Behind(data []byte, e edition.Edition) play.Result {
	const want = "nothing after the last line end"
	o, at := said{data: data}.follows(e)
	switch o {
	case play.Violated:
		why := fmt.Sprintf("there is more after the last line end; bytes: %d", len(data)-at)
		return play.Result{Outcome: o, Why: why, Finding: &play.Finding{Want: want, Got: data, At: at}}
	case play.Tolerated:
		return play.Result{Outcome: o, Why: want, Finding: &play.Finding{Want: want, Got: data, At: at}}
	}
	return play.Result{Outcome: play.Held}
}

// Clients is how the subject's processes are started, of a client.
func (s *Subject) Clients() play.ClientEnv { return s.suite.client.env }

// ready is prepare for a program that nobody is to talk to before it is judged: how a
// server is started is found out, and how a client is typed at is said by the driver.
func (s *suite) ready(ctx context.Context) error {
	if s.cfg.Role == spec.Client {
		s.seat()
		s.client.driver = *s.cfg.Driver
		return nil
	}
	if err := s.findRecipe(ctx); err != nil || !s.cfg.Secure {
		return err
	}
	// Whether it has to be told to encrypt is seen by a handshake, if TLS is what it speaks.
	if err := s.encrypt(ctx); err != nil && ctx.Err() != nil {
		return err
	}
	return nil
}

// seat makes what starts the processes of a client.
func (s *suite) seat() {
	l := s.env.Host.(*launcher)
	if l.recipe.Files == nil {
		l.recipe.Files, _ = target.Beside(l.recipe.Path)
	}
	random := newRandom(s.cfg.Seed)
	s.client = &clients{launcher: l}
	s.client.env = play.ClientEnv{
		Host: s.client, Edition: s.cfg.Edition, Scale: s.cfg.Scale, Prefix: random.prefix, Port: newClientPorts(random).next,
	}
}

// Drivers are those that a client can be tried with which nobody has found out: that of
// the configuration, or those that are built in; encrypted, each as it is and told to
// encrypt, as the reference is.
func (c Config) Drivers() []driver.Driver {
	if c.Driver != nil {
		return []driver.Driver{*c.Driver}
	}
	all := driver.Builtin()
	if c.Secure {
		for _, d := range slices.Clone(all) {
			d.Args = secureFlag + " " + d.Args
			all = append(all, d)
		}
	}
	return all
}
