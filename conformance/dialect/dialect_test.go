package dialect_test

import (
	"slices"
	"strings"
	"testing"

	"paycheck/conformance/dialect"
	"paycheck/spec/edition"
)

// Every ending is tried in every edition, each once, and the edition's own first.
func TestEndings(t *testing.T) {
	all := []dialect.Ending{dialect.NUL, dialect.Bare, dialect.CRLF, dialect.LF}
	for _, e := range edition.All {
		got := dialect.Endings(e)
		if len(got) != len(all) {
			t.Errorf("%s: %v", e.Name, got)
		}
		for _, ending := range all {
			if !slices.Contains(got, ending) {
				t.Errorf("%s: %s is not tried", e.Name, ending.Name)
			}
		}
		if e.RequestEnd != "" && got[0].Bytes != e.RequestEnd {
			t.Errorf("%s: %s is tried first", e.Name, got[0].Name)
		}
	}
	// With nothing to end a request, one NUL is what most programs take.
	if got := dialect.Endings(edition.Default()); got[0] != dialect.NUL {
		t.Errorf("%s is tried first", got[0].Name)
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]dialect.Ending{
		"NUL": dialect.NUL, "nul": dialect.NUL, "crlf": dialect.CRLF, "Lf": dialect.LF, "nothing": dialect.Bare,
	} {
		if got, err := dialect.Named(name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "CR", "bare", "\r\n"} {
		if got, err := dialect.Named(name); err == nil || !strings.Contains(err.Error(), "NUL, CRLF, LF, nothing") {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
}

func TestString(t *testing.T) {
	tests := []struct {
		dialect dialect.Dialect
		want    string
	}{
		{dialect.Dialect{Ending: dialect.NUL}, "a request ends in NUL"},
		{dialect.Dialect{Ending: dialect.Bare, LineEnd: dialect.LF}, "a request ends in nothing; line ends are understood"},
		{
			dialect.Dialect{Ending: dialect.CRLF, LineEnd: dialect.CRLF, Greeting: "hi\x1b", Served: 4},
			`a request ends in CRLF; line ends are understood; greets with "hi\x1b"`,
		},
	}
	for _, test := range tests {
		if got := test.dialect.String(); got != test.want {
			t.Errorf("%s, not %s", got, test.want)
		}
	}
}
