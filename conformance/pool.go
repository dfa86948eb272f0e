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

	mu   sync.Mutex
	done []Result
	all  int
}

// workersPerProcessor was measured: with fewer the processors idle, with more the
// programs under test get in each other's way.
const workersPerProcessor = 4

// startPool begins to run the checks, those that wait longest first.
func startPool(ctx context.Context, s *suite, checks []*Check) *pool {
	p := &pool{suite: s, results: make(map[*Check]chan Result, len(checks)), all: len(checks)}
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
		go func() {
			for c := range queue {
				p.file(s.judge(ctx, c))
			}
		}()
	}
	return p
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
