package conformance

import (
	"os/exec"
	"path/filepath"
	"testing"

	"paycheck/spec"
)

// The reference client meets every requirement, the SHOULDs and the forms included.
func TestReferenceClientConforms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "client")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "paycheck/cmd/client")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the client: %v\n%s", err, out)
	}
	cfg := NewConfig(path)
	cfg.Role = spec.Client
	s, err := open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	p := startPool(t.Context(), s, s.checks)
	for _, c := range s.checks {
		r := p.wait(c)
		if v := r.Verdict(); v != Pass {
			t.Errorf("%s is %s: %s\n%v", c.Name(), v, r.Why, r.Transcript)
		}
	}
	p.stop()
	run := s.report(p.inOrder(s.checks), true)
	if code := run.Exit(GateStrict); code != ExitConforms {
		t.Errorf("the exit code is %d", code)
	}
	t.Logf("%d checks in %.1f s", len(run.Results), run.Elapsed.Seconds())
}
