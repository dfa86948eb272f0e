package mutant

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paycheck/conformance"
	"paycheck/spec"
)

// TestData holds the data files against the source, the text and the checks,
// without a build.
func TestData(t *testing.T) {
	all, err := trials()
	if err != nil {
		t.Fatal(err)
	}
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.text == "" {
			t.Errorf("%s: [%s] has no sentence", e.at, e.name)
		}
		if _, err := e.apply(root); err != nil {
			t.Error(err)
		}
		if (len(e.edits) == 0) != (e.kind == programs) {
			t.Errorf("%s: [%s] has %d edits", e.at, e.name, len(e.edits))
		}
		checkIDs(t, e, text)
	}
}

// checkIDs demands that what an entry names is in the text, and has a reason.
func checkIDs(t *testing.T, e trial, text *spec.Spec) {
	known := func(id, at string) {
		if r, ok := text.Find(id); !ok || r.Role != spec.Server {
			t.Errorf("%s: %q is no requirement for servers", at, id)
		}
	}
	if e.kind == mutants || e.kind == odd {
		if len(e.values("breaks")) != 1 {
			t.Errorf("%s: [%s] has no one requirement that it breaks", e.at, e.name)
		}
		known(e.breaks().id, e.at)
	}
	for _, key := range append([]string{"also", "may", "accepted"}, goldenKeys()...) {
		for _, f := range e.values(key) {
			ids, reason := words(f.value)
			for _, id := range ids {
				known(id, f.at)
			}
			if reason == "" && e.kind != programs {
				t.Errorf("%s: %s %q has no reason", f.at, key, f.value)
			}
		}
	}
}

// TestCoverage demands a mutant for every MUST and SHOULD that has a check: a check
// that has never failed may be one that cannot.
func TestCoverage(t *testing.T) {
	all, err := trials()
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]bool{}
	for _, e := range all {
		if e.kind == mutants {
			broken[e.breaks().id] = true
		}
	}
	checks, err := conformance.Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if r := c.Requirement; r.Phase < 3 && r.Level != spec.May && !broken[r.ID] { // see TestSecureData
			t.Errorf("no mutant breaks %s: %s", r.ID, r.Sentence)
			broken[r.ID] = true // said once
		}
	}
}

// TestPrograms demands that every program has an entry, and every entry a program.
func TestPrograms(t *testing.T) {
	entries, err := readEntries(programs+".txt", keys[programs]...)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob(filepath.Join(programs, "*.c*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		name := strings.TrimSuffix(filepath.Base(s), filepath.Ext(s))
		if !slices.ContainsFunc(entries, func(e entry) bool { return e.name == name }) {
			t.Errorf("%s has no entry in %s.txt", s, programs)
		}
	}
	for _, e := range entries {
		if _, err := os.Stat(trial{kind: programs, entry: e}.source()); err != nil {
			t.Errorf("%s: %v", e.at, err)
		}
	}
}

func TestReadEntries(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no name", "breaks: REG-1\n", `no [name] before`},
		{"twice", "[a]\nText.\n[a]\n", "a is there already"},
		{"unknown key", "[a]\nText.\nbreak: REG-1\n", `no key "break" here`},
		{"no key", "[a]\nText.\nmore text\n", "neither a key with its value, nor an edit"},
		{"no file", "[a]\nText.\n-old\n+new\n", "an edit without a file"},
		{"nothing old", "[a]\nText.\nfile: f\n+new\n", "new text without an old one"},
		{"file of the entry before", "[a]\nText.\nfile: f\n-x\n[b]\nText.\n-y\n", "an edit without a file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "data.txt")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := readEntries(path, "breaks")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, not %q", err, c.want)
			}
		})
	}
}

func TestApply(t *testing.T) {
	dir := t.TempDir()
	source := "one\n\ttwo\n\ttwo\nthree\n"
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, edits, want, err string }{
		{"a line", "-three\n+four\n", "one\n\ttwo\n\ttwo\nfour\n", ""},
		{"lines", "-\ttwo\n-three\n+four\n+\n+five\n", "one\n\ttwo\nfour\n\nfive\n", ""},
		{"out", "-one\n", "\n\ttwo\n\ttwo\nthree\n", ""},
		{"two edits", "-one\n+1\n-three\n+3\n", "1\n\ttwo\n\ttwo\n3\n", ""},
		{"twice there", "-\ttwo\n+2\n", "", "2 times, not once"},
		{"not there", "-six\n+6\n", "", "0 times, not once"},
		{"no change", "-one\n+one\n", "", "the same"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, "data.txt")
			if err := os.WriteFile(path, []byte("[a]\nText.\nfile: f\n"+c.edits), 0o600); err != nil {
				t.Fatal(err)
			}
			entries, err := readEntries(path)
			if err != nil {
				t.Fatal(err)
			}
			changed, err := entries[0].apply(dir)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("the error is %v, not %q", err, c.err)
				}
				return
			}
			if err != nil || changed["f"] != c.want {
				t.Errorf("%q, %v; want %q", changed["f"], err, c.want)
			}
		})
	}
}
