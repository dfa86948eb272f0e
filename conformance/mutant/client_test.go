package mutant

import (
	"path/filepath"
	"slices"
	"testing"

	"paycheck/conformance"
	"paycheck/spec"
)

// clientMutants are changes of the reference client. They have a data file of their own,
// as programs of another kind.
const clientMutants = "client_mutants"

// fewClients are judged without -full.
var fewClients = []string{"address-ignored", "passed-on-twice"}

func clientEntries(t *testing.T) []entry {
	t.Helper()
	entries, err := readEntries(clientMutants+".txt", "breaks", "also", "may")
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// TestClientData holds the data against the source and the text, and demands a mutant for
// every MUST and SHOULD of a client that has a check.
func TestClientData(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]bool{}
	for _, e := range clientEntries(t) {
		if e.text == "" || len(e.edits) == 0 || len(e.values("breaks")) != 1 {
			t.Errorf("%s: [%s] lacks its sentence, its edits or what it breaks", e.at, e.name)
		}
		if _, err := e.apply(root); err != nil {
			t.Error(err)
		}
		broken[e.breaks().id] = true
		for _, id := range append(e.named("also"), e.breaks().id) {
			if r, ok := text.Find(id); !ok || r.Role != spec.Client {
				t.Errorf("%s: %q is no requirement for clients", e.at, id)
			}
		}
		for _, f := range e.values("also") {
			if _, reason := words(f.value); reason == "" {
				t.Errorf("%s: also %q has no reason", f.at, f.value)
			}
		}
	}
	checks, err := conformance.ClientChecks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if r := c.Requirement; r.Level != spec.May && r.Phase < 3 && !broken[r.ID] {
			t.Errorf("no mutant of the client breaks %s: %s", r.ID, r.Sentence)
			broken[r.ID] = true // said once
		}
	}
}

// TestClientMutants judges the mutants of the client, one after another, beside the other
// tests of clients: most of a run is spent waiting for what must not come.
func TestClientMutants(t *testing.T) {
	leftToProofs(t)
	t.Parallel()
	tools, err := toolsFor(t.Context(), t.TempDir(), client)
	if err != nil {
		t.Fatal(err)
	}
	caught, judged := 0, 0
	for i, e := range clientEntries(t) {
		if !*full && !slices.Contains(fewClients, e.name) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			dir := t.TempDir()
			program, err := tools.build(t.Context(), e, dir)
			if err != nil {
				t.Fatal(err)
			}
			d, err := tools.judge(t.Context(), filepath.Dir(program), i, program)
			if err != nil {
				t.Fatal(err)
			}
			all := rulings(d)
			faults := mutantFaults(e, all)
			for _, fault := range faults {
				t.Error(fault)
			}
			if judged++; e.breaks().caught(all) {
				caught++
			}
			t.Logf("%s breaks %s: %v, in %.1f s", e.name, e.breaks().id, all[e.breaks().id], d.Elapsed/1000)
		})
	}
	t.Logf("mutants of the client caught: %d of %d", caught, judged)
}
