package wire

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// pause, among the reads of a test, stands for a Pause without bytes.
const pause = "(pause)"

func frame(f *Framer, reads ...string) (requests []string) {
	for _, read := range reads {
		if read == pause {
			requests = append(requests, f.Paused()...)
		} else {
			requests = append(requests, f.Feed([]byte(read))...)
		}
	}
	return requests
}

func TestFramer(t *testing.T) {
	long := strings.Repeat("x", MaxRequest)
	tests := []struct {
		name  string
		reads []string
		want  []string
	}{
		{"unterminated", []string{"List", pause}, []string{"List"}},
		{"unterminated, no pause yet", []string{"List"}, nil},
		{"in two parts", []string{"REGISTER#al", "ice", pause}, []string{"REGISTER#alice"}},
		{"pause, then nothing to end", []string{"List", pause, pause}, []string{"List"}},
		{"two unterminated", []string{"List", pause, "Exit", pause}, []string{"List", "Exit"}},
		{"NUL", []string{"List\x00"}, []string{"List"}},
		{"NUL in its own segment", []string{"List", "\x00"}, []string{"List"}},
		{"NUL after the pause", []string{"List", pause, "\x00", "Exit\x00"}, []string{"List", "Exit"}},
		{"stale bytes after the NUL", []string{"List\x00TER#alice\n", "Exit\x00\x00"}, []string{"List", "Exit"}},
		{"padded", []string{"List" + strings.Repeat("\x00", 1020)}, []string{"List"}},
		{"padding over two reads", []string{"List\x00\x00", "\x00\x00", "Exit\x00"}, []string{"List", "Exit"}},
		{"NUL alone", []string{"\x00"}, []string{""}},
		{"LF", []string{"List\n"}, []string{"List"}},
		{"CRLF", []string{"List\r\n"}, []string{"List"}},
		{"CR and LF apart", []string{"List\r", "\n"}, []string{"List"}},
		{"line end after the pause", []string{"List", pause, "\r\n", "Exit\x00"}, []string{"List", "Exit"}},
		{"CR, pause, LF", []string{"List\r", pause, "\n", "Exit\x00"}, []string{"List", "Exit"}},
		{"only one CR belongs to the ending", []string{"List\r\r\n"}, []string{"List\r"}},
		{"empty line", []string{"\r\n"}, []string{""}},
		{"two in a segment", []string{"List\r\nExit\r\n"}, []string{"List", "Exit"}},
		{"CRLF and LF mixed", []string{"List\nExit\r\nList\n"}, []string{"List", "Exit", "List"}},
		{"stream, joined and split", []string{"List\r\nRE", "GIS", "TER#al\r", "\nEx", "it\r\n"}, []string{"List", "REGISTER#al", "Exit"}},
		{"a pause in a stream ends nothing", []string{"List\r\nEx", pause, "it\r\n"}, []string{"List", "Exit"}},
		{"empty lines in a stream", []string{"List\r\n\r\n\n"}, []string{"List", "", ""}},
		{"NUL in a stream", []string{"List\r\nLi\x00st\r\n"}, []string{"List", "Li\x00st"}},
		{"line end and NUL", []string{"List\n\x00", "Exit\n\x00"}, []string{"List", "Exit"}},
		{"line end and padding", []string{"List\n" + strings.Repeat("\x00", 99), "Exit\n\x00st\n"}, []string{"List", "Exit"}},
		{"NUL after a line end, but later", []string{"List\n", "\x00Exit\n"}, []string{"List", "\x00Exit"}},
		{"NUL after a line end in a stream", []string{"List\n", "List\n\x00", "Exit\n"}, []string{"List", "List", "\x00Exit"}},
		{"lock-step, then stream", []string{"List\x00", "List", pause, "List\r\nExit\r\n"}, []string{"List", "List", "List", "Exit"}},
		{"at the limit", []string{long + "\r\n"}, []string{long}},
		{"at the limit, paused", []string{long, pause}, []string{long}},
		{"one over the limit", []string{long + "x\n", "List\n"}, []string{long + "x", "List"}},
		{"two over the limit", []string{long + "xx\n", "List\n"}, []string{long + "xx", "List"}},
		{"far over the limit: answered at once, and once", []string{long + long, long, long, "\nList\n"}, []string{long + "xx", "List"}},
		{"far over the limit in lock-step", []string{long + long, long, pause, "List", pause}, []string{long + "xx", "List"}},
		{"far over the limit, then NUL", []string{long + long, "\x00\x00", "List\x00"}, []string{long + "xx", "List"}},
		{"over the limit in a later line", []string{"List\n" + long + long, "\nList\n"}, []string{"List", long + "xx", "List"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := frame(new(Framer), test.reads...); !slices.Equal(got, test.want) {
				t.Errorf("reads %.80q\n got %.80q\nwant %.80q", test.reads, got, test.want)
			}
		})
	}
}

// A pause is worth measuring only where it would end something.
func TestPending(t *testing.T) {
	tests := []struct {
		reads []string
		want  bool
	}{
		{nil, false},
		{[]string{"Li"}, true},
		{[]string{"List", pause}, false},
		{[]string{"List\x00"}, false},
		{[]string{"List\r\nEx"}, false},
		{[]string{strings.Repeat("x", 2*MaxRequest)}, true},
	}
	for _, test := range tests {
		f := new(Framer)
		frame(f, test.reads...)
		if got := f.Pending(); got != test.want {
			t.Errorf("after %.40q: Pending() = %v", test.reads, got)
		}
	}
}

// In a stream it makes no difference how the bytes are spread over reads, and no
// sender makes a framer hold more than one request.
func FuzzFramerStream(f *testing.F) {
	f.Add([]byte("List\r\nExit\r\n"), 3)
	f.Add([]byte("RE\x00G\n\n\rEx\r"), 1)
	f.Add(append(bytes.Repeat([]byte("x"), 3*MaxRequest), "\r\nList\n"...), 700)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		size = 1 + max(size, -size, 0)%4096
		whole, parts := Framer{stream: true}, Framer{stream: true}
		want := whole.Feed(data)
		var got []string
		for part := range slices.Chunk(data, size) {
			got = append(got, parts.Feed(part)...)
			if len(parts.held) > tooLong {
				t.Fatalf("%d bytes held", len(parts.held))
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("in reads of %d: %q, in one read: %q", size, got, want)
		}
		if lines := bytes.Count(data, []byte("\n")); len(want) != lines && len(want) != lines+1 {
			t.Fatalf("%d requests from %d lines", len(want), lines)
		}
	})
}
