package dialect_test

import (
	"slices"
	"strings"
	"testing"

	"paycheck/conformance/dialect"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// Every ending is tried in every edition, each once, and the edition's own first.
func TestEndings(t *testing.T) {
	all := []dialect.Ending{dialect.NUL, dialect.Bare, dialect.CRLF, dialect.LF, dialect.Filled}
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
		"nul1024": dialect.Filled,
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
		{dialect.Dialect{Ending: dialect.Filled}, "a request is filled up with NUL to 1024 bytes"},
		{dialect.Dialect{Ending: dialect.NUL, Greeting: "a\nb\nc"}, `a request ends in NUL; greets with "a" and 2 lines more`},
		{
			dialect.Dialect{Ending: dialect.NUL, Seen: dialect.Seen{Reply: "reply", List: "list", Exit: "exit", Told: "told", Limit: "limit"}},
			"a request ends in NUL; reply; list; exit; told; limit",
		},
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

// A request that is filled up is as long as the block, however long it was; one that
// is longer stays as it is.
func TestAfter(t *testing.T) {
	for request, want := range map[string]int{"": 1024, "List": 1020, strings.Repeat("x", 1024): 0, strings.Repeat("x", 2000): 0} {
		if got := dialect.Filled.After(request); len(got) != want || strings.Trim(got, "\x00") != "" {
			t.Errorf("%d bytes behind %d, not %d", len(got), len(request), want)
		}
	}
	for _, ending := range []dialect.Ending{dialect.NUL, dialect.CRLF, dialect.LF, dialect.Bare} {
		if got := ending.After("List"); got != ending.Bytes {
			t.Errorf("%s: %q", ending.Name, got)
		}
	}
}

func TestReplyForm(t *testing.T) {
	for _, test := range []struct {
		replies []string
		want    string
	}{
		{nil, ""},
		{[]string{""}, ""},
		{[]string{"100 OK\r\n", "10000\r\nkey\r\n1\r\na#1.2.3.4#5\r\n"}, "lines of a reply end in CRLF"},
		{[]string{"100 OK\n", "Bye\r\n"}, "lines of a reply end in LF or CRLF"},
		{[]string{"100 OK"}, "replies have no line end"},
		{[]string{"100 OK\x00"}, "replies have no line end, then one NUL"},
		{[]string{"100 OK", "1\nkey\n0"}, "lines of a reply end in no line end or LF"},
		{[]string{"100 OK\r\n\x00", "Bye\r\n\x00"}, "lines of a reply end in CRLF, then one NUL"},
		{[]string{"100 OK\n" + strings.Repeat("\x00", 25)}, "lines of a reply end in LF, then NUL up to 32 bytes"},
		{[]string{"100 OK\n\n"}, "lines of a reply end in LF, then an empty line"},
	} {
		var raw [][]byte
		for _, r := range test.replies {
			raw = append(raw, []byte(r))
		}
		if got := dialect.ReplyForm(raw); got != test.want {
			t.Errorf("%q: %s, not %s", test.replies, got, test.want)
		}
	}
}

func TestOtherForms(t *testing.T) {
	for got, want := range map[string]string{
		dialect.ListForm(wire.List{}):                                                  "a list has no key line and a bare count",
		dialect.ListForm(wire.List{Key: []string{"k"}, WordedCount: true}):             "a list has a key line and a worded count",
		dialect.ListForm(wire.List{Key: []string{"-", "k", "-"}, WordedBalance: true}): "a list has a key of 3 lines and a bare count, and words around the balance",
		dialect.ExitForm("Bye", true, true):                                            `Exit is answered "Bye" and closes`,
		dialect.ExitForm("", false, false):                                             "Exit is not answered and leaves the connection open",
		dialect.ToldForm(true, false):                                                  "the payer hears of a payment",
		dialect.ToldForm(false, true):                                                  "the payee hears of a payment",
		dialect.ToldForm(true, true):                                                   "payer and payee hear of a payment",
		dialect.ToldForm(false, false):                                                 "nobody hears of a payment",
	} {
		if got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
