package pair

import (
	"os/exec"
	"path/filepath"
	"testing"

	"paycheck/conformance"
)

// build builds a program of the reference.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "paycheck/cmd/"+name).CombinedOutput(); err != nil {
		t.Fatalf("building the %s: %v\n%s", name, err, out)
	}
	return path
}

// The reference pair meets all that a meeting shows, the SHOULDs and the forms included.
func TestReferencePair(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make proofs")
	}
	t.Parallel()
	cfg := Config{Server: conformance.NewConfig(build(t, "server")), Client: conformance.NewConfig(build(t, "client"))}
	seed(&cfg, 3)
	run, err := Judge(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range run.Results {
		if v := r.Verdict(); v != conformance.Pass {
			t.Errorf("%s is %s: %s\n%v", r.Check.Name(), v, r.Why, r.Transcript)
		}
	}
	if code := run.Exit(conformance.GateStrict); code != conformance.ExitConforms {
		t.Errorf("the exit code is %d", code)
	}
	const least = 35 // requirements, so that none is lost unseen
	if n := len(run.Results); n < least {
		t.Errorf("%d results, and not %d", n, least)
	}
}
