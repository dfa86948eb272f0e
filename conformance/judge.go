package conformance

import (
	"context"
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
	t := &tree{suite: s, checks: s.checks}
	t.grow(func() context.Context { return ctx })

	// The report is ours, and so are the flags and what a signal does.
	formatter.ColorableStdOut = io.Discard
	suiteConfig, reporterConfig := ginkgo.GinkgoConfiguration()
	suiteConfig.OutputInterceptorMode = "none"
	suiteConfig.FailOnEmpty = true
	ginkgo.RunSpecs(judged{}, "paycheck", suiteConfig, reporterConfig)

	var results []Result
	if t.pool != nil {
		results = t.pool.inOrder(s.checks)
	}
	return s.report(results, ctx.Err() == nil), s.close()
}

// judged is all that RunSpecs asks of a test. That a check failed is in its result.
type judged struct{}

func (judged) Fail() {}
