package conformance

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"paycheck/spec"
)

// Register adds every check as one It to the Ginkgo tree under construction, so that
// somebody's own suite judges a program with them; cfg is asked when the first of
// them runs. Call it where a container may stand.
func Register(cfg func() Config) { register(spec.Server, cfg) }

// RegisterClient is [Register] with the checks for clients; the Config is of a client.
func RegisterClient(cfg func() Config) { register(spec.Client, cfg) }

func register(role spec.Role, cfg func() Config) {
	all, err := checksOf(role)
	if err != nil {
		panic(err) // the text and the checks of this module do not fit each other
	}
	t := &tree{checks: all}
	t.grow(func() context.Context {
		s, err := open(context.Background(), cfg())
		if err != nil {
			ginkgo.Fail(err.Error())
		}
		t.suite = s
		ginkgo.DeferCleanup(s.close)
		return context.Background()
	})
}

// A tree is the checks as Ginkgo specs. They run in a pool; an It waits for its
// result.
type tree struct {
	suite  *suite
	checks []*Check
	pool   *pool
}

// grow makes one container a section, in a container that runs begin first, for the
// context of the run. It is ordered, so that all of it runs in one process: the pool
// is parallel already.
func (t *tree) grow(begin func() context.Context) {
	text, err := spec.Load()
	if err != nil {
		panic(err) // the same text has given the checks
	}
	ginkgo.Describe(t.role(), ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		ginkgo.BeforeAll(func() {
			t.pool = startPool(begin(), t.suite, t.selected())
			ginkgo.DeferCleanup(t.pool.stop)
		})
		for _, section := range text.Sections {
			mine := slices.DeleteFunc(slices.Clone(t.checks), func(c *Check) bool { return c.Requirement.Section != section.Prefix })
			if len(mine) == 0 {
				continue
			}
			ginkgo.Describe(section.Title, ginkgo.Label(section.Prefix), func() {
				for _, c := range mine {
					ginkgo.It(c.text(), ginkgo.Label(c.labels()...), c.location(), func() { t.expect(c) })
				}
			})
		}
	})
}

// role says what the checks are for.
func (t *tree) role() string {
	if len(t.checks) > 0 && t.checks[0].client != nil {
		return "A client"
	}
	return "A server"
}

func (c *Check) text() string { return c.Name() + " " + strings.TrimSuffix(c.Title, ".") }

func (c *Check) labels() []string {
	r := c.Requirement
	return []string{r.ID, string(r.Level), string(r.Mark), fmt.Sprintf("phase%d", r.Phase)}
}

// location is where a failure is looked up: the scenario in protocol.md.
func (c *Check) location() types.CodeLocation {
	line := c.Line
	if line == 0 {
		line = c.Requirement.Line
	}
	return types.CodeLocation{FileName: filepath.FromSlash(spec.File), LineNumber: line}
}

// expect waits for the check's result and fails its It if the verdict is no pass.
func (t *tree) expect(c *Check) {
	r := t.pool.wait(c)
	if r.Verdict() == Skipped {
		ginkgo.Skip(r.Why)
	}
	g := gomega.NewGomega(func(message string, _ ...int) { ginkgo.Fail(message) })
	g.Expect(r).To(conform())
}

// selected gives the checks whose It Ginkgo's own flags leave in the run: nobody
// waits for the others.
func (t *tree) selected() []*Check {
	cfg, _ := ginkgo.GinkgoConfiguration()
	labels, err := types.ParseLabelFilter(cfg.LabelFilter)
	if err != nil {
		return t.checks // Ginkgo has refused it before
	}
	any := func(patterns []string, text string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			matched, err := regexp.MatchString(p, text)
			return err == nil && matched
		})
	}
	outer := strings.Join(ginkgo.CurrentSpecReport().ContainerHierarchyTexts, " ")
	return slices.DeleteFunc(slices.Clone(t.checks), func(c *Check) bool {
		text := outer + " " + c.text()
		return !labels(append(c.labels(), c.Requirement.Section)) ||
			len(cfg.FocusStrings) > 0 && !any(cfg.FocusStrings, text) ||
			any(cfg.SkipStrings, text)
	})
}
