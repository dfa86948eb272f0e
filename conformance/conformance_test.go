package conformance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
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

// Programs of this module are built once for all tests.
var (
	built    = map[string]string{} // by package
	building sync.Mutex
)

func TestMain(m *testing.M) { os.Exit(withBuilds(m.Run)) }

// withBuilds runs tests, and removes what was built for them.
func withBuilds(run func() int) int {
	defer func() {
		for _, path := range built {
			_ = os.RemoveAll(filepath.Dir(path))
		}
	}()
	return run()
}

// build makes a program of this module.
func build(t *testing.T, pkg string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	if path := built[pkg]; path != "" {
		return path
	}
	dir, err := os.MkdirTemp("", "built-")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, filepath.Base(pkg))
	built[pkg] = path
	out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("building %s: %v\n%s", pkg, err, out)
	}
	return path
}
