package conformance

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
)

// A pool runs checks side by side and keeps their results. Most of a check is
// waiting for the program, so there are more workers than processors.
type pool struct {
	suite   *suite
	results map[*Check]chan Result // each gets one result
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu   sync.Mutex
	done []Result
	all  int
}

// workersPerProcessor was measured: with fewer the processors idle, with more the
// programs under test get in each other's way.
const workersPerProcessor = 4

// startPool begins to run the checks, those that wait longest first.
func startPool(ctx context.Context, s *suite, checks []*Check) *pool {
	ctx, cancel := context.WithCancel(ctx)
	p := &pool{suite: s, cancel: cancel, results: make(map[*Check]chan Result, len(checks)), all: len(checks)}
	for _, c := range checks {
		p.results[c] = make(chan Result, 1)
	}
	order := slices.Clone(checks)
	slices.SortStableFunc(order, func(a, b *Check) int { return cmp.Compare(b.cost(), a.cost()) })
	queue := make(chan *Check, len(order))
	for _, c := range order {
		queue <- c
	}
	close(queue)
	workers := workersPerProcessor * runtime.GOMAXPROCS(0)
	if s.cfg.Connect != "" {
		workers = 1 // one process for all: its conversations must not meet
	}
	for range workers {
		p.workers.Go(func() {
			for c := range queue {
				p.file(s.judge(ctx, c))
			}
		})
	}
	return p
}

// stop ends what still runs, and waits until it has: a check that was cut short has
// a result that says so.
func (p *pool) stop() {
	p.cancel()
	p.workers.Wait()
}

// file keeps a result and tells whoever follows the run, one result at a time.
func (p *pool) file(r Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = append(p.done, r)
	if p.suite.cfg.Each != nil {
		p.suite.cfg.Each(Progress{Result: r, Done: len(p.done), Total: p.all})
	}
	p.results[r.Check] <- r
}

// wait returns the result of one check.
func (p *pool) wait(c *Check) Result {
	r := <-p.results[c]
	p.results[c] <- r // for whoever asks again
	return r
}

// inOrder returns the results that there are, in the order of the text.
func (p *pool) inOrder(checks []*Check) []Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	of := make(map[*Check]Result, len(p.done))
	for _, r := range p.done {
		of[r.Check] = r
	}
	var ordered []Result
	for _, c := range checks {
		if r, ok := of[c]; ok {
			ordered = append(ordered, r)
		}
	}
	return ordered
}

// cost guesses which checks take longest: those in Go, and those that wait for a bound.
func (c *Check) cost() int {
	switch {
	case c.Line == 0:
		return 2
	case c.Requirement.Section == "VAN" || c.Requirement.Section == "OPS":
		return 1
	}
	return 0
}
