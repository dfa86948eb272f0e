package report

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares text with a file that a person has read.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs; read it, then go test -update\n%s", path, text)
	}
}

func view() View {
	return View{Gate: conformance.GateMust, Again: []string{"paycheck", "server", "./bin/server", "--args", "{port} {limit}"}}
}

func TestTextIsAsRead(t *testing.T) {
	for name, run := range samples() {
		t.Run(name, func(t *testing.T) { golden(t, name+".txt", Text(run, view())) })
	}
}

func TestVerboseIsAsRead(t *testing.T) {
	v := view()
	v.Verbose, v.Only = true, []string{"REG"}
	golden(t, "verbose.txt", Text(samples()["caret"], v))
}

// The likely cause is said in another language, and fits the page there too.
func TestHintsInAnotherLanguage(t *testing.T) {
	v := view()
	v.Hints = "zh-TW"
	golden(t, "zh-TW.txt", Text(samples()["death"], v))
}

func TestTextFitsAndIsPrintable(t *testing.T) {
	for name, run := range samples() {
		for _, columns := range []int{80, 40} {
			for _, verbose := range []bool{false, true} {
				v := view()
				v.Columns, v.Verbose = columns, verbose
				if verbose {
					v.Hints = "zh-TW"
				}
				v.Again[2] = run.Program
				for i, line := range strings.Split(Text(run, v), "\n") {
					if n := page.Len(line); n > columns {
						t.Errorf("%s: line %d has %d columns of %d: %s", name, i+1, n, columns, line)
					}
					if strings.ContainsAny(line, "\x1b\a\x00") {
						t.Errorf("%s: line %d has a control byte: %q", name, i+1, line)
					}
				}
			}
		}
	}
}

// Colour adds paint and changes nothing else.
func TestColourOnlyPaints(t *testing.T) {
	for name, run := range samples() {
		v := view()
		plain := Text(run, v)
		v.Colour = true
		painted := Text(run, v)
		if painted == plain {
			t.Errorf("%s: nothing is painted", name)
		}
		if got := withoutPaint(painted); got != plain {
			t.Errorf("%s: without its paint it is\n%s\nand not\n%s", name, got, plain)
		}
	}
}

func withoutPaint(text string) string {
	var b strings.Builder
	for text != "" {
		before, after, found := strings.Cut(text, "\x1b[")
		b.WriteString(before)
		if !found {
			break
		}
		_, text, _ = strings.Cut(after, "m")
	}
	return b.String()
}

func TestLastLineIsTheVerdict(t *testing.T) {
	for _, c := range []struct {
		sample string
		gate   conformance.Gate
		code   int
		want   string
	}{
		{"pass", conformance.GateMust, 0, "conforms: 10 of 10 requirements hold (gate: must)"},
		{"pass", conformance.GateStrict, 0, "conforms: 11 of 11 requirements hold (gate: strict)"},
		{"caret", conformance.GateMust, 1, "does not conform: 1 of 6 requirements failed (gate: must)"},
		{"caret", conformance.GateStrict, 1, "does not conform: 3 of 7 requirements failed (gate: strict)"},
		{"death", conformance.GateMust, 1, "does not conform: 1 of 5 requirements failed (gate: must)"},
		{"death", conformance.GateBasic, 0, "conforms: 4 of 4 requirements hold (gate: basic)"},
		{"blocked", conformance.GateMust, 1, "does not conform: 2 of 10 requirements failed (gate: must)"},
		{"accepted", conformance.GateMust, 0, "conforms: 3 of 3 requirements hold (gate: must)"},
		{"accepted", conformance.GateStrict, 1, "does not conform: 2 of 3 requirements failed (gate: strict)"},
		{"nothing", conformance.GateMust, 3, "could not judge: nothing that the gate rests on was judged (gate: must)"},
		{"interrupted", conformance.GateMust, 3, "could not judge: interrupted; 1 of 2 requirements judged failed (gate: must)"},
	} {
		run := samples()[c.sample]
		v := view()
		v.Gate = c.gate
		if text := Text(run, v); !strings.HasSuffix(text, "\n"+c.want+"\n") {
			t.Errorf("%s, gate %s: want the last line %q, got\n%s", c.sample, c.gate, c.want, text)
		}
		if code := run.Exit(c.gate); code != c.code {
			t.Errorf("%s, gate %s: exit code %d, want %d", c.sample, c.gate, code, c.code)
		}
	}
}

// What the gate does not rest on is judged in vain, and a wider gate is named.
func TestNothingCounts(t *testing.T) {
	run := run(passed(lim7))
	const want = "could not judge: nothing here counts (gate: must; --gate strict counts all)"
	if got := Verdict(run, conformance.GateMust); got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if got := Verdict(run, conformance.GateStrict); strings.Contains(got, "nothing") {
		t.Errorf("under the widest gate: %q", got)
	}
}

// What kept others from being judged comes first, then a death, then the ladder.
func TestFirstCauseFirst(t *testing.T) {
	lf := taken()
	lf.Check = check(frm5, 1, "Each line ends in CRLF.")
	run := run(one(taken()), one(died()), one(badLogin()), one(lf), blocked("LOG-1", lst1))
	var got []string
	for _, topic := range byCause(of(topicsOf(run.Results), conformance.Fail)) {
		got = append(got, topic.ID)
	}
	if want := "LOG-1 VAN-3 FRM-5 REG-2"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestIDsAreShort(t *testing.T) {
	got := ids(blocked("X", lst1, lst2, lst3, log1, log2, reg2, reg2))
	if want := "LST-1 to LST-3, LOG-1, LOG-2, REG-2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
