package target

import (
	"bytes"
	"slices"
	"testing"
)

func TestOutputIsCapped(t *testing.T) {
	o := &output{}
	line := append(bytes.Repeat([]byte("x"), 99), '\n')
	for range 100_000 {
		if n, err := o.stdout().Write(line); n != len(line) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if _, err := o.stdout().Write(bytes.Repeat([]byte("y"), 1<<20)); err != nil {
		t.Fatal(err)
	}
	if len(o.out) < keep || len(o.out) > 2*keep {
		t.Errorf("%d bytes are kept", len(o.out))
	}
}

func TestTailLines(t *testing.T) {
	tests := []struct {
		out, err string
		want     []string
	}{
		{"", "", nil},
		{"\n\n", "", nil},
		{"a\nb", "", []string{"a", "b"}},
		{"a\n", "oops\n\n", []string{"oops"}}, // errors are the better last words
		{"1\n2\n3\n4\n5\n6\n", "", []string{"2", "3", "4", "5", "6"}},
		{"a\xff\n", "", []string{"a?"}},
	}
	for _, test := range tests {
		o := &output{out: []byte(test.out), err: []byte(test.err)}
		if got := o.tail(); !slices.Equal(got, test.want) {
			t.Errorf("%q and %q: %q, not %q", test.out, test.err, got, test.want)
		}
	}
}
