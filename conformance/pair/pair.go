// Package pair lets a client and a server under test talk to each other, and says which
// of them breaks which requirement.
//
// Two users have a client each, driven as a person would; the suite stands between, plays
// no part, and keeps every byte. A client is told a port of the suite's for that of the
// server, by which it is known whose connection it is.
//
// In the clear the suite stands between clients too: it puts a port of its own into a
// login as it passes, so that the server lists that one and whoever pays comes by. This
// takes no rights, and works for every client that looks its payee up as it must
// (CLI-12). It is the one thing that is changed on its way.
//
// What is encrypted can't be changed, in schemes that only their author knows not even
// understood. There the links between clients are listened to on the loopback device,
// which takes a right that not everybody has; where it lacks they are not judged. Of what
// passed only one thing is asked: whether anything can be read.
package pair

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"paycheck/conformance"
	"paycheck/spec"
)

// A Config says who meets whom. Edition, Secure, Scale and Seed are the server's.
type Config struct {
	Server conformance.Config
	Client conformance.Config
}

// Judge lets them meet, and gives what was seen of both: first the results of the server,
// then those of the client. The error is [conformance.ErrUsage] or
// [conformance.ErrNotJudged].
func Judge(ctx context.Context, cfg Config) (conformance.Run, error) {
	begun := time.Now()
	text, err := spec.Load()
	if err != nil {
		return conformance.Run{}, err
	}
	cfg.Server.Mute, cfg.Client.Role = true, spec.Client
	server, err := conformance.Prepare(ctx, cfg.Server)
	if err != nil {
		return conformance.Run{}, fmt.Errorf("the server: %w", err)
	}
	defer server.Close()
	judge := plainly
	if cfg.Server.Secure {
		judge = blindly
	}
	run, err := judge(ctx, cfg, server, text)
	run.Elapsed = time.Since(begun)
	return run, err
}

// plainly judges a meeting in the clear.
func plainly(ctx context.Context, cfg Config, server *conformance.Subject, text *spec.Spec) (conformance.Run, error) {
	client, err := conformance.Prepare(ctx, cfg.Client)
	if err != nil {
		return conformance.Run{}, fmt.Errorf("the client: %w", err)
	}
	defer client.Close()
	run, clients := together(server.Run(), client.Run()), client.Clients()
	prefix := clients.Prefix()
	alice := &party{nick: "alice", name: prefix + "alice", ip: "127.0.0.2", port: clients.Port()}
	bob := &party{nick: "bob", name: prefix + "bob", ip: "127.0.0.3", port: clients.Port()}
	h := newHouse(cfg, clients.Host, alice, bob)
	h.rewrite = h.introduce(clients.Port)
	why, err := h.meet(ctx, server)
	if err != nil {
		return conformance.Run{}, err
	}
	b := read(h.entries(), text, cfg.Server.Edition, h.blind)
	if why != "" {
		run.Notes = append(run.Notes, why)
	}
	if why == "" {
		why = "it did not come up"
		if b.misled != "" {
			why += "; the server had broken " + b.misled + " before"
		}
	}
	run.Results = serverResults(text, b.rulings, b.log, why)
	results, err := b.clientResults(h.parties, why)
	run.Results = append(run.Results, results...)
	return run, err
}

// blindly judges a meeting of which only the programs know what is said. Nobody is asked
// to find out how the client is typed at: each driver is tried on the server itself.
func blindly(ctx context.Context, cfg Config, server *conformance.Subject, text *spec.Spec) (conformance.Run, error) {
	cfg.Client.Mute = true
	cfg.Client.Secure = true
	best, furthest := conformance.Run{}, -1
	for i, d := range cfg.Client.Drivers() {
		cfg.Client.Driver = &d
		run, came, whole, err := veiled(ctx, cfg, server, text, uint64(i))
		if err != nil {
			return conformance.Run{}, err
		}
		if came > furthest {
			best, furthest = run, came
		}
		if whole {
			break
		}
	}
	return best, nil
}

// veiled lets them meet once, with one driver. It reports how far they came, and whether
// to the end.
func veiled(ctx context.Context, cfg Config, server *conformance.Subject, text *spec.Spec, try uint64) (run conformance.Run, came int, whole bool, err error) {
	client, err := conformance.Prepare(ctx, cfg.Client)
	if err != nil {
		return run, 0, false, fmt.Errorf("the client: %w", err)
	}
	defer client.Close()
	run, clients := together(server.Run(), client.Run()), client.Clients()
	random := rand.New(rand.NewPCG(cfg.Server.Seed, try))
	var both []*party
	for _, nick := range []string{"alice", "bob"} {
		both = append(both, &party{
			nick: nick, name: lengthened(nick, random), ip: loopback, port: clients.Port(), balance: cfg.Server.Edition.InitialBalance,
		})
	}
	h := newHouse(cfg, clients.Host, both...)
	h.veiled = true
	v := &veil{parties: both}
	capture, err := openCapture()
	if err != nil {
		v.blind = "the links between clients were not watched, which takes root here, or user namespaces"
	}
	why, err := h.meet(ctx, server)
	if capture != nil {
		var lost bool
		if v.flows, lost = capture.close(); lost {
			v.blind = "not all that passed between clients was seen: the machine was too busy"
		}
	}
	if err != nil {
		return run, 0, false, err
	}
	v.log, v.secrets = h.entries(), secretsOf([]string{both[0].name, both[1].name})
	if why != "" {
		run.Notes = append(run.Notes, why)
	}
	run.Results = v.results(text, why)
	for _, e := range v.log {
		if e.kind == acts {
			came++
		}
	}
	listed, paid := v.seenListed(), v.seenPaid()
	if listed {
		came += len(v.log) // more than any that showed nothing
	}
	return run, came, why == "" && listed && paid, nil
}

// longName is how long a name is that is looked for among encrypted bytes: no accident
// brings it there, and few programs break at it.
const longName = 12

// lengthened makes a name that nobody can guess.
func lengthened(nick string, random *rand.Rand) string {
	const letters = "abcdefghijkmnopqrstuvwxyz" // no l, which looks like 1
	name := []byte(nick)
	for len(name) < longName {
		name = append(name, letters[random.IntN(len(letters))])
	}
	return string(name)
}

// together is the head of a report on both.
func together(server, client conformance.Run) conformance.Run {
	run := server
	run.Program += " with " + client.Program
	run.Recipe += "; " + client.Recipe
	run.Dialect = client.Dialect
	run.SHA256 = ""
	for _, note := range client.Notes {
		if !slices.Contains(run.Notes, note) {
			run.Notes = append(run.Notes, note)
		}
	}
	return run
}

// notJudged says that an error kept the suite from judging.
func notJudged(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = errors.New("the run was interrupted")
	}
	return fmt.Errorf("%w: %w", conformance.ErrNotJudged, err)
}
