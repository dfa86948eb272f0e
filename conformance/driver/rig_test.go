package driver_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"paycheck/conformance/target"
)

// bound is how long a test waits for an event before it fails.
const bound = 60 * time.Second

var (
	kernel    *target.Kernel
	ports     *target.Ports
	built     string // a directory for programs
	reference string // the reference client
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if built, err = os.MkdirTemp("", "driver-"); err == nil {
		defer os.RemoveAll(built)
		kernel, err = target.OpenKernel()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer kernel.Close()
	ports = target.NewPorts(uint64(os.Getpid()))
	reference = filepath.Join(built, "reference")
	out, err := exec.Command("go", "build", "-o", reference, "paycheck/cmd/client").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "building the reference client: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func free(t *testing.T) int {
	t.Helper()
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	return port
}
