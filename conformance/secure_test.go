package conformance_test

import (
	"os/exec"
	"strings"
	"testing"

	"paycheck/conformance"
)

// The reference holds what is asked of an encrypted server, and inside encryption what
// is asked of every server: of that what rests most on how bytes come.
func TestSecureReference(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make proofs")
	}
	judge := exec.Command(build(t, "paycheck/cmd/paycheck"), "server", build(t, "paycheck/cmd/server"),
		"--secure", "--gate", "strict", "--only", "SEC,LIM,PAY,VAN-3,FRM-4", "--color", "never")
	out, err := judge.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"--secure", "speaks TLS 1.3, with an RSA key of 2048 bits", "takes sealed payments",
		"secure             8 of 8     8 of 8   ok",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
}

// Without encryption there is nothing of phase 3 to judge.
func TestSelectWithoutEncryption(t *testing.T) {
	all, err := conformance.Checks()
	if err != nil {
		t.Fatal(err)
	}
	cfg := conformance.NewConfig("")
	plain, err := cfg.Select(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range plain {
		if c.Requirement.Phase == 3 {
			t.Errorf("%s is selected", c.Name())
		}
	}
	cfg.Only = []string{"SEC"}
	if _, err := cfg.Select(all); err == nil || !strings.Contains(err.Error(), "--secure") {
		t.Errorf("SEC alone: %v", err)
	}
	cfg.Secure = true
	if chosen, err := cfg.Select(all); err != nil || len(chosen) == 0 || len(plain)+len(chosen) != len(all) {
		t.Errorf("%d plain, %d encrypted, %d in all, %v", len(plain), len(chosen), len(all), err)
	}
}
