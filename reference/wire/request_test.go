package wire

import (
	"errors"
	"strings"
	"testing"

	"paycheck/spec/edition"
)

func named(t testing.TB, name string) edition.Edition {
	t.Helper()
	e, err := edition.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestParse(t *testing.T) {
	name16 := strings.Repeat("n", 16)
	tests := []struct {
		edition string
		text    string
		want    Request // nil: malformed
	}{
		{"2021", "REGISTER#alice", Register{Name: "alice"}},
		{"2021", "REGISTER#a", Register{Name: "a"}},
		{"2021", "REGISTER#" + name16, Register{Name: name16}},
		{"2021", "REGISTER#" + name16 + "n", nil},
		{"2021", "REGISTER#5000", Register{Name: "5000"}}, // the verb is read first
		{"2021", "REGISTER#List", Register{Name: "List"}},
		{"2021", "REGISTER#register", Register{Name: "register"}}, // verbs are case-sensitive
		{"2021", "REGISTER#REGISTER", nil},
		{"2021", "REGISTER#", nil},
		{"2021", "REGISTER", nil},
		{"2021", "REGISTER#alice#100", nil},
		{"2021", "REGISTER#al ice", nil},
		{"2021", "REGISTER#alice\x00", nil},
		{"2021", "REGISTER#\xc3\xa9", nil},
		{"2021", " REGISTER#alice", nil},

		{"2020", "REGISTER#alice#100", Register{Name: "alice", Deposit: 100}},
		{"2020", "REGISTER#alice#1", Register{Name: "alice", Deposit: 1}},
		{"2020", "REGISTER#alice#2147483647", Register{Name: "alice", Deposit: 2147483647}},
		{"2020", "REGISTER#alice#2147483648", nil},
		{"2020", "REGISTER#alice#0", nil},
		{"2020", "REGISTER#alice#-1", nil},
		{"2020", "REGISTER#alice#", nil},
		{"2020", "REGISTER#alice", nil},
		{"2020", "REGISTER#100#bob", nil}, // no payment: the verb is read first

		{"2021", "alice#1", Login{"alice", 1}},
		{"2021", "alice#65535", Login{"alice", 65535}},
		{"2021", "List#5000", Login{"List", 5000}},
		{"2021", "alice#65536", nil},
		{"2021", "alice#0", nil},
		{"2021", "alice#-5", nil},
		{"2021", "alice#+5", nil},
		{"2021", "alice#05", nil},
		{"2021", "alice#5x", nil},
		{"2021", "alice# 5", nil},
		{"2021", "alice#", nil},
		{"2021", "#5000", nil},
		{"2021", "#", nil},

		{"2021", "List", List{}},
		{"2021", "Exit", Exit{}},
		{"2021", "list", nil},
		{"2021", "List ", nil},
		{"2021", "Listing", nil},
		{"2021", "EXIT", nil},
		{"2021", "", nil},
		{"2021", "alice", nil},

		{"2021", "alice#100#bob", Payment{"alice", 100, "bob"}},
		{"2021", "alice#1#bob", Payment{"alice", 1, "bob"}},
		{"2021", "alice#2147483647#bob", Payment{"alice", 2147483647, "bob"}},
		{"2021", "alice#100#alice", Payment{"alice", 100, "alice"}},
		// Well-formed names and no amount: a payment that is refused.
		{"2021", "alice#2147483648#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#9223372036854775808#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#" + strings.Repeat("9", 500) + "#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#0#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#-5#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#+5#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#007#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#12x#bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice##bob", Payment{"alice", 0, "bob"}},
		{"2021", "alice#1.5#bob", Payment{"alice", 0, "bob"}},
		{"2021", "#100#bob", nil},
		{"2021", "alice#100#", nil},
		{"2021", "alice#100#b b", nil},
		{"2021", "alice#100#REGISTER", nil},
		{"2021", "alice#100#bob#", nil},
		{"2021", "##", nil},
		{"2021", "###", nil},
	}
	for _, test := range tests {
		got, err := Parse(test.text, named(t, test.edition))
		switch {
		case test.want == nil && !errors.Is(err, ErrMalformed):
			t.Errorf("%s: Parse(%q) = %#v, %v; want ErrMalformed", test.edition, test.text, got, err)
		case test.want != nil && (err != nil || got != test.want):
			t.Errorf("%s: Parse(%q) = %#v, %v; want %#v", test.edition, test.text, got, err, test.want)
		}
	}
}

func TestEncode(t *testing.T) {
	tests := []struct {
		edition string
		request Request
		want    string
	}{
		{"2021", Register{Name: "alice"}, "REGISTER#alice"},
		{"2021", Login{"alice", 5001}, "alice#5001"},
		{"2021", List{}, "List"},
		{"2021", Exit{}, "Exit"},
		{"2021", Payment{"alice", 100, "bob"}, "alice#100#bob"},
		{"2020", Register{Name: "alice", Deposit: 7}, "REGISTER#alice#7\r\n"},
		{"2020", List{}, "List\r\n"},
	}
	for _, test := range tests {
		if got := string(Encode(test.request, named(t, test.edition))); got != test.want {
			t.Errorf("%s: Encode(%#v) = %q, want %q", test.edition, test.request, got, test.want)
		}
	}
}

// What is read as a request is written as the same text, whatever it was: no two
// texts mean the same. Only the amount of a refused payment is not kept.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"REGISTER#alice", "REGISTER#alice#100", "alice#5000", "List", "Exit", "alice#100#bob", "a##b"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, deposit bool) {
		e := edition.Edition{Deposit: deposit}
		r, err := Parse(text, e)
		if err != nil {
			if r != nil || !errors.Is(err, ErrMalformed) {
				t.Fatalf("Parse(%q) = %#v, %v; want nothing and ErrMalformed", text, r, err)
			}
			return
		}
		if p, ok := r.(Payment); ok && p.Amount == 0 {
			return
		}
		if got := string(Encode(r, e)); got != text {
			t.Fatalf("Parse(%q) = %#v, which is written %q", text, r, got)
		}
	})
}
