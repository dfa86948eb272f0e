package conformance

import (
	"context"
	"errors"
	"io"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"
)

// Judge runs the selected checks against the program, as a Ginkgo suite of its own;
// it can be called once in a process. A run that was interrupted has Incomplete set.
// The error is [ErrUsage] or [ErrNotJudged].
func Judge(ctx context.Context, cfg Config) (Run, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return Run{}, err
	}
	t := &tree{suite: s, start: func(checks []*Check) *pool { return startPool(ctx, s, checks) }}
	t.grow(s.checks)

	// The report is ours, and so are the flags and the handling of signals.
	formatter.ColorableStdOut = io.Discard
	suiteConfig, reporterConfig := ginkgo.GinkgoConfiguration()
	suiteConfig.OutputInterceptorMode = "none"
	suiteConfig.FailOnEmpty = true
	ginkgo.RunSpecs(judged{}, "paycheck", suiteConfig, reporterConfig)

	results := t.results()
	run := s.report(results, ctx.Err() == nil && len(results) == len(s.checks))
	return run, errors.Join(s.close())
}

// judged is all that RunSpecs asks of a test. That a check failed is in its result.
type judged struct{}

func (judged) Fail() {}
