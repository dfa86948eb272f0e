package mutant

import (
	"path/filepath"
	"slices"
	"testing"

	"paycheck/conformance"
	"paycheck/spec"
)

// secureClientMutants are changes of the reference client that show inside TLS only.
const secureClientMutants = "secure_client_mutants"

// secureFew are those that are judged without -full.
var secureFew = []string{"peers-fall-back", "sealed-for-the-server"}

func secureClientEntries(t *testing.T) []entry {
	t.Helper()
	entries, err := readEntries(secureClientMutants+".txt", "breaks", "also")
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// TestSecureClientData is TestClientData for what is broken inside TLS.
func TestSecureClientData(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]bool{}
	for _, e := range secureClientEntries(t) {
		if e.text == "" || len(e.edits) == 0 || len(e.values("breaks")) != 1 {
			t.Errorf("%s: [%s] lacks its sentence, its edits or what it breaks", e.at, e.name)
		}
		if _, err := e.apply(root); err != nil {
			t.Error(err)
		}
		for _, id := range append(e.named("also"), e.breaks().id) {
			if r, ok := text.Find(id); !ok || r.Role != spec.Client {
				t.Errorf("%s: %q is no requirement for clients", e.at, id)
			}
		}
		broken[e.breaks().id] = true
	}
	checks, err := conformance.ClientChecks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if r := c.Requirement; r.Phase == 3 && r.Level != spec.May && !broken[r.ID] {
			t.Errorf("no mutant of the client breaks %s: %s", r.ID, r.Sentence)
			broken[r.ID] = true // said once
		}
	}
}

// TestSecureClientMutants judges them by the whole of section SEC.
func TestSecureClientMutants(t *testing.T) {
	leftToProofs(t)
	tools, err := toolsFor(t.Context(), t.TempDir(), client)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range secureClientEntries(t) {
		if !*full && !slices.Contains(secureFew, e.name) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			program, err := tools.build(t.Context(), e, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			d, err := tools.judge(t.Context(), filepath.Dir(program), i, program, "--secure", "--only", "SEC")
			if err != nil {
				t.Fatal(err)
			}
			all := rulings(d)
			for _, fault := range mutantFaults(e, all) {
				t.Error(fault)
			}
			t.Logf("%s breaks %s: %v, in %.1f s", e.name, e.breaks().id, all[e.breaks().id], d.Elapsed/1000)
		})
	}
}
