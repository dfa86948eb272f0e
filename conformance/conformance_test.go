package conformance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"paycheck/conformance"
)

// The program that `go test` and the ginkgo command judge: the one that this
// variable names, or the reference.
const serverVariable = "PAYCHECK_SERVER"

var server string

var _ = ginkgo.Describe("paycheck", func() {
	conformance.Register(func() conformance.Config { return conformance.NewConfig(server) })
})

func TestConformance(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	if server = os.Getenv(serverVariable); server == "" {
		server = build(t, "paycheck/cmd/server")
	}
	ginkgo.RunSpecs(t, "Conformance of a server")
}

// build makes a program of this module.
func build(t *testing.T, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(pkg))
	out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("building %s: %v\n%s", pkg, err, out)
	}
	return path
}
