package wire_test

import (
	"slices"
	"strings"
	"testing"

	"paycheck/conformance/wire"
)

func TestLines(t *testing.T) {
	pad := func(n int) string { return strings.Repeat("\x00", n) }
	tests := []struct {
		name, data string
		want       []wire.Line
	}{
		{"nothing", "", nil},
		{"padding alone", "\r\n\x00\r\n", nil},
		{"CRLF", "100 OK\r\n", []wire.Line{{"100 OK", "\r\n", 8}}},
		{"LF", "100 OK\n", []wire.Line{{"100 OK", "\n", 7}}},
		{"NUL", "100 OK\x00", []wire.Line{{"100 OK", "\x00", 7}}},
		{"CR, then NUL", "100 OK\r\x00", []wire.Line{{"100 OK", "\x00", 8}}},
		{"no end", "100 OK", []wire.Line{{"100 OK", "", 6}}},
		{"a CR whose LF is on its way", "100 OK\r", []wire.Line{{"100 OK\r", "", 7}}},
		{"LF, padded to 32", "Bye\n" + pad(28), []wire.Line{{"Bye", "\n", 4}}},
		{"padded to 32, no line end", "Bye" + pad(29), []wire.Line{{"Bye", "\x00", 4}}},
		{"behind the padding of the reply before", pad(28) + "Bye\r\n", []wire.Line{{"Bye", "\r\n", 33}}},
		{"LF LF", "a\n\nb\n\n", []wire.Line{{"a", "\n", 2}, {"b", "\n", 5}}},
		{"mixed", "a\r\nb\nc", []wire.Line{{"a", "\r\n", 3}, {"b", "\n", 5}, {"c", "", 6}}},
		{"LF CR", "a\n\rb\n\r", []wire.Line{{"a", "\n", 2}, {"b", "\n", 5}}},
		{"a CR inside", "a\rb\n", []wire.Line{{"a\rb", "\n", 4}}},
		{"two CRs", "a\r\r\n", []wire.Line{{"a\r", "\r\n", 4}}},
		{"spaces stay", " a \r\n", []wire.Line{{" a ", "\r\n", 5}}},
		{"bytes that are no text", "\xff\x80\r\n\xfe", []wire.Line{{"\xff\x80", "\r\n", 4}, {"\xfe", "", 5}}},
	}
	for _, test := range tests {
		if got := wire.Lines([]byte(test.data)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %+v, not %+v", test.name, got, test.want)
		}
	}
}

func TestOneNumber(t *testing.T) {
	tests := []struct {
		text      string
		n         int64
		exact, ok bool
	}{
		{"10000", 10000, true, true},
		{"0", 0, true, true},
		{"-5", -5, true, true},
		{"10000 ", 10000, true, true},
		{" 10000", 10000, false, true},
		{"+5", 5, false, true},
		{"2 users online", 2, false, true},
		{"Account Balance: 10000", 10000, false, true},
		{"007", 7, true, true},
		{"9223372036854775807", 9223372036854775807, true, true},
		{"9223372036854775808", 0, false, false},
		{"99999999999999999999", 0, false, false},
		{"", 0, false, false},
		{"public key", 0, false, false},
		{"-", 0, false, false},
		{"1 of 2", 0, false, false},
		{"10.5", 0, false, false},
		{"1-2", 0, false, false},
	}
	for _, test := range tests {
		n, exact, ok := wire.OneNumber(test.text)
		if ok != test.ok || ok && (n != test.n || exact != test.exact) {
			t.Errorf("%q: %d, exact %v, ok %v", test.text, n, exact, ok)
		}
	}
}

func TestUnasked(t *testing.T) {
	for text, want := range map[string]bool{
		"Transfer OK!": true, "Transfer Fail!": true, "transfer ok": true, "TRANSFER OK": true,
		"Transaction complete": true, "alice paid you 100": true, "Payment received": true, "alice pays bob": true,
		"100 OK": false, "Bye": false, "10000": false, "public key": false, "alice#127.0.0.1#5001": false,
		"Please login first": false, "230 Input format error": false, "repaid": false, "payload": false, "": false,
	} {
		if got := wire.Unasked(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestMeans(t *testing.T) {
	tests := []struct {
		line string
		want bool
	}{
		{"210 FAIL", true},
		{"210 FAIL ", true},
		{"210 FAIL name is taken", true},
		{"210 FAILURE", false},
		{"210 FAIL!", false},
		{"210", false},
		{" 210 FAIL", false},
		{"210 fail", false},
		{"", false},
	}
	for _, test := range tests {
		if got := wire.Means(test.line, "210 FAIL"); got != test.want {
			t.Errorf("%q: %v", test.line, got)
		}
	}
}
