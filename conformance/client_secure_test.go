package conformance

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paycheck/spec"
)

// The reference client meets every requirement inside TLS too, and tells the suite by its
// flag that it has to be told.
func TestSecureReferenceClientConforms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "client")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "paycheck/cmd/client")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the client: %v\n%s", err, out)
	}
	cfg := NewConfig(path)
	cfg.Role, cfg.Secure = spec.Client, true
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
	veiled := 0
	for _, c := range s.checks {
		r := p.wait(c)
		if v := r.Verdict(); v != Pass {
			t.Errorf("%s is %s: %s\n%v", c.Name(), v, r.Why, r.Transcript)
		}
		if c.Requirement.Section == "SEC" {
			veiled++
		}
	}
	p.stop()
	if veiled != len(clientEncrypted) {
		t.Errorf("%d checks of section SEC, not %d", veiled, len(clientEncrypted))
	}
	run := s.report(p.inOrder(s.checks), true)
	if code := run.Exit(GateStrict); code != ExitConforms {
		t.Errorf("the exit code is %d", code)
	}
	if !strings.Contains(run.Recipe, secureFlag) {
		t.Errorf("it was started as %s", run.Recipe)
	}
	if !slices.ContainsFunc(run.Notes, func(n string) bool { return strings.Contains(n, "TLS 1.3") }) {
		t.Errorf("the notes are %q", run.Notes)
	}
}
