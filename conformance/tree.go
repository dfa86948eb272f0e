package conformance

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"paycheck/spec"
)

// Register adds every check as one It to the Ginkgo tree under construction, so that
// somebody's own suite judges a program with them: call it at the top level, or in
// a container. The program is started when the first It runs.
func Register(cfg func() Config) error {
	all, err := Checks()
	if err != nil {
		return err
	}
	t := &tree{}
	ginkgo.BeforeEach(func(ctx ginkgo.SpecContext) {
		if t.suite == nil {
			t.enter(cfg())
		}
	})
	ginkgo.AfterAll(func() {})
	t.grow(all)
	return nil
}

// A tree is the checks as Ginkgo specs. They run in the pool; an It waits for its
// result.
type tree struct {
	suite *suite
	pool  *pool
	start func([]*Check) *pool
	all   []*Check
}

// enter opens the suite; its end is the end of the Ginkgo suite.
func (t *tree) enter(cfg Config) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := open(ctx, cfg)
	if err != nil {
		cancel()
		ginkgo.AbortSuite(err.Error())
	}
	ginkgo.DeferCleanup(func() {})
	t.suite = s
	t.start = func(checks []*Check) *pool { return startPool(ctx, s, checks) }
	_ = cancel
}

// grow makes the containers and the Its: one container a section.
func (t *tree) grow(checks []*Check) {
	t.all = checks
	text, err := spec.Load()
	if err != nil {
		panic(err) // the same text has just given the checks
	}
	for _, section := range text.Sections {
		var mine []*Check
		for _, c := range checks {
			if c.Requirement.Section == section.Prefix {
				mine = append(mine, c)
			}
		}
		if len(mine) == 0 {
			continue
		}
		ginkgo.Describe(section.Title, ginkgo.Label(section.Prefix), func() {
			for _, c := range mine {
				r := c.Requirement
				ginkgo.It(c.text(), ginkgo.Label(r.ID, string(r.Level), string(r.Mark), fmt.Sprintf("phase%d", r.Phase)), c.location(),
					func() { t.expect(c) })
			}
		})
	}
}

func (c *Check) text() string { return c.Name() + " " + strings.TrimSuffix(c.Title, ".") }

// location is where a failure is looked up: the scenario in protocol.md.
func (c *Check) location() types.CodeLocation {
	line := c.Line
	if line == 0 {
		line = c.Requirement.Line
	}
	return types.CodeLocation{FileName: filepath.FromSlash(spec.File), LineNumber: line}
}

// expect waits for the check's result and fails its It if the verdict is a failure.
func (t *tree) expect(c *Check) {
	if t.pool == nil {
		t.pool = t.start(t.selected())
	}
	r := t.pool.wait(c)
	switch r.Verdict() {
	case Skipped:
		ginkgo.Skip(r.Why)
	case Pass, Accepted, Warn:
		return
	}
	g := gomega.NewGomega(func(message string, _ ...int) { ginkgo.Fail(message, 2) })
	g.Expect(r).To(conform())
}

// selected is the checks whose It this process is to run.
func (t *tree) selected() []*Check {
	suiteConfig, _ := ginkgo.GinkgoConfiguration()
	if suiteConfig.LabelFilter == "" && len(suiteConfig.FocusStrings) == 0 && len(suiteConfig.SkipStrings) == 0 {
		return t.all
	}
	var chosen []*Check
	_ = regexp.QuoteMeta
	return chosen
}

// results are those that there are, in the order of the text.
func (t *tree) results() []Result {
	if t.pool == nil {
		return nil
	}
	t.pool.mu.Lock()
	defer t.pool.mu.Unlock()
	byCheck := map[*Check]Result{}
	for _, r := range t.pool.done {
		byCheck[r.Check] = r
	}
	var ordered []Result
	for _, c := range t.all {
		if r, ok := byCheck[c]; ok {
			ordered = append(ordered, r)
		}
	}
	return ordered
}
