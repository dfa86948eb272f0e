package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "paycheck"

// A law says what the packages in and below a directory may import of this module. A
// _test.go file may join both sides.
type law struct {
	from string
	may  []string
	why  string
}

// Every package is under one of the laws.
var laws = []law{
	{"spec", []string{"spec"}, "the text depends on nobody's reading of it"},
	{
		"reference",
		[]string{"spec/edition", "reference"},
		"the reference and the judge share facts and no behaviour: a codec that both share hides a misreading that both share",
	},
	{"conformance", []string{"spec", "conformance"}, "the judge knows no server, least of all the reference"},
	{"fuzz/model", []string{"spec"}, "what a server may answer follows from the text, and from no program"},
	{"fuzz", []string{"spec", "fuzz", "conformance"}, "whoever fuzzes a server is a stranger to it, as the judge is"},
	{"cmd/server", []string{"spec/edition", "reference"}, "a program of the pair is the reference and nothing else"},
	{"cmd/client", []string{"spec/edition", "reference"}, "a program of the pair is the reference and nothing else"},
	{"cmd/paycheck", []string{"spec", "conformance", "fuzz"}, "the judge's program needs no server, no cgo and no SQLite"},
	{"cmd/bench", nil, "what is measured is the programs as they are built"},
}

// bans are what a law would let pass, and what only a look at everything below finds.
var bans = []struct{ from, to, why string }{
	{"conformance", "conformance/mutant", "wrong programs are data of a test, and no part of the judge"},
	{"cmd/paycheck", "conformance/mutant", "wrong programs are data of a test, and no part of the judge"},
	{"conformance", "conformance/report", "a report shows results and never changes one"},
	{"cmd/paycheck", "reference", "the judge can judge the reference only as a stranger"},
	{"fuzz", "reference", "a server is fuzzed as a stranger"},
	{"fuzz", "conformance/report", "a report shows what was found, and finds nothing"},
	{"fuzz", "conformance/mutant", "wrong programs are data of a test"},
	{"spec", "cmd", "a program is nothing to import"},
	{"reference", "cmd", "a program is nothing to import"},
	{"conformance", "cmd", "a program is nothing to import"},
	{"cmd", "cmd", "a program is nothing to import"},
}

// A listed package is what `go list -json` says of it.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
	CgoFiles   []string
}

// list asks `go list`, with more environment.
func list(t *testing.T, env []string, args ...string) (all []listed) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,Imports,Deps,CgoFiles"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %q: %v\n%s", args, err, &stderr)
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// within gives the path of a package in this module; false: it is of another.
func within(path string) (string, bool) { return strings.CutPrefix(path, module+"/") }

// below reports whether a package is dir, or in a directory below it.
func below(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

func TestImportLaw(t *testing.T) {
	all := list(t, nil, module+"/...")
	used := make([]bool, len(laws))
	for _, p := range all {
		from, ok := within(p.ImportPath)
		if !ok {
			t.Errorf("%s is no package of this module", p.ImportPath)
			continue
		}
		n := slices.IndexFunc(laws, func(l law) bool { return below(from, l.from) })
		if n < 0 {
			t.Errorf("%s is under no law", from)
			continue
		}
		used[n] = true
		for _, path := range p.Imports {
			to, ok := within(path)
			if ok && !slices.ContainsFunc(laws[n].may, func(dir string) bool { return below(to, dir) }) {
				t.Errorf("%s imports %s, but %s may import only %q: %s", from, to, laws[n].from, laws[n].may, laws[n].why)
			}
		}
	}
	for n, l := range laws {
		if !used[n] {
			t.Errorf("there is a law for %s, and no such package", l.from)
		}
		for _, dir := range l.may {
			exists(t, all, dir)
		}
	}
}

func TestImportBans(t *testing.T) {
	all := list(t, nil, module+"/...")
	for _, ban := range bans {
		exists(t, all, ban.from)
		exists(t, all, ban.to)
		for _, p := range all {
			from, _ := within(p.ImportPath)
			// What is banned may use itself.
			if !below(from, ban.from) || below(from, ban.to) && ban.from != ban.to {
				continue
			}
			for _, path := range p.Deps {
				if to, ok := within(path); ok && below(to, ban.to) {
					t.Errorf("%s rests on %s: %s", from, to, ban.why)
				}
			}
		}
	}
}

// exists demands that what a law or a ban names is still there: a name that has
// changed bans nothing.
func exists(t *testing.T, all []listed, dir string) {
	t.Helper()
	if !slices.ContainsFunc(all, func(p listed) bool { path, ok := within(p.ImportPath); return ok && below(path, dir) }) {
		t.Errorf("%s is named here, and no such package is there", dir)
	}
}

// The judge is one static binary: what is not the standard library's has no cgo, which
// then does without as well.
func TestJudgeIsFreeOfCgo(t *testing.T) {
	judge := module + "/cmd/paycheck"
	for _, p := range list(t, []string{"CGO_ENABLED=1"}, "-deps", judge) {
		if len(p.CgoFiles) > 0 && !p.Standard {
			t.Errorf("%s uses cgo in %q", p.ImportPath, p.CgoFiles)
		}
	}
	for _, p := range list(t, []string{"CGO_ENABLED=0"}, "-deps", judge) {
		if len(p.CgoFiles) > 0 || p.ImportPath == "runtime/cgo" {
			t.Errorf("without cgo, %s is still built with it", p.ImportPath)
		}
	}
	// The reference is what cgo is for: a list that finds none there finds none here.
	if !slices.ContainsFunc(list(t, []string{"CGO_ENABLED=1"}, "-deps", module+"/cmd/server"), func(p listed) bool {
		return len(p.CgoFiles) > 0 && !p.Standard
	}) {
		t.Error("the reference server is found to have no cgo either")
	}
	build := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "paycheck"), judge)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("building %s without cgo: %v\n%s", judge, err, out)
	}
}
