package wire_test

import (
	"slices"
	"strings"
	"testing"

	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// odd stands for a text that is none of the five.
const odd scenario.Kind = -1

func TestReadRequest(t *testing.T) {
	tests := []struct {
		raw    string
		kind   scenario.Kind
		fields string // joined by #
		ending string // empty: the tail is no ending
	}{
		{"REGISTER#alice", scenario.Register, "alice", "nothing"},
		{"REGISTER#5000\x00", scenario.Register, "5000", "NUL"},
		{"REGISTER", odd, "", "nothing"},
		{"REGISTER#REGISTER", odd, "", "nothing"},
		{"REGISTER#alice#10", odd, "", "nothing"},
		{"register#alice", odd, "", "nothing"},
		{"alice#5001\r\n", scenario.Login, "alice#5001", "CRLF"},
		{"alice#05001", odd, "", "nothing"},
		{"alice#70000", odd, "", "nothing"},
		{"List\n", scenario.List, "", "LF"},
		{"LIST\n\x00", scenario.List, "", "a line end and NUL"},
		{"Exit\n\n", scenario.Exit, "", ""},
		{"List\x00e#5001", scenario.List, "", "NUL and padding"},
		{"alice#2147483647#bob" + strings.Repeat("\x00", 900), scenario.Payment, "alice#2147483647#bob", "NUL and padding"},
		{"alice#2147483648#bob", odd, "", "nothing"},
		{"alice#-1#bob", odd, "", "nothing"},
		{"", odd, "", "nothing"},
	}
	for _, test := range tests {
		r := wire.ReadRequest([]byte(test.raw), edition.Default())
		if r.Odd != (test.kind == odd) || !r.Odd && r.Kind != test.kind || r.Text+r.Tail != test.raw {
			t.Errorf("%q is read as %v (odd: %v), %q and %q", test.raw, r.Kind, r.Odd, r.Text, r.Tail)
		}
		if want := slices.DeleteFunc(strings.Split(test.fields, "#"), func(s string) bool { return s == "" }); !slices.Equal(r.Fields, want) {
			t.Errorf("%q has the fields %q, not %q", test.raw, r.Fields, want)
		}
		if name, ok := r.Ending(); ok != (test.ending != "") || ok && name != test.ending {
			t.Errorf("%q ends in %s, %v", test.raw, name, ok)
		}
	}
}

func TestReadRequestWithDeposit(t *testing.T) {
	e, err := edition.Named("2020")
	if err != nil {
		t.Fatal(err)
	}
	if r := wire.ReadRequest([]byte("REGISTER#alice#500\r\n"), e); !r.Is(scenario.Register) || !slices.Equal(r.Fields, []string{"alice", "500"}) {
		t.Errorf("a registration with a deposit is %v, %q", r.Kind, r.Fields)
	}
	if r := wire.ReadRequest([]byte("REGISTER#alice\r\n"), e); !r.Odd {
		t.Errorf("a registration without its deposit is %v", r.Kind)
	}
}
