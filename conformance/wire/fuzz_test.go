package wire_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"paycheck/conformance/wire"
	refwire "paycheck/reference/wire"
	"paycheck/spec/edition"
	"paycheck/spec/vectors"
)

// A said is one reply or notice as either codec reads it.
type said struct {
	Line    string
	IsList  bool
	Balance int64
	Key     string
	Entries []wire.Entry
}

// byJudge cuts everything that a server said, with this package's reader.
func byJudge(t *testing.T, data []byte, e edition.Edition) (all []said) {
	t.Helper()
	for len(data) > 0 {
		r, ok := wire.Next(data, e, true)
		if !ok {
			return all
		}
		if len(r.Raw) == 0 {
			t.Fatalf("%q: a reply of no bytes", data)
		}
		for _, line := range r.Before {
			all = append(all, said{Line: line.Text})
		}
		one := said{Line: r.Text, IsList: r.List != nil}
		if l := r.List; l != nil {
			one.Balance, one.Key = l.Balance, strings.Join(l.Key, "\n")
			one.Entries = append(one.Entries, l.Entries...)
			if l.Count != int64(len(l.Entries)) {
				t.Fatalf("%q: a count of %d and %v", data, l.Count, l.Entries)
			}
		}
		all = append(all, one)
		data = data[len(r.Raw):]
	}
	return all
}

// byReference does the same with the reference's reader, the bytes cut into two
// reads.
func byReference(t *testing.T, data []byte, cut int, e edition.Edition) (all []said) {
	t.Helper()
	reader := refwire.NewReplyReader(e)
	replies := append(reader.Feed(data[:cut]), reader.Feed(data[cut:])...)
	for _, r := range append(replies, reader.Paused()...) {
		if r.Err != nil {
			t.Fatalf("%q: the reference says %v", data, r.Err)
		}
		one := said{Line: r.Line, IsList: r.Listing != nil}
		if l := r.Listing; l != nil {
			one.Balance, one.Key = l.Balance, l.Key
			for _, entry := range l.Online {
				one.Entries = append(one.Entries, wire.Entry{Name: entry.Name, Address: entry.IP, Port: entry.Port})
			}
		}
		all = append(all, one)
	}
	return all
}

// Well-formed replies and notices, as spec/grammar.abnf has them, and the rule that a
// list has as many entries as it counts.
var (
	fixedForm = regexp.MustCompile(`^(?:100 OK|210 FAIL|220 AUTH_FAIL|Bye|Please login first|230 Input format error|Transfer OK!|Transfer Fail!)\r\n`)
	listForm  = regexp.MustCompile(`^(?:0|[1-9][0-9]{0,17})\r\n`)
	keyForm   = regexp.MustCompile(`^[ -~]+\r\n`)
	countForm = regexp.MustCompile(`^[1-9][0-9]{0,4}\r\n`)
	entry     = regexp.MustCompile(`^[A-Za-z0-9]{1,16}#[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}#[1-9][0-9]{0,4}\r\n`)
)

// wellFormed reports whether data is nothing but well-formed replies.
func wellFormed(data string, e edition.Edition) bool {
	take := func(form *regexp.Regexp) (string, bool) {
		found := form.FindString(data)
		data = data[len(found):]
		return strings.TrimSuffix(found, "\r\n"), found != ""
	}
	if data == "" {
		return false
	}
	for data != "" {
		if _, ok := take(fixedForm); ok {
			continue
		}
		_, ok := take(listForm)
		if ok && e.KeyLine {
			_, ok = take(keyForm)
		}
		var count string
		if ok {
			count, ok = take(countForm)
		}
		for n, _ := strconv.Atoi(count); ok && n > 0; n-- {
			var text string
			text, ok = take(entry)
			port, _ := strconv.Atoi(text[strings.LastIndexByte(text, '#')+1:])
			ok = ok && port <= edition.MaxPort
		}
		if !ok {
			return false
		}
	}
	return true
}

// The two codecs share no code. On what the grammar allows they read the same; on
// everything else this one holds its own, and loses no byte.
func FuzzNext(f *testing.F) {
	replies, err := vectors.Replies()
	if err != nil {
		f.Fatal(err)
	}
	perEdition := map[string]string{}
	for _, v := range replies {
		f.Add([]byte(v.Text), v.Edition.KeyLine, uint(1))
		if v.Valid() {
			perEdition[v.Edition.Name] += v.Text
		}
	}
	for _, e := range edition.All {
		f.Add([]byte(perEdition[e.Name]), e.KeyLine, uint(40))
	}
	f.Add([]byte("5\r\n-----BEGIN PUBLIC KEY-----\r\n1\r\na#1.1.1.1#1\r\nTransfer OK!\r\n6\r\n5\r\n1\r\n1#1.1.1.1#1\r\n"), true, uint(9))
	f.Fuzz(func(t *testing.T, data []byte, keyLine bool, cut uint) {
		e := edition.All[0]
		for _, other := range edition.All {
			if other.KeyLine == keyLine {
				e = other
			}
		}
		if len(data) > 4<<10 {
			return // longer ones bring nothing new, and slow the rest down
		}
		hold(t, data, e)
		if !wellFormed(string(data), e) {
			return
		}
		judge, reference := byJudge(t, data, e), byReference(t, data, int(cut%uint(len(data)+1)), e)
		if !reflect.DeepEqual(judge, reference) {
			t.Fatalf("%q in %s is\n%+v to the judge, and\n%+v to the reference", data, e.Name, judge, reference)
		}
		first, _ := wire.Next(data, e, true)
		if first.Before == nil {
			never(t, e.Name, data, e, first)
		}
	})
}

// hold is what is true of any bytes at all.
func hold(t *testing.T, data []byte, e edition.Edition) {
	t.Helper()
	lines := wire.Lines(data)
	at := 0
	for _, l := range lines {
		begin := l.Stop - len(l.End) - len(l.Text)
		if l.End == "\x00" && l.Stop >= 2 && data[l.Stop-2] == '\r' {
			begin-- // a CR before the NUL was taken off the text, and is no part of the end
		}
		if begin < at || strings.Trim(string(data[at:begin]), "\r\n\x00") != "" || !strings.HasPrefix(string(data[begin:]), l.Text) || l.Text == "" {
			t.Fatalf("%q: line %+v begins at %d, behind %d", data, l, begin, at)
		}
		at = l.Stop
	}
	for _, final := range []bool{false, true} {
		r, ok := wire.Next(data, e, final)
		if !ok {
			if final && len(lines) > 0 {
				t.Fatalf("%q: nothing, though no more will come", data)
			}
			continue
		}
		if len(r.Raw) == 0 || string(data[:len(r.Raw)]) != string(r.Raw) {
			t.Fatalf("%q: a reply of the bytes %q", data, r.Raw)
		}
		if r.List != nil {
			if l := r.List; len(l.Lines) != 2+len(l.Key)+len(l.Entries) {
				t.Fatalf("%q: %d lines with %d of key and %d entries", data, len(l.Lines), len(l.Key), len(l.Entries))
			}
		}
	}
}

// Lists of the grammar with any key line and any number of entries.
func FuzzList(f *testing.F) {
	f.Add(uint64(9750), "public key", uint8(2), "alice", uint(20), true)
	f.Add(uint64(0), "-----BEGIN", uint8(1), "0", uint(3), true)
	f.Add(uint64(1), "Transfer OK! 5", uint8(3), "List", uint(0), false)
	f.Fuzz(func(t *testing.T, balance uint64, key string, users uint8, name string, cut uint, keyLine bool) {
		e := edition.All[0]
		if !keyLine {
			e = edition.All[1]
		}
		users = users%50 + 1
		text := strconv.FormatUint(balance%1e18, 10) + "\r\n"
		if e.KeyLine {
			text += key + "\r\n"
		}
		text += fmt.Sprintf("%d\r\n", users)
		for i := range users {
			text += fmt.Sprintf("%s%d#10.0.0.%d#%d\r\n", name, i, i, 1+balance%65535)
		}
		if !wellFormed(text, e) {
			t.Skip()
		}
		data := []byte(text + "Transfer OK!\r\n" + text)
		judge, reference := byJudge(t, data, e), byReference(t, data, int(cut%uint(len(data))), e)
		if len(judge) != 3 || !reflect.DeepEqual(judge, reference) {
			t.Fatalf("%q in %s is\n%+v to the judge, and\n%+v to the reference", data, e.Name, judge, reference)
		}
	})
}
