package rehearsal_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"paycheck/conformance/driver"
	"paycheck/conformance/rehearsal"
	"paycheck/conformance/target"
	"paycheck/spec/edition"
)

// The guess drives the reference client, one that waits for a greeting, and one that
// waits for the news of a payment; and what it finds passes a check.
func TestGuess(t *testing.T) {
	programs := t.TempDir()
	build := func(words ...string) string {
		t.Helper()
		out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", words, err, out)
		}
		return words[len(words)-2]
	}
	reference := filepath.Join(programs, "reference")
	build("go", "build", "-o", reference, "paycheck/cmd/client")
	compiled := func(name, compiler, file string) string {
		return build(compiler, "-pthread", "-w", "-o", filepath.Join(programs, name), filepath.Join("../driver/testdata/clients", file))
	}
	for i, test := range []struct {
		name, path string
		edition    edition.Edition
	}{
		{"reference", reference, edition.Default()},
		{"greeted", compiled("greeted", "cc", "greeted.c"), edition.Default()},
		{"falls", compiled("falls", "c++", "falls.cpp"), edition.Default()},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, err := rehearsal.Open(target.Recipe{Path: test.path, Files: []string{}}, test.edition, 1, uint64(1000*i))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := h.Close(); err != nil {
					t.Error(err)
				}
			}()
			guess, err := h.Guesser().Find(t.Context())
			if err != nil || len(guess.Verified) != len(driver.Ops()) {
				t.Fatalf("%v, %v\n%s", err, guess.Missing, guess.Driver.Text())
			}
			if again := h.Guesser().Check(t.Context(), guess.Driver); fmt.Sprint(again.Verified) != fmt.Sprint(driver.Ops()) {
				t.Errorf("checked, it is verified for %v: %v", again.Verified, again.Missing)
			}
			// What is said of no driver is that nothing came of it.
			bad := guess.Driver
			bad.Ops = map[driver.Op][]driver.Step{driver.Register: {{Wait: "no such prompt", Type: "x"}}}
			g := h.Guesser()
			g.Scale = 0.1
			if again := g.Check(t.Context(), bad); len(again.Verified) != 0 || len(again.Missing) != 1 {
				t.Errorf("a driver that does not fit is verified for %v", again.Verified)
			}
		})
	}
}
