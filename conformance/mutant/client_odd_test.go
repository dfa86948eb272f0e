package mutant

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paycheck/spec"
)

// The data files of clients that are right, and of those in C and C++.
const (
	clientQuirks   = "client_quirks"
	clientPrograms = "client_programs"
)

// clientSources are the programs of the second, each beside its driver.
const clientSources = "../driver/testdata/clients"

// Those that are judged without -full.
var (
	fewQuirks   = []string{"colours"}
	fewPrograms = []string{"letters"}
)

// TestClientQuirks judges changes of the reference client that are right.
func TestClientQuirks(t *testing.T) {
	leftToProofs(t)
	t.Parallel()
	tools, err := toolsFor(t.Context(), t.TempDir(), client)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := readEntries(clientQuirks+".txt", keys[quirks]...)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if !*full && !slices.Contains(fewQuirks, e.name) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			dir := t.TempDir()
			program, err := tools.build(t.Context(), e, dir)
			if err != nil {
				t.Fatal(err)
			}
			d, err := tools.judge(t.Context(), dir, apart*i, program)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range quirkFaults(e, rulings(d)) {
				t.Error(fault)
			}
			t.Logf("%.1f s", d.Elapsed/1000)
		})
	}
}

// TestClientPrograms judges the clients in C and C++, each typed at by its own driver.
func TestClientPrograms(t *testing.T) {
	leftToProofs(t)
	t.Parallel()
	tools, err := toolsFor(t.Context(), t.TempDir(), client)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := readEntries(clientPrograms+".txt", goldenKeys()...)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if !*full && !slices.Contains(fewPrograms, e.name) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			source, err := clientSource(e.name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			program, err := compile(t.Context(), source, dir)
			if errors.Is(err, errAbsent) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			d, err := tools.judge(t.Context(), dir, apart*i, program, "--driver", filepath.Join(clientSources, e.name+".toml"))
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range programFaults(e, rulings(d)) {
				t.Error(fault)
			}
			t.Logf("%.1f s", d.Elapsed/1000)
		})
	}
}

func clientSource(name string) (string, error) {
	found, err := filepath.Glob(filepath.Join(clientSources, name+".c*"))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d sources of the client %s", len(found), name)
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}

// TestClientOddData holds both data files against the source and the text, and demands
// an entry for each of the programs.
func TestClientOddData(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	known := func(e entry) {
		if e.text == "" {
			t.Errorf("%s: [%s] has no sentence", e.at, e.name)
		}
		for _, f := range e.fields {
			ids, reason := words(f.value)
			if reason == "" {
				t.Errorf("%s: %s %q has no reason", f.at, f.key, f.value)
			}
			for _, id := range ids {
				if r, ok := text.Find(id); !ok || r.Role != spec.Client {
					t.Errorf("%s: %q is no requirement for clients", f.at, id)
				}
			}
		}
	}
	odd, err := readEntries(clientQuirks+".txt", keys[quirks]...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range odd {
		known(e)
		if _, err := e.apply(root); err != nil || len(e.edits) == 0 {
			t.Errorf("%s: [%s] has %d edits: %v", e.at, e.name, len(e.edits), err)
		}
	}
	golden, err := readEntries(clientPrograms+".txt", goldenKeys()...)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, e := range golden {
		known(e)
		named[e.name+".toml"] = true
	}
	files, err := os.ReadDir(clientSources)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := file.Name(); strings.HasSuffix(name, ".toml") && !named[name] {
			t.Errorf("%s has no entry in %s.txt", name, clientPrograms)
		}
		delete(named, file.Name())
	}
	for name := range named {
		t.Errorf("there is no %s", filepath.Join(clientSources, name))
	}
}
