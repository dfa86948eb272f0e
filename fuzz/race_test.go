package fuzz_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"paycheck/fuzz"
)

// altered builds a program of the reference with one text of a file changed.
func altered(name, file, from, to string) string {
	path, err := filepath.Abs(file)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	old, err := os.ReadFile(file)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	gomega.Expect(strings.Count(string(old), from)).To(gomega.Equal(1))
	dir := ginkgo.GinkgoT().TempDir()
	changed := filepath.Join(dir, filepath.Base(file))
	gomega.Expect(os.WriteFile(changed, []byte(strings.Replace(string(old), from, to, 1)), 0o600)).To(gomega.Succeed())
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	at := filepath.Join(dir, "overlay.json")
	gomega.Expect(os.WriteFile(at, overlay, 0o600)).To(gomega.Succeed())
	return build(name, "go", "build", "-overlay", at, "-o", "OUT", "paycheck/cmd/"+name)
}

// A server that looks and acts in two steps is right as long as one acts at a time.
var _ = ginkgo.DescribeTable("A server without a lock is found when several act at one moment",
	func(id, from, to string) {
		leftToProofs()
		s := prepare(altered("server", "../reference/ledger/changes.go", from, to))
		p := plan()
		p.Sessions, p.First, p.Most, p.Shrink = 6, true, 400, 3*time.Second
		status, err := fuzz.Run(context.Background(), s, p)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(status.Findings).NotTo(gomega.BeEmpty())
		f := status.Findings[0]
		gomega.Expect(f.ID).To(gomega.Equal(id), f.Text)
		gomega.Expect(f.Steady()).To(gomega.BeTrue(), f.Text)
		script, err := fuzz.Read(f.Text)
		gomega.Expect(err).NotTo(gomega.HaveOccurred(), f.Text)
		gomega.Expect(script.Together).To(gomega.BeNumerically(">", 1), f.Text)
		trouble, _, err := s.Replay(context.Background(), script)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(trouble).NotTo(gomega.BeNil(), f.Text)
	},
	ginkgo.Entry("a name that is looked up and then added", "CON-3",
		"\treturn l.do(func(b *batch) error {\n\t\tif b.has(name) {\n\t\t\treturn ErrTaken\n\t\t}",
		"\tif a, _ := l.Snapshot(name); a.Name != \"\" {\n\t\treturn ErrTaken\n\t}\n\treturn l.do(func(b *batch) error {"),
	ginkgo.Entry("a balance that is read and then written", "CON-4",
		"\treturn l.do(func(b *batch) error {\n\t\tfrom, to := b.get(payer), b.get(payee)",
		"\tbefore, _ := l.Snapshot(payer)\n\tafter, _ := l.Snapshot(payee)\n\treturn l.do(func(b *batch) error {\n"+
			"\t\tfrom, to := b.get(payer), b.get(payee)\n\t\tfrom.Balance, to.Balance = before.Balance, after.Balance"),
)

var _ = ginkgo.Describe("The reference server, asked by several at one moment", func() {
	ginkgo.It("shows nothing", func() {
		s := prepare(build("server", "go", "build", "-o", "OUT", "paycheck/cmd/server"))
		p := plan()
		p.Sessions, p.Most = 6, 60
		status, err := fuzz.Run(context.Background(), s, p)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		gomega.Expect(status.Conversations - status.Undecided).To(gomega.BeNumerically(">", 50))
		gomega.Expect(status.Findings).To(gomega.BeEmpty())
	})
})
