package fuzz_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"paycheck/conformance"
	"paycheck/fuzz"
)

// sanitized builds a server in C with some texts changed, under a sanitizer. Where the
// compiler has none that runs, the test is skipped with the reason.
func sanitized(kind string, changes ...string) string {
	dir := ginkgo.GinkgoT().TempDir()
	empty := filepath.Join(dir, "empty.c")
	gomega.Expect(os.WriteFile(empty, []byte("int main(void) { return 0; }\n"), 0o600)).To(gomega.Succeed())
	try := filepath.Join(dir, "empty")
	if out, err := exec.Command("cc", "-fsanitize="+kind, "-o", try, empty).CombinedOutput(); err != nil {
		ginkgo.Skip(fmt.Sprintf("cc has no -fsanitize=%s: %s", kind, out))
	}
	if out, err := exec.Command(try).CombinedOutput(); err != nil {
		ginkgo.Skip(fmt.Sprintf("nothing runs with -fsanitize=%s here: %v %s", kind, err, out))
	}
	text, err := os.ReadFile("../conformance/mutant/programs/good_pool.c")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	for i := 0; i < len(changes); i += 2 {
		gomega.Expect(strings.Count(string(text), changes[i])).To(gomega.Equal(1), changes[i])
		text = []byte(strings.Replace(string(text), changes[i], changes[i+1], 1))
	}
	source := filepath.Join(dir, "server.c")
	gomega.Expect(os.WriteFile(source, text, 0o600)).To(gomega.Succeed())
	return build("server", "cc", "-g", "-O1", "-w", "-fno-omit-frame-pointer", "-pthread", "-fsanitize="+kind, "-o", "OUT", source)
}

var _ = ginkgo.DescribeTable("What a sanitizer reports is a finding that names the place",
	func(frame string, first bool, program func() string) {
		leftToProofs()
		cfg := conformance.NewConfig(program())
		cfg.Only, cfg.Seed = []string{"FRM"}, uint64(os.Getpid())
		cfg.Recipe.Env = []string{"ASAN_OPTIONS=detect_leaks=0"}
		s, err := fuzz.Prepare(context.Background(), cfg)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		ginkgo.DeferCleanup(s.Close)
		p := plan()
		p.Most, p.First, p.Shrink, p.Seed = 60, first, 2*time.Second, 1
		status, err := fuzz.Run(context.Background(), s, p)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		var frames []string
		for _, f := range status.Findings {
			if f.Death != nil && f.Steady() {
				frames = append(frames, f.Frame)
			}
		}
		gomega.Expect(frames).To(gomega.ContainElement(gomega.MatchRegexp(frame)))
	},
	ginkgo.Entry("a name that is too long for its place", "AddressSanitizer: .* in do_register$", false, func() string {
		return sanitized("address", "return n >= 1 && n <= 16;", "return n >= 1;")
	}),
	ginkgo.Entry("a name that is read after it was freed, at the logout", "AddressSanitizer: .* in serve$", true, func() string {
		return sanitized("address", "            me = NULL;\n            line = \"Bye\";",
			"            if (me) { char *who = strdup(me->name); free(who); puts(who); }\n            me = NULL;\n            line = \"Bye\";")
	}),
)
