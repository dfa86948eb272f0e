package wire

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// readAll is everything that a reader makes of bytes that come size at a time.
func readAll(r *ReplyReader, bytes []byte, size int) (replies []Reply) {
	for len(bytes) > 0 {
		n := min(size, len(bytes))
		replies = append(replies, r.Feed(bytes[:n])...)
		bytes = bytes[n:]
	}
	return replies
}

// printed shows replies so that a table can hold them: lines quoted, listings in
// brackets, with ! and the lines that are no entries, and with what is wrong.
func printed(replies []Reply) string {
	var out []string
	for _, r := range replies {
		if r.Listing == nil {
			out = append(out, fmt.Sprintf("%q", r.Line))
			continue
		}
		text := fmt.Sprintf("[%d %q", r.Listing.Balance, r.Listing.Key)
		for _, e := range r.Listing.Online {
			text += fmt.Sprintf(" %s@%s:%d", e.Name, e.IP, e.Port)
		}
		for _, line := range r.Odd {
			text += fmt.Sprintf(" !%q", line)
		}
		if r.Err != nil {
			text += " (" + r.Err.Error() + ")"
		}
		out = append(out, text+"]")
	}
	return strings.Join(out, " ")
}

const (
	pem    = "-----BEGIN PUBLIC KEY-----\nMFww\nAwEA\n-----END PUBLIC KEY-----\n"
	pemOne = "-----BEGIN PUBLIC KEY-----MFww-----END PUBLIC KEY-----\n"
)

func TestReplyReader(t *testing.T) {
	tests := []struct {
		name, edition, bytes, want string
	}{
		{"CRLF", "2021", "100 OK\r\n", `"100 OK"`},
		{"LF", "2021", "210 FAIL\n", `"210 FAIL"`},
		{"no end", "2021", "Bye", `(pending) "Bye"`},
		{"padded with NUL", "2021", "100 OK\n\x00\x00Bye\r\n", `"100 OK" "Bye"`},
		{"empty lines", "2021", "\r\n\nBye\n\n", `"Bye"`},
		{"CR alone ends nothing", "2021", "a\rb\r\r\n", `"a\rb\r"`},
		{"a code is no balance", "2021", "220 AUTH_FAIL\r\n", `"220 AUTH_FAIL"`},
		{"list", "2021", "10000\r\nkey\r\n1\r\nal#127.0.0.1#5001\r\n", `[10000 "key" al@127.0.0.1:5001]`},
		{"list in LF", "2021", "-7\nkey\n2\nal#::1#1\nbo#h#65535\n", `[-7 "key" al@::1:1 bo@h:65535]`},
		{"list without key", "2020", "10000\r\n1\r\nal#127.0.0.1#5001\r\n", `[10000 "" al@127.0.0.1:5001]`},
		{"nobody online", "2021", "1\r\nkey\r\n0\r\nBye\r\n", `[1 "key"] "Bye"`},
		{"count in words", "2021", "1\r\nkey\r\n1 users online\r\nal#h#1\r\n", `[1 "key" al@h:1]`},
		{"last entry without end", "2021", "1\nkey\n1\nal#h#1", `(pending) [1 "key" al@h:1]`},
		{"two lists", "2020", "1\n0\n2\n0\n", `[1 ""] [2 ""]`},

		{"key is a number", "2021", "1\n2\n1\nal#h#1\n", `[1 "2" al@h:1]`},
		{"key is two numbers", "2021", "1\n65537 3233\n0\n", `[1 "65537 3233"]`},
		{"key is an entry", "2021", "1\nal#h#1\n0\n", `[1 "al#h#1"]`},
		{"key is a notice", "2021", "1\nTransfer OK!\n0\n", `[1 "Transfer OK!"]`},
		{"key is empty", "2021", "1\n\n0\n", `[1 ""]`},
		{"key in PEM", "2021", "1\n" + pem + "1\nal#h#1\n", strconv.Quote(strings.TrimSpace(pem))},
		{"key in PEM on one line", "2021", "1\n" + pemOne + "0\n", `[1 ` + strconv.Quote(strings.TrimSpace(pemOne)) + `]`},
		{"key only begins as PEM", "2021", "1\n-----BEGIN \n1\nal#h#1\n", `[1 "-----BEGIN " al@h:1]`},

		{"notice before", "2021", "Transfer OK!\r\n100 OK\r\n", `"Transfer OK!" "100 OK"`},
		{"notice after a list", "2020", "1\n0\nTransfer Fail!\n", `[1 ""] "Transfer Fail!"`},
		{"notice inside a list", "2021", "1\nkey\nTransfer OK!\n1\nTransfer OK!\nal#h#1\n", `"Transfer OK!" "Transfer OK!" [1 "key" al@h:1]`},

		{"count too high", "2021", "1\nkey\n2\nal#h#1\n", `(pending) [1 "key" al@h:1 (malformed list: cut short after 1 of 2 users)]`},
		{"count too low", "2021", "1\nkey\n1\nal#h#1\nbo#h#2\n", `[1 "key" al@h:1] "bo#h#2"`},
		{"count below zero", "2021", "1\nkey\n-1\n", `[1 "key" (malformed list: no possible number of users: "-1")]`},
		{"count beyond reason", "2021", "1\nkey\n999999999999\n", `[1 "key" (malformed list: no possible number of users: "999999999999")]`},
		{"no count", "2021", "1\nkey\nal#h#1\n", `[1 "key" (malformed list: no number of users: "al#h#1")]`},
		{"only a balance", "2021", "400\n", `(pending) [400 "" (malformed list: cut short before the number of users)]`},
		{"odd entries", "2020", "1\n4\nal#h#1\nbo\nbo#h#x\nbo#h#0\n", `[1 "" al@h:1 !"bo" !"bo#h#x" !"bo#h#0"]`},
		{"balance too large", "2021", "99999999999999999999\n", `"99999999999999999999"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, len(test.bytes)} {
				r := NewReplyReader(named(t, test.edition))
				replies := readAll(r, []byte(test.bytes), size)
				got := printed(replies)
				if r.Pending() {
					got = strings.TrimSpace(got + " (pending) " + printed(r.Paused()))
				}
				if !strings.Contains(got, test.want) || r.Pending() {
					t.Errorf("%d bytes at a time\n got %s\nwant %s", size, got, test.want)
				}
			}
		})
	}
}

// What Encode writes of a listing is what the reader reads, at any size.
func TestListingIsRead(t *testing.T) {
	for _, users := range []int{0, 1, 50, 10_000, MaxOnline} {
		want := Listing{Balance: 10_000, Key: "key"}
		for i := range users {
			want.Online = append(want.Online, Entry{Name: fmt.Sprintf("user%d", i), IP: "127.0.0.1", Port: 1 + i%65535})
		}
		replies := readAll(NewReplyReader(named(t, "2021")), want.Encode(), 1460)
		if len(replies) != 1 || replies[0].Err != nil || !reflect.DeepEqual(*replies[0].Listing, want) {
			t.Errorf("%d users: %.200s", users, printed(replies))
		}
	}
}

// No server makes a client hold more than the bounds allow.
func TestReplyReaderBounds(t *testing.T) {
	r := NewReplyReader(named(t, "2021"))
	replies := r.Feed(bytes.Repeat([]byte("x"), 3*MaxLine))
	replies = append(replies, r.Feed([]byte("\n100 OK\n"))...)
	if len(replies) != 2 || len(replies[0].Line) != MaxLine || replies[1].Line != "100 OK" {
		t.Errorf("a long line: %.100s", printed(replies))
	}
	long := strings.Repeat("n", maxEntry) + "#h#1\n"
	replies = r.Feed([]byte("1\nkey\n1\n" + long))
	if len(replies) != 1 || len(replies[0].Odd) != 1 || len(replies[0].Odd[0]) != maxEntry {
		t.Errorf("a long entry: %.100s", printed(replies))
	}
	replies = r.Feed([]byte("1\n-----BEGIN \n" + strings.Repeat("line\n", 1000)))
	if len(replies) == 0 || !errors.Is(replies[0].Err, ErrListing) {
		t.Errorf("a long key: %.100s", printed(replies))
	}
}

func TestReplyKinds(t *testing.T) {
	tests := []struct {
		line, code    string
		notice, known bool
	}{
		{"100 OK", "100", false, true},
		{"210 FAIL", "210", false, true},
		{"210 FAIL name is taken", "210", false, true},
		{"230", "230", false, true},
		{"2100 FAIL", "", false, false},
		{"+10 OK", "", false, false},
		{"Please login first", "", false, true},
		{"Bye", "", false, true},
		{"Transfer OK!", "", true, false},
		{"Transfer Fail!", "", true, false},
		{"transfer went fine", "", true, false},
		{"Transferred", "", false, false},
		{"Connection success, accepted", "", false, false},
	}
	for _, test := range tests {
		r := Reply{Line: test.line}
		if r.Code() != test.code || r.Notice() != test.notice || r.Known() != test.known {
			t.Errorf("%q: code %q, notice %v, known %v", test.line, r.Code(), r.Notice(), r.Known())
		}
	}
}

// However the bytes are spread over reads, the replies are the same, none has a
// line end in it or is empty, and nothing is left when the reader has paused.
func FuzzReplyReader(f *testing.F) {
	f.Add([]byte("100 OK\r\n10000\r\nkey\r\n1\r\nal#h#1\r\nBye"), uint16(1), true)
	f.Add([]byte("1\n"+pem+"1\nTransfer OK!\nal#h#1\n\x00\x00"), uint16(3), true)
	f.Add([]byte("1\n3\nal#h#1\nbo\r\n"), uint16(2), false)
	f.Fuzz(func(t *testing.T, data []byte, size uint16, keyLine bool) {
		e := named(t, "2021")
		e.KeyLine = keyLine
		whole, parts := NewReplyReader(e), NewReplyReader(e)
		want := append(whole.Feed(data), whole.Paused()...)
		got := append(readAll(parts, data, 1+int(size)), parts.Paused()...)
		if printed(got) != printed(want) {
			t.Fatalf("in reads of %d:\n%s\nin one read:\n%s", 1+int(size), printed(got), printed(want))
		}
		if parts.Pending() {
			t.Fatal("pending after a pause")
		}
		for _, r := range got {
			if r.Line == "" || strings.Contains(r.Line, "\n") || len(r.Line) > MaxLine {
				t.Fatalf("line %q", r.Line)
			}
			if r.Listing != nil && len(r.Listing.Online)+len(r.Odd) > MaxOnline {
				t.Fatalf("%d entries", len(r.Listing.Online)+len(r.Odd))
			}
		}
	})
}
