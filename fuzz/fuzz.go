// Package fuzz has conversations with a server that nobody has written down, and holds
// every reply against the model of the protocol (package model). A conversation is made
// from a seed and a number; processes are used for many, until something is wrong. What
// is wrong is made as small as it can be and still fail, on fresh processes, and written
// down as a scenario.
package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Plan says how long to fuzz, and how.
type Plan struct {
	For     time.Duration // 0: until Most
	Most    int           // conversations; 0: as many as there is time for
	Seed    uint64
	Workers int // processes at a time
	// Sessions is how many clients act at one moment at most; 0 or 1: one after another.
	Sessions int
	First    bool          // stop at the first finding
	Shrink   time.Duration // how long each finding is made smaller at most
	Each     func(Status)  // called now and then, by one at a time; may be nil
}

// NewPlan is the plan that is followed where nothing else is said.
func NewPlan() Plan { return Plan{For: time.Minute, Workers: 4, Shrink: 20 * time.Second} }

// A Status is how far a run has come.
type Status struct {
	Elapsed       time.Duration `json:"elapsed"`
	Conversations int64         `json:"conversations"`
	Messages      int64         `json:"messages"` // that were answered, or proved not to be
	Undecided     int64         `json:"undecided"`
	Processes     int64         `json:"processes"` // that were started
	Findings      []Finding     `json:"findings"`
}

// A Finding is one cause of trouble, with the smallest conversation that shows it.
type Finding struct {
	Trouble
	Frame  string `json:"frame,omitempty"` // where it crashed, if it said so
	Script `json:"-"`
	Steps  int           `json:"steps"`  // that its scenario has, expectations left out
	Number int           `json:"number"` // of the conversation that found it
	First  time.Duration `json:"first"`  // since the beginning of the run
	Count  int           `json:"count"`  // how often it was seen
	Failed int           `json:"failed"` // of Tried fresh processes
	Tried  int           `json:"tried"`
	Text   string        `json:"scenario"` // what paycheck replay takes
	Shell  string        `json:"-"`        // the same for bash, where it can
	seen   []seen        // what was answered, of the last try
}

// Steady reports whether it counts: it fails nearly always on fresh processes. What does
// not may be a race of the program, or of who looks. Where clients act at one moment a
// race is what is sought, and each time that it is seen proves it; it must have come
// again.
func (f *Finding) Steady() bool {
	if f.Together > 0 {
		return f.Failed > 0
	}
	return f.Tried > 0 && f.Failed*tries >= f.Tried*enough
}

// reuse is how many conversations one process serves.
const reuse = 150

// A run is one run of a plan.
type run struct {
	subject *Subject // nil: it is a client
	plan    Plan
	begun   time.Time
	stop    context.CancelFunc // no more conversations

	conversations, messages, undecided, processes atomic.Int64

	mu       sync.Mutex
	findings []*Finding
	failed   error
}

// Run follows the plan. A context that ends early is no error: what was found until
// then is in the status. The error is of a program that does not start any more.
func Run(ctx context.Context, s *Subject, plan Plan) (Status, error) {
	return follow(ctx, &run{subject: s, plan: plan}, (*run).work)
}

// follow has the workers of a plan work until its time is over.
func follow(ctx context.Context, r *run, work func(r *run, ctx, timed context.Context, worker int)) (Status, error) {
	r.begun = time.Now()
	plan := r.plan
	timed, cancel := context.WithCancel(ctx)
	if plan.For > 0 {
		timed, cancel = context.WithTimeout(ctx, plan.For)
	}
	defer cancel()
	r.stop = cancel
	done := make(chan struct{})
	var workers, teller sync.WaitGroup
	for w := range max(1, plan.Workers) {
		workers.Go(func() { work(r, ctx, timed, w) })
	}
	if plan.Each != nil {
		teller.Go(func() { r.tell(done) })
	}
	workers.Wait()
	close(done)
	teller.Wait()
	return r.status(), r.failed
}

// tell reports how far the run has come.
func (r *run) tell(done <-chan struct{}) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			r.plan.Each(r.status())
		}
	}
}

func (r *run) status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Status{
		Elapsed: time.Since(r.begun), Conversations: r.conversations.Load(), Messages: r.messages.Load(),
		Undecided: r.undecided.Load(), Processes: r.processes.Load(), Findings: make([]Finding, 0, len(r.findings)),
	}
	for _, f := range r.findings {
		s.Findings = append(s.Findings, *f)
	}
	return s
}

// work has every conversation whose number belongs to this worker, until the time is
// over.
func (r *run) work(ctx, timed context.Context, worker int) {
	step := max(1, r.plan.Workers)
	for n := worker; timed.Err() == nil && (r.plan.Most == 0 || n < r.plan.Most); {
		next, err := r.process(ctx, timed, n, step)
		if err != nil {
			if timed.Err() == nil {
				r.fail(err)
			}
			return
		}
		n = next
	}
}

func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = errors.Join(r.failed, err)
}

// process uses one process from conversation n on, and gives the number of the next.
func (r *run) process(ctx, timed context.Context, n, step int) (int, error) {
	t, err := r.subject.start(timed)
	if err != nil {
		return n, fmt.Errorf("fuzz: the program does not start any more: %w", err)
	}
	r.processes.Add(1)
	stopped := false
	stop := func() {
		if !stopped {
			r.subject.stop(t)
			stopped = true
		}
	}
	defer stop()
	var history []Script
	for range reuse {
		if timed.Err() != nil || r.plan.Most > 0 && n >= r.plan.Most {
			return n, nil
		}
		script := r.script(n)
		history = append(history, script)
		before := t.replies
		err := t.have(timed, script)
		r.messages.Add(int64(t.replies - before))
		if timed.Err() != nil {
			return n, nil
		}
		r.conversations.Add(1)
		n += step
		trouble := (*Trouble)(nil)
		switch {
		case err == nil:
			t.forget()
			continue
		case errors.As(err, &trouble):
			frame := crashFrame(t.program.Printed())
			stop()
			r.found(trouble, frame, n-step, func(f Finding) Finding {
				f = r.subject.smaller(ctx, f, history, r.plan.Shrink)
				f.Text, f.Shell = f.scenario(r.plan.Seed), r.subject.shell(&f)
				return f
			})
		case errors.As(err, new(*undecided)):
			r.undecided.Add(1)
		default:
			return n, err
		}
		break
	}
	return n, nil
}

// script makes conversation number n.
func (r *run) script(n int) Script {
	if sessions := min(r.plan.Sessions, r.subject.most); sessions > 1 {
		return r.subject.crowded(r.plan.Seed, n, sessions)
	}
	return Script{Acts: r.subject.conversation(r.plan.Seed, n)}
}

// found files a trouble: with one that was seen before, or as a finding that is then
// made smaller and written down.
func (r *run) found(trouble *Trouble, frame string, n int, smaller func(Finding) Finding) {
	r.mu.Lock()
	for _, f := range r.findings {
		if f.same(trouble, frame) {
			f.Count++
			r.mu.Unlock()
			return
		}
	}
	f := &Finding{Trouble: *trouble, Frame: frame, Number: n, First: time.Since(r.begun), Count: 1}
	r.findings = append(r.findings, f)
	r.mu.Unlock()
	if r.plan.First {
		r.stop()
	}
	small := smaller(*f)
	r.mu.Lock()
	defer r.mu.Unlock()
	small.Count = f.Count
	*f = small
	r.merge(f)
}

// merge drops a finding that has turned out to be one that is there already.
func (r *run) merge(f *Finding) {
	for _, other := range r.findings {
		if other != f && other.Tried > 0 && other.same(&f.Trouble, f.Frame) {
			other.Count += f.Count
			r.findings = slices.DeleteFunc(r.findings, func(g *Finding) bool { return g == f })
			return
		}
	}
}

// same reports whether a trouble has the cause of a finding: the requirement, and for
// a crash the signal and the place.
func (f *Finding) same(t *Trouble, frame string) bool {
	if f.Death == nil || t.Death == nil {
		return f.Death == t.Death && f.ID == t.ID
	}
	return f.Frame == frame && f.Death.Signal == t.Death.Signal && f.Death.Exit == t.Death.Exit
}
