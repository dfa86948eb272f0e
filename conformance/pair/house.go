package pair

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/door"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec/edition"
)

const loopback = "127.0.0.1"

// A house is where one server and its clients meet, every connection between them
// passing through the suite.
type house struct {
	edition edition.Edition
	scale   float64
	host    play.ClientHost
	server  *target.Program
	dead    bool // the server is, and that was noted
	// rewrite gives what goes to the server in place of what a client says, and why; nil:
	// the same.
	rewrite func(l *link, data []byte) ([]byte, string)
	veiled  bool // what is said is encrypted
	begun   time.Time
	wake    chan struct{}
	busy    atomic.Int64 // what was read and is not passed on yet
	running sync.WaitGroup

	mu      sync.Mutex
	shut    bool
	parties []*party
	doors   []*door.Door
	links   []*link
	log     []entry
	loud    bool // more came than is kept
	blind   bool // a program could not be looked at: what it did not do proves nothing
	restive bool // one did not come to rest
}

// A party is one user with a client.
type party struct {
	nick    string // in transcripts
	name    string // as the programs know it
	ip      string // where the server sees it
	port    int    // on which its client is told to listen
	door    *door.Door
	peers   int // the port that who pays it comes to; 0: its own
	session *driver.Session
	visits  int
	listens []int // the ports that its client was seen to listen on
	balance int64 // what it has to be by the payments that were typed
	told    bool  // to exit: its end is no death
	dead    bool  // and that was noted
}

// newHouse makes a house for those who will meet in it.
func newHouse(cfg Config, host play.ClientHost, parties ...*party) *house {
	return &house{
		edition: cfg.Server.Edition, scale: cfg.Server.Scale, host: host, parties: parties, begun: time.Now(), wake: make(chan struct{}, 1),
	}
}

// meet starts the server and has the users of two clients talk to each other. All is
// ended when it returns; why says what kept them from coming to the end.
func (h *house) meet(ctx context.Context, server *conformance.Subject) (why string, err error) {
	env := server.Env()
	if h.server, _, err = env.Host.Start(ctx, 0); err != nil {
		return "", notJudged(ctx, fmt.Errorf("the server: %w", err))
	}
	defer env.Host.Release(h.server)
	defer h.close()
	for _, p := range h.parties {
		if err := h.enter(p); err != nil {
			return "", notJudged(ctx, err)
		}
	}
	if why, err = h.session(ctx, h.parties[0], h.parties[1]); err != nil {
		return "", notJudged(ctx, err)
	}
	return why, nil
}

// mostEntries bounds what is kept of a program that floods.
const mostEntries = 20_000

// note keeps an entry; h.mu is held.
func (h *house) note(e entry) {
	e.at = time.Since(h.begun)
	if h.loud = h.loud || len(h.log) >= mostEntries; !h.loud {
		h.log = append(h.log, e)
	}
}

// tell is note for who does not hold h.mu.
func (h *house) tell(e entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note(e)
}

// entries is what was seen so far.
func (h *house) entries() []entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.log)
}

func (h *house) ring() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// enter gives a party a door of its own to the server, by which it is known.
func (h *house) enter(p *party) error {
	d, err := door.Open(loopback, 0)
	if err != nil {
		return fmt.Errorf("pair: %w", err)
	}
	p.door = d
	h.relay(d, func() *link {
		p.visits++
		return &link{from: p, visit: p.visits}
	}, p.ip, func() int { return h.server.Port })
	return nil
}

// working reports whether something is still on its way through the suite.
func (h *house) working() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.busy.Load() > 0 || slices.ContainsFunc(h.doors, (*door.Door).Waits)
}

// ends are the suite's ends of the connections of one party's client, or of the
// server if there is no party.
func (h *house) ends(p *party) (all []target.Link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.links {
		if l.from == p && l.near != nil {
			all = append(all, l.near)
		}
		if l.to == p && l.far != nil {
			all = append(all, l.far)
		}
	}
	return all
}

// rest waits until every program has done all that it is going to do, and nothing is on
// its way between them. With patience it waits for every timeout that may bring something.
func (h *house) rest(ctx context.Context, patient bool) error {
	for round := 0; ; round++ {
		before := len(h.entries())
		s, err := h.server.Settle(ctx, h.wait(nil, patient))
		if err != nil {
			return err
		}
		h.rested(s)
		for _, p := range h.parties {
			if p.session == nil {
				continue
			}
			if s, err = p.session.Settle(ctx, h.wait(p, patient)); err != nil {
				return err
			}
			h.rested(s)
		}
		if !h.working() && len(h.entries()) == before || round == mostRounds {
			h.tell(entry{kind: rests})
			return nil
		}
		select {
		case <-h.wake:
		case <-time.After(time.Millisecond):
		}
	}
}

// mostRounds is how often the programs are waited for in turn: two that talk to each
// other without end are never both at rest.
const mostRounds = 200

func (h *house) wait(p *party, patient bool) target.Wait {
	return target.Wait{Scale: h.scale, Links: h.ends(p), Wake: h.wake, Patient: patient}
}

func (h *house) rested(s target.Settled) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blind = h.blind || s.Reason == target.Quiet && !s.Proved
	h.restive = h.restive || s.Reason == target.Overdue || s.Reason == target.Flooded
}

// values fill the driver's templates for a party.
func (h *house) values(p *party) driver.Values {
	return driver.Values{
		Host: loopback, Port: p.door.Port(), Name: p.name, LoginPort: p.port, Deposit: int(h.edition.InitialBalance),
	}
}

// start starts the client of a party.
func (h *house) start(ctx context.Context, p *party) error {
	s, err := h.host.Start(ctx, h.values(p))
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p.session = s
	return nil
}

// close ends the programs' connections, and what the suite has running.
func (h *house) close() {
	for _, p := range h.parties {
		if p.session != nil {
			h.host.Release(p.session)
		}
	}
	h.mu.Lock()
	h.shut = true
	for _, d := range h.doors {
		d.Shut()
	}
	for _, l := range h.links {
		for _, e := range []*end{l.near, l.far} {
			if e != nil {
				e.deaf.Store(true)
				_ = e.tcp.Close()
			}
		}
	}
	h.mu.Unlock()
	h.running.Wait()
}

// stuck says why a client did not take what its user did; empty: it did.
func stuck(err error) string {
	s, t := (*driver.StuckError)(nil), (*target.StartError)(nil)
	switch {
	case errors.As(err, &s):
		return s.Error()
	case errors.As(err, &t):
		return t.Error()
	}
	return ""
}
