package fuzz_test

import (
	"context"
	"os"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"paycheck/conformance"
	"paycheck/conformance/driver"
	"paycheck/fuzz"
	"paycheck/spec"
)

// prepareClient makes a client ready to be fuzzed; file has its driver, if it needs one.
func prepareClient(program, file string) *fuzz.Client {
	cfg := conformance.NewConfig(program)
	cfg.Role, cfg.Seed, cfg.Whole = spec.Client, uint64(os.Getpid()), true
	cfg.Only = []string{"CLI-1/1"}
	if file != "" {
		d, err := driver.Load(file)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		cfg.Driver = &d
	}
	c, err := fuzz.PrepareClient(context.Background(), cfg)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(c.Close)
	return c
}

func clientPlan(most int) fuzz.Plan {
	p := fuzz.NewPlan()
	p.For, p.Most, p.Seed, p.Workers, p.Shrink = 0, most, seed, 2, 4*time.Second
	return p
}

var _ = ginkgo.Describe("The reference client", func() {
	ginkgo.It("shows nothing in a fixed number of conversations", func() {
		leftToProofs()
		c := prepareClient(build("client", "go", "build", "-o", "OUT", "paycheck/cmd/client"), "")
		status, err := fuzz.RunClient(context.Background(), c, clientPlan(8))
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(status.Conversations).To(gomega.BeEquivalentTo(8))
		gomega.Expect(status.Messages).To(gomega.BeNumerically(">", 16))
		gomega.Expect(status.Findings).To(gomega.BeEmpty())
	})
})

var _ = ginkgo.DescribeTable("A wrong client is found, and what was found can be replayed",
	func(id string, program func() string, file string) {
		leftToProofs()
		c := prepareClient(program(), file)
		p := clientPlan(60)
		p.First = true
		status, err := fuzz.RunClient(context.Background(), c, p)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(status.Findings).NotTo(gomega.BeEmpty())
		f := status.Findings[0]
		gomega.Expect(f.ID).To(gomega.Equal(id), f.Text)
		gomega.Expect(f.Steady()).To(gomega.BeTrue(), f.Text)
		deeds, err := fuzz.ReadDeeds(f.Text)
		gomega.Expect(err).NotTo(gomega.HaveOccurred(), f.Text)
		trouble, _, err := c.Replay(context.Background(), deeds)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(trouble).NotTo(gomega.BeNil(), f.Text)
	},
	ginkgo.Entry("it dies of a server that has gone", "CLI-22", func() string {
		return build("byindex", "cc", "-w", "-O1", "-pthread", "-o", "OUT", "../conformance/driver/testdata/clients/byindex.c")
	}, "../conformance/driver/testdata/clients/byindex.toml"),
	ginkgo.Entry("it passes a payment on twice", "CLI-14", func() string {
		const once = "if err := c.link.forward(c.ctx, payment); err != nil {"
		return altered("client", "../reference/client/peer.go", once, "_ = c.link.forward(c.ctx, payment)\n\t"+once)
	}, ""),
)
