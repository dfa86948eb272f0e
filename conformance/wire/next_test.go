package wire_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/vectors"
)

func named(t testing.TB, name string) edition.Edition {
	t.Helper()
	e, err := edition.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// never demands that no beginning of data that Next is content with, while more may
// come, is taken for another reply than the whole is: a segment can end anywhere. It
// returns after how many bytes Next is content; -1: only when no more will come.
func never(t *testing.T, what string, data []byte, e edition.Edition, want wire.Reply) (content int) {
	t.Helper()
	content = -1
	for n := range len(data) + 1 {
		got, ok := wire.Next(data[:n], e, false)
		if !ok {
			if content >= 0 {
				t.Errorf("%s: content with %d bytes and not with %d", what, content, n)
			}
			continue
		}
		if content < 0 {
			content = n
		}
		if !alike(got, want) {
			t.Errorf("%s: %q, cut to %d bytes, is %s, not %s", what, data, n, show(got), show(want))
			return content
		}
	}
	return content
}

func alike(a, b wire.Reply) bool {
	if (a.List == nil) != (b.List == nil) || a.Text != b.Text || len(a.Before) != len(b.Before) {
		return false
	}
	return a.List == nil || a.List.Balance == b.List.Balance && a.List.Count == b.List.Count &&
		reflect.DeepEqual(a.List.Key, b.List.Key) && reflect.DeepEqual(a.List.Entries, b.List.Entries)
}

func show(r wire.Reply) string {
	text := fmt.Sprintf("%q behind %+v", r.Text, r.Before)
	if r.List != nil {
		text += fmt.Sprintf(" (balance %d, key %q, count %d, %v)", r.List.Balance, r.List.Key, r.List.Count, r.List.Entries)
	}
	return text
}

// pads are what programs put behind a reply, or behind each of its lines.
var ends = []struct{ name, line, last string }{
	{"CRLF", "\r\n", "\r\n"},
	{"LF", "\n", "\n"},
	{"LF LF", "\n", "\n\n"},
	{"CRLF and LF", "\r\n", "\n"},
	{"LF and NUL", "\n", "\n\x00"},
	{"LF, padded by 28 NULs", "\n", "\n" + strings.Repeat("\x00", 28)},
	{"LF, padded by 1000 NULs", "\n", "\n" + strings.Repeat("\x00", 1000)},
	{"LF, and NUL at last", "\n", "\x00\x00\x00"},
	{"LF, and nothing at last", "\n", ""},
}

func TestNextFixed(t *testing.T) {
	texts := []string{
		edition.OK, edition.Fail, edition.AuthFail, edition.Malformed, edition.LoginFirst, edition.Bye,
		"210 FAIL name is taken", "Good bye", "Connection success", "220", "You are client 3", "0x1f", "alice#127.0.0.1#5001",
	}
	for _, e := range edition.All {
		for _, end := range ends {
			for _, text := range texts {
				what := fmt.Sprintf("%s, %s, %q", e.Name, end.name, text)
				data := []byte(text + end.last)
				want := wire.Reply{Text: text}
				got, ok := wire.Next(data, e, true)
				if !ok || !alike(got, want) {
					t.Errorf("%s: %s, %v", what, show(got), ok)
					continue
				}
				// A lone number may yet become a list, and a line without an end grow.
				_, _, mayBeList := wire.OneNumber(text)
				mayBeList = mayBeList && text[0] > '2' || text == "220" || text == "You are client 3"
				if len(data) > 200 {
					continue // padding is passed over as a whole
				}
				content := never(t, what, data, e, want)
				if now := content >= 0; now == (mayBeList || end.last == "") {
					t.Errorf("%s: content with %d bytes", what, content)
				}
			}
		}
	}
}

// A list in every form that programs were seen to give it.
func TestNextList(t *testing.T) {
	pem := []string{"-----BEGIN PUBLIC KEY-----", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", "1234", "wIDAQAB", "-----END PUBLIC KEY-----"}
	keys := []struct {
		name  string
		lines []string
	}{
		{"a constant key", []string{"public key"}},
		{"no key", nil},
		{"a key in PEM", pem},
		{"a key in PEM on one line", []string{"-----BEGIN PUBLIC KEY-----MIIB-----END PUBLIC KEY-----"}},
		{"the head of a key in PEM", pem[:1]},
		{"a key like a count", []string{"65537"}},
		{"a key like an entry", []string{"alice#127.0.0.1#5001"}},
		{"a key like a reply", []string{"100 OK"}},
		{"a key of two numbers", []string{"65537 3233"}},
	}
	counts := []struct{ name, form string }{
		{"bare", "%d"}, {"worded", "%d users online"}, {"worded before", "number of accounts online: %d"},
	}
	balances := []string{"%d", "Account balance: %d"}
	n := 0
	for _, e := range edition.All {
		for _, end := range ends {
			for _, key := range keys {
				for i, count := range counts {
					for _, users := range []int{0, 1, 2, 50} {
						switch {
						case !e.KeyLine && len(key.lines) == 1 && key.lines[0] == "65537":
							continue // nobody could tell it from the count
						case users == 50 && len(key.lines) != 1, users == 2 && end.name != "LF":
							continue // a long list is read as a short one
						}
						n++
						want := wire.List{Balance: 9750, Count: int64(users), Key: key.lines}
						lines := append([]string{fmt.Sprintf(balances[i%2], 9750)}, key.lines...)
						lines = append(lines, fmt.Sprintf(count.form, users))
						for u := range users {
							entry := wire.Entry{Name: fmt.Sprintf("user%d", u), Address: "127.0.0.1", Port: 5000 + u}
							want.Entries = append(want.Entries, entry)
							lines = append(lines, entry.Name+"#"+entry.Address+"#"+strconv.Itoa(entry.Port))
						}
						what := fmt.Sprintf("%s, %s, %s, count %s, %d users", e.Name, end.name, key.name, count.name, users)
						checkList(t, what, e, strings.Join(lines, end.line)+end.last, lines, want)
					}
				}
			}
		}
	}
	t.Logf("%d lists", n)
}

func checkList(t *testing.T, what string, e edition.Edition, text string, lines []string, want wire.List) {
	t.Helper()
	data := []byte(text)
	got, ok := wire.Next(data, e, true)
	if !ok || !alike(got, wire.Reply{Text: lines[0], List: &want}) {
		t.Errorf("%s: %q is %s, %v", what, data, show(got), ok)
		return
	}
	l := got.List
	isExact := func(text string) bool { _, err := strconv.Atoi(text); return err == nil }
	if l.WordedBalance == isExact(lines[0]) || l.WordedCount == isExact(lines[1+len(want.Key)]) {
		t.Errorf("%s: worded %v, %v", what, l.WordedBalance, l.WordedCount)
	}
	if len(l.Lines) != len(lines) {
		t.Errorf("%s: %d lines of %d", what, len(l.Lines), len(lines))
	}
	for i, line := range l.Lines {
		if line.Text != lines[i] || text[line.Stop-len(line.End)-len(line.Text):line.Stop-len(line.End)] != line.Text && !strings.HasSuffix(line.End, "\n") {
			t.Errorf("%s: line %d is %+v", what, i+1, line)
		}
	}
	// Only padding is left behind its last line end.
	if rest := data[len(got.Raw):]; len(wire.Lines(rest)) > 0 || len(got.Raw) == 0 {
		t.Errorf("%s: %q is left", what, rest)
	}
	if len(want.Entries) <= 2 && len(data) < 250 && !l.WordedCount {
		never(t, what, data, e, got)
	}
}

// A list is complete at its last literal byte, without a wait, wherever its form
// is the edition's.
func TestNextNeedsNoMore(t *testing.T) {
	tests := []struct {
		edition, data string
		content       int // bytes; -1: only when no more will come
	}{
		{"2021", "100 OK\r\n", 8},
		{"2021", "100 OK\n", 7},
		{"2021", "100 OK", -1},
		{"2021", "Bye\x00\x00\x00", 4},
		{"2021", "5\r\nkey\r\n0\r\n", 11},
		{"2021", "5\r\nkey\r\n1\r\na#1.1.1.1#1\r\n", 24},
		{"2021", "5\r\nkey\r\n1\r\na#1.1.1.1#1", -1},
		{"2021", "5\r\n1\r\na#1.1.1.1#1\r\n", 19},
		{"2021", "5\r\n0\r\n", -1}, // without a key line, it might be the key
		{"2020", "5\r\n0\r\n", 6},
		{"2020", "5\r\n1\r\na#1.1.1.1#1\r\n", 19},
		{"2021", "5\r\n", -1},
		{"2021", "-5\r\nkey\r\n0\r\n", 12},
	}
	for _, test := range tests {
		e := named(t, test.edition)
		want, ok := wire.Next([]byte(test.data), e, true)
		if !ok {
			t.Errorf("%q is nothing", test.data)
			continue
		}
		if got := never(t, test.edition, []byte(test.data), e, want); got != test.content {
			t.Errorf("%s: %q is complete after %d bytes, not %d", test.edition, test.data, got, test.content)
		}
	}
}

// A count that lies is not mended: too few entries are what they are once no more
// will come, and those too many are seen when they are there.
func TestNextCountLies(t *testing.T) {
	entry := func(i int) string { return fmt.Sprintf("u%d#127.0.0.1#%d\r\n", i, 5000+i) }
	head := func(count int) string { return fmt.Sprintf("5\r\nkey\r\n%d\r\n", count) }
	e := named(t, "2021")
	tests := []struct {
		what, data string
		now        bool
		entries    int
		rest       string
	}{
		{"one too few, at the end", head(2) + entry(1), false, 1, ""},
		{"one too few, before a reply", head(2) + entry(1) + "Bye\r\n", true, 1, "Bye\r\n"},
		{"one too few, before a notice", head(2) + entry(1) + "Transfer OK!\r\n", true, 1, "Transfer OK!\r\n"},
		{"one too many", head(1) + entry(1) + entry(2), true, 2, ""},
		{"one for none", head(0) + entry(1), true, 1, ""},
		{"a negative count", head(-1) + entry(1), true, 1, ""},
		{"a notice between the entries", head(2) + entry(1) + "Transfer OK!\r\n" + entry(2), true, 1, "Transfer OK!\r\n" + entry(2)},
		{"a port that is none", head(1) + "u1#127.0.0.1#99999999999999999999\r\n", true, 0, "u1#127.0.0.1#99999999999999999999\r\n"},
		{"a count beyond all bounds", head(1_000_000_000) + entry(1), false, 1, ""},
	}
	for _, test := range tests {
		data := []byte(test.data)
		if _, now := wire.Next(data, e, false); now != test.now {
			t.Errorf("%s: content while more may come: %v", test.what, now)
		}
		got, ok := wire.Next(data, e, true)
		if !ok || got.List == nil {
			t.Errorf("%s: %s", test.what, show(got))
			continue
		}
		if rest := string(data[len(got.Raw):]); len(got.List.Entries) != test.entries || rest != test.rest {
			t.Errorf("%s: %d entries, and %q is left", test.what, len(got.List.Entries), rest)
		}
	}
}

// News comes unasked, as whole lines around replies.
func TestNextNews(t *testing.T) {
	const list = "9750\r\npublic key\r\n1\r\nalice#127.0.0.1#5001\r\n"
	e := named(t, "2021")
	news := []string{
		"Transfer OK!\r\n", "Transfer Fail!\n", "Transfer OK!\x00", "transaction of alice is complete\r\n",
		"Transfer of 100 OK!\r\n", "alice paid you 100\r\n", "Payment received: 100\r\n",
	}
	for _, line := range news {
		for _, reply := range []string{"100 OK\r\n", "Bye\n", list} {
			for n := range 3 {
				before := strings.Repeat(line, n)
				what := fmt.Sprintf("%q %d times before %q", line, n, reply)
				want, _ := wire.Next([]byte(reply), e, true)
				got, ok := wire.Next([]byte(before+reply), e, true)
				if !ok || len(got.Before) != n {
					t.Errorf("%s: %s", what, show(got))
					continue
				}
				want.Before = got.Before
				if !alike(got, want) || string(got.Raw) != before+reply {
					t.Errorf("%s: %s of %q", what, show(got), got.Raw)
				}
				never(t, what, []byte(before+reply), e, got)
			}
		}
	}
	// Behind a reply it stays where it is.
	got, ok := wire.Next([]byte(list+"Transfer OK!\r\n"), e, true)
	if !ok || got.List == nil || string(got.Raw) != list {
		t.Errorf("%s of %q", show(got), got.Raw)
	}
	// Alone it is the answer only when nothing else will come, and then the last of it.
	two := []byte("Transfer OK!\r\nTransfer Fail!\r\n")
	if got, ok := wire.Next(two, e, false); ok {
		t.Errorf("news alone is taken for %s while more may come", show(got))
	}
	got, ok = wire.Next(two, e, true)
	if !ok || got.Text != "Transfer Fail!" || len(got.Before) != 1 || string(got.Raw) != string(two) {
		t.Errorf("%s of %q", show(got), got.Raw)
	}
	// A balance in words that speak of payments is a balance.
	got, ok = wire.Next([]byte("Your payment balance: 9750\r\npublic key\r\n0\r\n"), e, true)
	if !ok || got.List == nil || got.List.Balance != 9750 {
		t.Errorf("%s", show(got))
	}
}

func TestNextLongList(t *testing.T) {
	for _, e := range edition.All {
		text := "9750\n"
		if e.KeyLine {
			text += "public key\n"
		}
		text += "50\n"
		for i := range 50 {
			text += fmt.Sprintf("user%d#127.0.0.1#%d\n", i, 5000+i)
		}
		want, ok := wire.Next([]byte(text), e, true)
		if !ok || want.List == nil || len(want.List.Entries) != 50 {
			t.Fatalf("%s: %s", e.Name, show(want))
		}
		if got := never(t, e.Name, []byte(text), e, want); got != len(text) {
			t.Errorf("%s: complete after %d bytes of %d", e.Name, got, len(text))
		}
	}
}

func TestNextNothing(t *testing.T) {
	for _, data := range []string{"", "\r\n", "\x00\x00", "\r\n\x00"} {
		for _, final := range []bool{false, true} {
			if got, ok := wire.Next([]byte(data), edition.Default(), final); ok {
				t.Errorf("%q is %s", data, show(got))
			}
		}
	}
}

func TestFind(t *testing.T) {
	l := wire.List{Entries: []wire.Entry{{Name: "al", Port: 1}, {Name: "alice", Port: 2}, {Name: "al", Port: 3}}}
	for name, want := range map[string]int{"al": 2, "alice": 1, "ali": 0, "": 0, "AL": 0} {
		if got := l.Find(name); len(got) != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// The vectors that both codecs are tested with: the judge reads them all, tolerated
// forms too, and it takes nothing for another reply that is none.
func TestVectors(t *testing.T) {
	all, err := vectors.Replies()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		where := fmt.Sprintf("replies.txt:%d, %s", v.Line, v.Edition.Name)
		data := []byte(v.Text)
		got, ok := wire.Next(data, v.Edition, true)
		if strings.Trim(v.Text, "\r\n") == "" {
			if ok {
				t.Errorf("%s: an empty line is %s", where, show(got))
			}
			continue
		}
		if !ok {
			t.Errorf("%s: %q is nothing", where, v.Text)
			continue
		}
		never(t, where, data, v.Edition, got)
		if isList := v.Kind == vectors.List; isList != (got.List != nil) {
			t.Errorf("%s: %q is %s", where, v.Text, show(got))
		} else if isList {
			checkVector(t, where, v, got)
		} else if first, _, _ := strings.Cut(v.Text, "\r\n"); v.Kind != vectors.Other && strings.TrimSpace(v.Text) != got.Text {
			t.Errorf("%s: %q is %q, not %q", where, v.Text, got.Text, first)
		}
		checkCode(t, where, v, got)
	}
}

// checkCode holds Means and Unasked against the kind of a vector.
func checkCode(t *testing.T, where string, v vectors.Reply, got wire.Reply) {
	t.Helper()
	codes := map[vectors.Kind]string{vectors.OK: edition.OK, vectors.Fail: edition.Fail, vectors.AuthFail: edition.AuthFail}
	for kind, code := range codes {
		if wire.Means(got.Text, code) != (v.Kind == kind) {
			t.Errorf("%s: whether %q means %s", where, got.Text, code)
		}
	}
	isNews := v.Kind == vectors.TransferOK || v.Kind == vectors.TransferFail
	if wire.Unasked(got.Text) != isNews {
		t.Errorf("%s: whether %q is news", where, got.Text)
	}
}

func checkVector(t *testing.T, where string, v vectors.Reply, got wire.Reply) {
	t.Helper()
	fields := v.Fields
	want := []string{strconv.FormatInt(got.List.Balance, 10)}
	if v.Edition.KeyLine {
		want = append(want, strings.Join(got.List.Key, "\n"))
	}
	want = append(want, strconv.FormatInt(got.List.Count, 10))
	for _, e := range got.List.Entries {
		want = append(want, e.Name+"#"+e.Address+"#"+strconv.Itoa(e.Port))
	}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("%s: %q, not %q", where, want, fields)
	}
	if v.Valid() && (got.List.WordedBalance || got.List.WordedCount || string(got.Raw) != v.Text) {
		t.Errorf("%s: %s of %q", where, show(got), got.Raw)
	}
}

// A notice that has come in part is not taken for a whole line.
func TestBegun(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "Transfe": 7, "100 OK\r\nTransfer ": 9, "T": 1, "Transfer OK!": 0, "Transfer F": 10,
		"Transfer OK!\r\n": 0, "Transfer it": 0, "Bye\r\n": 0, "List": 0,
	} {
		if got := wire.Begun([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
