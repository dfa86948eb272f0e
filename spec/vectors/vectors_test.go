package vectors

import (
	"slices"
	"strings"
	"testing"

	"paycheck/spec/edition"
)

// wantFields is how many fields a vector has; -1: any number.
var wantFields = map[Kind]int{Register: 1, Login: 2, Payment: 3, BadAmount: 3}

func TestRequests(t *testing.T) {
	all, err := Requests()
	if err != nil {
		t.Fatal(err)
	}
	count := map[Kind]int{}
	for _, v := range all {
		count[v.Kind]++
		want := wantFields[v.Kind]
		if v.Kind == Register && v.Edition.Deposit {
			want++
		}
		if len(v.Fields) != want {
			t.Errorf("requests.txt:%d: %s has %d fields, not %q", v.Line, v.Kind, want, v.Fields)
		}
	}
	for _, kind := range []Kind{Register, Login, List, Exit, Payment, BadAmount, Malformed} {
		if count[kind] == 0 {
			t.Errorf("no vector of kind %s", kind)
		}
	}
	once(t, "requests.txt", all, func(v Request) Vector { return v.Vector })
}

func TestReplies(t *testing.T) {
	all, err := Replies()
	if err != nil {
		t.Fatal(err)
	}
	count := map[Kind]int{}
	for _, v := range all {
		if v.Valid() {
			count[v.Kind]++
		}
		least := 0
		if v.Kind == List {
			least = 3
			if v.Edition.KeyLine {
				least++
			}
		}
		if len(v.Fields) < least || least == 0 && len(v.Fields) > 0 {
			t.Errorf("replies.txt:%d: %s with the fields %q", v.Line, v.Kind, v.Fields)
		}
	}
	for _, kind := range []Kind{OK, Fail, AuthFail, Bye, LoginFirst, Malformed, List, TransferOK, TransferFail} {
		if count[kind] == 0 {
			t.Errorf("no vector of kind %s", kind)
		}
	}
	once(t, "replies.txt", all, func(v Reply) Vector { return v.Vector })
}

// once demands that no edition has a text twice: the two might differ in kind.
func once[V any](t *testing.T, file string, all []V, of func(V) Vector) {
	t.Helper()
	first := map[string]int{}
	for _, v := range all {
		v := of(v)
		key := v.Edition.Name + v.Text
		if line := first[key]; line != 0 {
			t.Errorf("%s:%d: %q in %s stands in line %d already", file, v.Line, v.Text, v.Edition.Name, line)
		}
		first[key] = v.Line
	}
}

func TestParse(t *testing.T) {
	var got []Vector
	text := "\n# a head\n" + `any  login "al#1\x00" al "1 \"#" "" # why` + "\n" + `2020 ~ok "100"`
	err := each("x.txt", text, []Kind{Login, OK}, func(v Vector, tolerated bool) error {
		if tolerated != (v.Kind == OK) {
			t.Errorf("line %d: tolerated %v", v.Line, tolerated)
		}
		got = append(got, v)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(edition.All)+1 {
		t.Fatalf("%d vectors: %v", len(got), got)
	}
	v := got[0]
	if v.Line != 3 || v.Text != "al#1\x00" || !slices.Equal(v.Fields, []string{"al", `1 "#`, ""}) || v.Comment != "why" {
		t.Errorf("%+v", v)
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ line, want string }{
		{`any login`, "x.txt:1:"},
		{`any logon "x"`, `no kind "logon"`},
		{`1999 login "x"`, `no edition "1999"`},
		{`any login "x`, "invalid syntax"},
		{`any login "\q"`, "invalid syntax"},
	}
	for _, test := range tests {
		err := each("x.txt", test.line, []Kind{Login}, func(Vector, bool) error { return nil })
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", test.line, err, test.want)
		}
	}
}
