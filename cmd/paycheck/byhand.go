package main

import (
	"fmt"
	"strings"

	"paycheck/conformance/report/page"
	"paycheck/spec"
	"paycheck/spec/scenario"
)

// What a person types in place of the ports that the suite chooses.
const (
	serverPort = 8888
	firstPort  = 5001 // of the first client; the next has the next
)

const typing = `Type a request and press Ctrl-D, which sends it as it stands. Enter would send a line end with it, and that is no part of a request in the 2021 edition; if your server reads lines, press Enter. Begin with a server that knows nobody yet.`

const answering = `Type an answer and press Enter: -C makes that CR and LF.`

// byHand says how a person plays the first scenario of a requirement with nc.
func byHand(p *page.Page, r spec.Requirement) {
	if len(r.Scenarios) == 0 {
		if r.Untested != "" || r.Role == spec.Client {
			p.Para("  ", "There is no conversation to type here.")
			return
		}
		p.Para("  ", "There is no conversation to type here: it takes more than two hands. Let paycheck do it, and read what was said:")
		p.Blank()
		p.Line("    " + alone(r))
		return
	}
	h := newHand(p, r)
	if r.Role == spec.Client {
		h.asServer()
	} else {
		h.asClients()
	}
	for _, step := range h.scenario.Steps {
		h.step(step.Act)
	}
	if h.missing && r.Role == spec.Server {
		p.Blank()
		p.Para("  ", "nc cannot do all of this; paycheck can:")
		p.Blank()
		p.Line("    " + alone(r))
	}
}

// alone is the command that judges one requirement.
func alone(r spec.Requirement) string { return "paycheck server ./server --only " + r.ID + " -v" }

// A hand turns the steps of a scenario into what a person types and looks for.
type hand struct {
	p        *page.Page
	scenario scenario.Scenario
	role     spec.Role
	actors   []string
	ports    map[string]int  // by client
	balances map[string]bool // that were noted
	missing  bool            // nc cannot do one of the steps
}

func newHand(p *page.Page, r spec.Requirement) *hand {
	h := &hand{
		p: p, scenario: r.Scenarios[0], role: r.Role, actors: r.Scenarios[0].Actors(),
		ports: map[string]int{}, balances: map[string]bool{},
	}
	for i, name := range h.actors {
		h.ports[name] = firstPort + i
	}
	return h
}

// asServer says how to take the server's place before a client.
func (h *hand) asServer() {
	h.p.Para("  ", "You are the server. Wait on a port in one terminal, and start your client with it in another:")
	h.p.Blank()
	h.p.Line(fmt.Sprintf("    nc -C -l %d", serverPort))
	h.p.Line(fmt.Sprintf("    ./client 127.0.0.1 %d", serverPort))
	for _, step := range h.scenario.Steps {
		given, ok := step.Act.(scenario.Given)
		if !ok || given.State != scenario.Listed {
			continue
		}
		for _, name := range given.Names {
			h.p.Line(fmt.Sprintf("    nc -C -l %d    (in one more, for %s)", h.ports[name], name))
		}
	}
	h.p.Blank()
	h.p.Para("  ", answering)
	h.p.Blank()
}

// asClients says how to start a server and connect to it.
func (h *hand) asClients() {
	start := fmt.Sprintf("    ./server %d", serverPort)
	for _, step := range h.scenario.Steps {
		if limit, ok := step.Act.(scenario.Limit); ok {
			start += fmt.Sprintf(" %d", limit.N)
		}
	}
	connect := fmt.Sprintf("    nc 127.0.0.1 %d", serverPort)
	if len(h.actors) == 0 {
		h.p.Para("  ", "Start your server in a terminal:")
		h.p.Blank()
		h.p.Line(start)
		h.p.Blank()
		return
	}
	others := "Connect from another terminal, for " + h.actors[0]
	if n := len(h.actors); n > 1 {
		others = "Open a terminal for each of " + strings.Join(h.actors[:n-1], ", ") + " and " + h.actors[n-1] +
			", and connect when the turn comes"
	}
	h.p.Para("  ", "Start your server in one terminal. "+others+":")
	h.p.Blank()
	h.p.Line(start)
	h.p.Line(connect)
	h.p.Blank()
	h.p.Para("  ", typing)
	h.p.Blank()
}
