package wire

import (
	"strconv"
	"strings"
)

// An Entry is one line of a list: who is online, and where.
type Entry struct {
	Name    string
	Address string
	Port    int
}

// A List is the answer to a login and to List, whatever its form.
type List struct {
	Balance int64
	Count   int64
	Key     []string // the lines between balance and count
	Entries []Entry
	Lines   []Line // all of it

	WordedBalance, WordedCount bool // text stands around the number
}

// Find returns the entries of that name.
func (l List) Find(name string) []Entry {
	var found []Entry
	for _, e := range l.Entries {
		if e.Name == name {
			found = append(found, e)
		}
	}
	return found
}

// A state is how far a reading has come.
type state int

const (
	no       state = iota // it can't become one, whatever comes
	notYet                // it may, with more
	complete              // it is one
)

// beginsList reports whether a reply that begins so can be a list: one number,
// and no reply code.
func beginsList(first string) bool {
	if codeForm.MatchString(first) || strings.Contains(first, "#") {
		return false
	}
	_, _, ok := OneNumber(first)
	return ok
}

// readList reads a list from the beginning of lines: the balance, the key, the
// count, and as many entries as it counts. Final says that no more will come.
func readList(lines []Line, keyLine, final bool) (List, int, state) {
	if len(lines) == 0 || !beginsList(lines[0].Text) {
		return List{}, 0, no
	}
	at, s := countAt(lines, keyLine, final)
	if s != complete {
		return List{}, 0, s
	}
	var l List
	var exact bool
	l.Balance, exact, _ = OneNumber(lines[0].Text)
	l.WordedBalance = !exact
	l.Count, exact, _ = OneNumber(lines[at].Text)
	l.WordedCount = !exact
	for _, key := range lines[1:at] {
		l.Key = append(l.Key, key.Text)
	}
	used := at + 1
	for ; used < len(lines); used++ {
		m := entryForm.FindStringSubmatch(lines[used].Text)
		if m == nil || lines[used].End == "" && !final {
			break
		}
		port, err := strconv.Atoi(m[3])
		if err != nil {
			break
		}
		l.Entries = append(l.Entries, Entry{Name: m[1], Address: m[2], Port: port})
	}
	if int64(len(l.Entries)) < l.Count && !final && (used == len(lines) || lines[used].End == "") {
		return List{}, 0, notYet
	}
	l.Lines = lines[:used]
	return l, used, complete
}

// countAt finds the line that counts who is online.
func countAt(lines []Line, keyLine, final bool) (int, state) {
	is := func(i int) bool {
		if i >= len(lines) || entryForm.MatchString(lines[i].Text) || lines[i].End == "" && !final {
			return false
		}
		_, _, ok := OneNumber(lines[i].Text)
		return ok
	}
	more := func() (int, state) {
		if final {
			return 0, no
		}
		return 0, notYet
	}
	if len(lines) > 1 && strings.HasPrefix(lines[1].Text, "-----BEGIN") {
		if at := behindPEM(lines, is, final); at > 0 {
			return at, complete
		}
		return more()
	}
	usual, other := 1, 2
	if keyLine {
		usual, other = 2, 1
	}
	switch {
	case is(usual) && (keyLine || !is(other)):
		return usual, complete
	case !final && (len(lines) <= max(usual, other) || lines[max(usual, other)].End == ""):
		// With one line more it may be the usual form after all.
		if !keyLine && is(usual) {
			return usual, complete
		}
		return 0, notYet
	case is(other):
		return other, complete
	}
	return more()
}

// behindPEM finds the count behind a key in PEM, which may have one line or many, or
// be no more than its head: then the count is what stands before the entries, which
// no line of base64 looks like. It returns 0 if there is none yet.
func behindPEM(lines []Line, is func(int) bool, final bool) int {
	for i := 1; i < len(lines); i++ {
		switch {
		case strings.Contains(lines[i].Text, "-----END"):
			if is(i + 1) {
				return i + 1
			}
			return 0
		case i == 1 || !is(i):
		case i+1 < len(lines):
			if entryForm.MatchString(lines[i+1].Text) && (lines[i+1].End != "" || final) {
				return i
			}
		case final:
			if n, _, _ := OneNumber(lines[i].Text); n == 0 {
				return i
			}
		}
	}
	return 0
}
