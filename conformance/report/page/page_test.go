package page

import (
	"strings"
	"testing"
)

func TestWrapFits(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"", 10, ""},
		{"one two three", 7, "one two|three"},
		{"one two three", 8, "one two|three"},
		{"exactly ten", 11, "exactly ten"},
		{"exactly ten", 10, "exactly|ten"},
		{"abcdefghij", 4, "abcd|efgh|ij"},
		{"a abcdefghij b", 4, "a|abcd|efgh|ij b"},
		{"中文字很長", 4, "中文|字很|長"},
		{"中文字", 5, "中文|字"},
		{"\x1b[1mbold\x1b[0m word", 5, "\x1b[1mbold\x1b[0m|word"},
	} {
		if got := strings.Join(Wrap(c.text, c.columns), "|"); got != c.want {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}

func TestCleanShowsWhatTerminalsObey(t *testing.T) {
	for text, want := range map[string]string{
		"plain 文字":       "plain 文字",
		"\x1b[2J\a":      `\x1b[2J\x07`,
		"a\xffb":         `a\xffb`,
		"rtl\u202eevil":  `rtl\u202eevil`,
		"two\r\nlines\t": `two\r\nlines `,
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCutEndsItsPaint(t *testing.T) {
	if got, want := Cut("\x1b[31mred and long\x1b[0m", 8), "\x1b[31mred a...\x1b[0m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBriefCounts(t *testing.T) {
	if got := Brief(strings.Repeat("x", brief+7)); !strings.HasSuffix(got, "x... (7 characters left out)") {
		t.Errorf("got %q", got)
	}
	if got, want := Brief("one\ntwo\a"), "one\ntwo\\x07"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The mark stands under the byte that it means, on its own row.
func TestCaretStandsUnderTheByte(t *testing.T) {
	for _, c := range []struct {
		data string
		at   int
		want string
	}{
		{"100 OK\r\n", 0, "100 OK\\r\\n\n^\n"},
		{"100 OK\r\n", 6, "100 OK\\r\\n\n      ^\n"},
		{"100 OK", 6, "100 OK\n      ^\n"},
		{"1\r\n2\r\n", 3, "1\\r\\n\n2\\r\\n\n^\n"},
		{"Bye\x00\x00\x00\x00", 3, "Bye\\0*4\n   ^\n"},
		{"Bye\x00\x00\x00\x00", 5, "Bye\\0*2\\0*2\n       ^\n"},
		{"a\tb", 2, "a\\tb\n   ^\n"},
		{"abc", -1, "abc\n"},
		{"", 0, "\n^\n"},
	} {
		var b strings.Builder
		for _, row := range Rows([]byte(c.data), c.at, 40, 8) {
			b.WriteString(row.Text + "\n")
			if column, ok := row.Caret([]byte(c.data), c.at); ok {
				b.WriteString(strings.Repeat(" ", column) + "^\n")
			}
		}
		if b.String() != c.want {
			t.Errorf("%q at %d:\n%swant\n%s", c.data, c.at, b.String(), c.want)
		}
	}
}

// However long the bytes are and wherever the wrong one is: few rows, the byte
// among them, and every byte either shown or counted.
func TestRowsKeepTheByteAndCount(t *testing.T) {
	for _, data := range [][]byte{
		[]byte(strings.Repeat("0123456789", 50)),
		[]byte(strings.Repeat("alice#127.0.0.1#5001\r\n", 30)),
		make([]byte, 500),
	} {
		for at := -1; at <= len(data); at++ {
			rows := Rows(data, at, 20, 6)
			if len(rows) > 6 {
				t.Fatalf("at %d: %d rows", at, len(rows))
			}
			marks, next := 0, 0
			for _, row := range rows {
				if row.From < 0 {
					next = -1
					continue
				}
				if next >= 0 && row.From != next {
					t.Fatalf("at %d: bytes %d to %d are missing, and not counted", at, next, row.From)
				}
				next = row.To
				if _, ok := row.Caret(data, at); ok {
					marks++
				}
				if len(row.Text) > 20 {
					t.Fatalf("at %d: row of %d columns", at, len(row.Text))
				}
			}
			if next >= 0 && next != len(data) {
				t.Fatalf("at %d: the rows end at byte %d of %d", at, next, len(data))
			}
			if want := min(at+1, 1); marks != want {
				t.Fatalf("at %d of %d: %d marks, want %d: %+v", at, len(data), marks, want, rows)
			}
		}
	}
}
