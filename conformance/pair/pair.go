// Package pair lets a client and a server under test talk to each other, and says which
// of them breaks which requirement.
//
// Two users have a client each, driven as [paycheck/conformance/driver] does; the suite
// stands between, plays no part, and keeps every byte. A client is told a port of the
// suite's for that of the server, by which it is known whose connection it is. For the
// links between clients the suite puts a port of its own into the login as it passes, so
// that the server lists that one and whoever pays comes by: this needs no rights, and
// works for every client that looks payees up as it must (CLI-12). It is the one thing
// that is changed on its way.
package pair

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"paycheck/conformance"
	"paycheck/spec"
)

// A Config says who meets whom. Edition, Secure, Scale and Seed are the server's.
type Config struct {
	Server conformance.Config
	Client conformance.Config
}

// Judge lets them meet once, and gives what was seen of both: first the results of the
// server, then those of the client. The error is [conformance.ErrUsage] or
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
	client, err := conformance.Prepare(ctx, cfg.Client)
	if err != nil {
		return conformance.Run{}, fmt.Errorf("the client: %w", err)
	}
	defer client.Close()

	run := together(server.Run(), client.Run())
	h, why, err := meet(ctx, cfg, server, client)
	if err != nil {
		return conformance.Run{}, err
	}
	b := read(h.entries(), cfg.Server.Edition, h.blind)
	if why != "" {
		run.Notes = append(run.Notes, why)
	}
	why = cmp.Or(why, "it did not come up")
	run.Results = serverResults(text, b.rulings, b.log, why)
	results, err := b.clientResults(text, h.parties, why)
	if err != nil {
		return conformance.Run{}, err
	}
	run.Results = append(run.Results, results...)
	run.Elapsed = time.Since(begun)
	return run, nil
}

// together is the head of a report on both.
func together(server, client conformance.Run) conformance.Run {
	run := server
	run.Program += " with " + client.Program
	run.Recipe += "; " + client.Recipe
	run.Dialect = client.Dialect
	run.SHA256 = ""
	run.Notes = append(run.Notes, client.Notes...)
	return run
}

// meet starts both, and has two users talk to each other. The house is closed; why says
// what kept them from doing all of it.
func meet(ctx context.Context, cfg Config, server, client *conformance.Subject) (h *house, why string, err error) {
	env, clients := server.Env(), client.Clients()
	h = &house{
		edition: cfg.Server.Edition, scale: cfg.Server.Scale, host: clients.Host, begun: time.Now(), wake: make(chan struct{}, 1),
	}
	if h.server, _, err = env.Host.Start(ctx, 0); err != nil {
		return nil, "", notJudged(ctx, fmt.Errorf("the server: %w", err))
	}
	defer env.Host.Release(h.server)
	defer h.close()
	prefix := clients.Prefix()
	alice := &party{nick: "alice", name: prefix + "alice", ip: "127.0.0.2", port: clients.Port()}
	bob := &party{nick: "bob", name: prefix + "bob", ip: "127.0.0.3", port: clients.Port()}
	for _, p := range []*party{alice, bob} {
		if err := h.enter(p); err != nil {
			return nil, "", notJudged(ctx, err)
		}
	}
	h.rewrite = h.introduce(clients.Port)
	if why, err = h.session(ctx, alice, bob); err != nil {
		return nil, "", notJudged(ctx, err)
	}
	return h, why, nil
}

// notJudged says that an error kept the suite from judging.
func notJudged(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = errors.New("the run was interrupted")
	}
	return fmt.Errorf("%w: %w", conformance.ErrNotJudged, err)
}

// listed is where the last list that a party has seen says that another is: address,
// port and place.
func (h *house) listed(p, whom *party) (ip string, port, place int) {
	if l := lastList(h.entries(), p, h.edition); l != nil {
		for i, e := range l.Entries {
			if e.Name == whom.name {
				return e.Address, e.Port, i + 1
			}
		}
	}
	return loopback, whom.port, 0
}
