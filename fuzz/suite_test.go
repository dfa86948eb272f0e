package fuzz_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"paycheck/conformance"
	"paycheck/fuzz"
)

func TestFuzz(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "fuzz")
}

// The seed and the budget of the suite: the same conversations each time, a few seconds.
const (
	seed   = 2021
	budget = 24
)

// build makes a program with one command.
func build(name string, words ...string) string {
	program := filepath.Join(ginkgo.GinkgoT().TempDir(), name)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "OUT", program)
	}
	out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
	gomega.Expect(err).NotTo(gomega.HaveOccurred(), string(out))
	return program
}

// prepare makes a program ready to be fuzzed.
func prepare(program string) *fuzz.Subject {
	cfg := conformance.NewConfig(program)
	cfg.Only, cfg.Seed = []string{"FRM"}, uint64(os.Getpid())
	s, err := fuzz.Prepare(context.Background(), cfg)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(s.Close)
	return s
}

func plan() fuzz.Plan {
	p := fuzz.NewPlan()
	p.For, p.Most, p.Seed, p.Workers = 0, budget, seed, 2
	return p
}

// leftToProofs skips what takes long where only the quick tests are wanted.
func leftToProofs() {
	if testing.Short() {
		ginkgo.Skip("left to make proofs")
	}
}

var _ = ginkgo.Describe("The reference server", ginkgo.Ordered, func() {
	var s *fuzz.Subject
	ginkgo.BeforeAll(func() {
		s = prepare(build("server", "go", "build", "-o", "OUT", "paycheck/cmd/server"))
	})

	ginkgo.It("shows nothing in a fixed number of conversations", func() {
		status, err := fuzz.Run(context.Background(), s, plan())
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(status.Conversations).To(gomega.BeEquivalentTo(budget))
		gomega.Expect(status.Messages).To(gomega.BeNumerically(">", budget))
		for _, f := range status.Findings {
			if f.Steady() { // else it is none: see fuzz.Finding
				ginkgo.Fail(f.Text)
			}
			ginkgo.GinkgoWriter.Println(f.Text)
		}
	})

	ginkgo.It("holds in every conversation that was once found", func() {
		files, err := filepath.Glob("testdata/*.txt")
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(files).NotTo(gomega.BeEmpty())
		for _, file := range files {
			text, err := os.ReadFile(file)
			gomega.Expect(err).NotTo(gomega.HaveOccurred())
			script, err := fuzz.Read(string(text))
			gomega.Expect(err).NotTo(gomega.HaveOccurred(), file)
			trouble, said, err := s.Replay(context.Background(), script)
			gomega.Expect(err).NotTo(gomega.HaveOccurred(), file)
			gomega.Expect(trouble).To(gomega.BeNil(), "%s\n%s", file, said)
		}
	})
})

var _ = ginkgo.Describe("A server that dies of an early request", func() {
	ginkgo.It("is found, by a conversation of one step that can be replayed", func() {
		s := prepare(build("early", "cc", "-O1", "-pthread", "-o", "OUT", "../conformance/mutant/programs/early_list.c"))
		p := plan()
		p.First = true
		status, err := fuzz.Run(context.Background(), s, p)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(status.Findings).To(gomega.HaveLen(1))
		f := status.Findings[0]
		gomega.Expect(f.ID).To(gomega.Equal("FRM-8"))
		gomega.Expect(f.Death.Signal).To(gomega.Equal("SIGSEGV"))
		gomega.Expect(f.Steady()).To(gomega.BeTrue(), f.Text)
		gomega.Expect(f.Steps).To(gomega.Equal(1), f.Text)
		script, err := fuzz.Read(f.Text)
		gomega.Expect(err).NotTo(gomega.HaveOccurred(), f.Text)
		trouble, _, err := s.Replay(context.Background(), script)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(trouble).NotTo(gomega.BeNil(), f.Text)
		gomega.Expect(trouble.ID).To(gomega.Equal("FRM-8"))
	})
})
