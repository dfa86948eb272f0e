package mutant

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"paycheck/conformance"
	"paycheck/spec"
)

// secureMutants are changes of the reference that show inside TLS only.
const secureMutants = "secure_mutants"

// securely are those that are judged without -full.
var securely = []string{"plain-too", "key-line-of-another-key", "block-twice"}

func secureTrials(t *testing.T) (all []trial) {
	t.Helper()
	entries, err := readEntries(secureMutants+".txt", keys[mutants]...)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := trials()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		all = append(all, trial{mutants, apart * (len(plain) + i), e})
	}
	return all
}

// TestSecureData is TestData and TestCoverage for what is broken inside TLS.
func TestSecureData(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]bool{}
	for _, e := range secureTrials(t) {
		if e.text == "" || len(e.edits) == 0 {
			t.Errorf("%s: [%s] has no sentence, or no edit", e.at, e.name)
		}
		if _, err := e.apply(root); err != nil {
			t.Error(err)
		}
		checkIDs(t, e, text)
		broken[e.breaks().id] = true
	}
	// What crypto/tls never does is broken by a program with OpenSSL.
	known, err := readEntries(securePrograms+".txt", append(keys[programs], "only")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range known {
		for _, id := range append(e.named("fail"), e.named("warn")...) {
			broken[id] = true
		}
	}
	checks, err := conformance.Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if r := c.Requirement; r.Phase == 3 && r.Level != spec.May && !broken[r.ID] {
			t.Errorf("no mutant breaks %s: %s", r.ID, r.Sentence)
			broken[r.ID] = true // said once
		}
	}
}

// securePrograms are servers and clients in C++ with OpenSSL.
const securePrograms = "secure_programs"

// veiled is what they are judged by.
var veiled = map[string]string{server: "SEC,REG,PAY", client: "SEC,CLI-12,CLI-14"}

// TestSecurePrograms judges them, with -full all: what the judge says has to be known.
func TestSecurePrograms(t *testing.T) {
	leftToProofs(t)
	entries, err := readEntries(securePrograms+".txt", append(keys[programs], "only")...)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob(filepath.Join(securePrograms, "*.cpp"))
	if err != nil || len(sources) != len(entries) {
		t.Errorf("%d programs and %d entries, %v", len(sources), len(entries), err)
	}
	tools, err := buildTools(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if !*full && e.name != "tls_rsa_inside" {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			program, err := compileSecure(t.Context(), e.name, dir)
			if errors.Is(err, errAbsent) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			tools := tools
			if strings.HasPrefix(e.name, client) {
				tools.program = client
			}
			only := veiled[tools.program]
			if own := e.value("only"); own != "" {
				only = own
			}
			document, err := tools.judge(t.Context(), dir, apart*(200+i), program, "--secure", "--only", only)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range programFaults(e, rulings(document)) {
				t.Errorf("%s: %s\n  %s", e.at, e.text, fault)
			}
		})
	}
}

// compileSecure builds one of them. The error says that this machine lacks what it takes.
func compileSecure(ctx context.Context, name, dir string) (string, error) {
	source, program := filepath.Join(securePrograms, name+".cpp"), filepath.Join(dir, name)
	try := exec.CommandContext(ctx, "c++", "-E", "-x", "c++", "-")
	try.Stdin = strings.NewReader("#include <openssl/ssl.h>\n")
	if err := output(try); err != nil {
		return "", fmt.Errorf("%w: there is no C++ compiler with OpenSSL", errAbsent)
	}
	return program, output(exec.CommandContext(ctx, "c++", "-std=c++17", "-O1", "-pthread", "-o", program, source, "-lssl", "-lcrypto"))
}

// TestSecureMutants judges them, each by the whole of section SEC.
func TestSecureMutants(t *testing.T) {
	leftToProofs(t)
	tools, err := buildTools(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range secureTrials(t) {
		if !*full && !slices.Contains(securely, trial.name) {
			continue
		}
		t.Run(trial.name, func(t *testing.T) {
			t.Parallel()
			dir, begun := t.TempDir(), time.Now()
			program, err := tools.build(t.Context(), trial.entry, dir)
			if err != nil {
				t.Fatal(err)
			}
			document, err := tools.judge(t.Context(), dir, trial.seed, program,
				"--secure", "--only", "SEC", "--args", "{port} {limit} --secure")
			if err != nil {
				t.Fatal(err)
			}
			r := trial.resultOf(document, time.Since(begun))
			for _, fault := range r.faults {
				t.Errorf("%s: %s\n  %s", trial.at, trial.text, fault)
			}
			t.Logf("%s in %.1f s", r.rulings[trial.breaks().id], r.elapsed.Seconds())
		})
	}
}
