package mutant

import "testing"

// secureQuirks are changes of the reference that show inside TLS only, and are right.
const secureQuirks = "secure_quirks"

// paid is what they are judged by: all that a payment is used for.
const paid = "SEC,PAY,FRM-4,VAN-1,VAN-3"

// TestSecureQuirks judges them, the first alone without -full.
func TestSecureQuirks(t *testing.T) {
	leftToProofs(t)
	entries, err := readEntries(secureQuirks+".txt", "accepted")
	if err != nil {
		t.Fatal(err)
	}
	tools, err := buildTools(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.text == "" || len(e.edits) == 0 {
			t.Errorf("%s: [%s] has no sentence, or no edit", e.at, e.name)
		}
		if i > 0 && !*full {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			dir := t.TempDir()
			program, err := tools.build(t.Context(), e, dir)
			if err != nil {
				t.Fatal(err)
			}
			d, err := tools.judge(t.Context(), dir, apart*(300+i), program, "--secure", "--only", paid, "--args", "{port} {limit} --secure")
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range quirkFaults(e, rulings(d)) {
				t.Errorf("%s: %s\n  %s", e.at, e.text, fault)
			}
			t.Logf("%s in %.1f s", e.name, d.Elapsed/1000)
		})
	}
}
