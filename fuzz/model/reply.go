package model

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"paycheck/spec/edition"
)

// A Reply is what was seen after a request.
type Reply struct {
	Kind Seen
	Text string  // of Line; of None: the news of a payment that came, or empty
	List *Listed // of AList
}

// Seen is the kind of a reply.
type Seen int

// What can be seen.
const (
	None   Seen = iota // no reply, and the server is at rest
	Line               // one line
	AList              // a list
	Closed             // the end of the connection, and no reply
)

// Listed is a list as it came.
type Listed struct {
	Balance int64
	Count   int64
	Entries []Entry
}

// An Entry is one line of a list.
type Entry struct {
	Name    string
	Address string
	Port    int
}

// A Want is what a server may answer.
type Want struct {
	Kind Seen
	Text string   // of Line and None; see the constants below
	Not  []string // of Line: what the line must not say
	List *Listing // of AList; nil: any list
}

// What a line has to say, where that is no text of the protocol.
const (
	anyLine = ""     // any line
	newsOK  = "ok"   // news that the payment counts, in these or other words
	newsBad = "fail" // news that it does not
	noNews  = "-"    // neither
)

// A Listing is a list as it has to be: every entry, in any order, and nobody besides.
type Listing struct {
	Balance    int64
	AnyBalance bool
	Entries    map[string]Entry
	Optional   map[string]Entry // may be there or not
	Unknown    int              // so many entries more may be there
}

// The wordings of news that are as good as the text of PAY-3 and PAY-4.
var (
	saysOK  = regexp.MustCompile(`(?i)\b(ok|success|successful|successfully|done|complete|completed)\b`)
	saysBad = regexp.MustCompile(`(?i)fail|refus|error|insufficient|not enough|invalid|denied|reject|can't|cannot`)
)

// Admits reports whether a reply is what is wanted.
func (w Want) Admits(r Reply) bool {
	if w.Kind != r.Kind {
		return false
	}
	switch w.Kind {
	case Line:
		return (w.Text == anyLine || says(r.Text, w.Text)) &&
			!slices.ContainsFunc(w.Not, func(not string) bool { return says(r.Text, not) })
	case AList:
		return w.List == nil || w.List.fault(*r.List) == ""
	case None:
		switch w.Text {
		case newsOK:
			return saysOK.MatchString(r.Text)
		case newsBad:
			return saysBad.MatchString(r.Text)
		case noNews:
			return !saysOK.MatchString(r.Text) && !saysBad.MatchString(r.Text)
		}
	}
	return true
}

// says holds a line against a text of the protocol, with the forms that are
// tolerated: more text behind a code, and Bye in other letter case.
func says(line, text string) bool {
	line = strings.TrimRight(line, " ")
	switch text {
	case edition.Bye:
		return strings.EqualFold(line, text)
	case edition.Fail, edition.AuthFail:
		return line == text || strings.HasPrefix(line, text+" ")
	}
	return line == text
}

// What a list can have wrong, the worst first; behind of stands whose entry it is.
const (
	of           = " of "
	faultCount   = "count"
	faultTwice   = "twice"
	faultExtra   = "extra"
	faultMissing = "missing"
	faultWhere   = "where"
	faultBalance = "balance"
)

// fault says what is wrong with a list; empty: nothing.
func (l Listing) fault(got Listed) string {
	if got.Count != int64(len(got.Entries)) {
		return faultCount
	}
	seen := map[string]bool{}
	unknown, wrong := "", ""
	strangers := 0
	for _, e := range got.Entries {
		if seen[e.Name] {
			return faultTwice
		}
		seen[e.Name] = true
		want, ok := l.Entries[e.Name]
		if !ok {
			want, ok = l.Optional[e.Name]
		}
		switch {
		case !ok:
			strangers++
			unknown = e.Name
		case want.Address != e.Address || want.Port != AnyPort && want.Port != e.Port:
			wrong = e.Name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.Entries)) {
		if !seen[name] {
			return faultMissing + of + name
		}
	}
	switch {
	case strangers > l.Unknown:
		return faultExtra + of + unknown
	case wrong != "":
		return faultWhere + of + wrong
	case !l.AnyBalance && got.Balance != l.Balance:
		return faultBalance
	}
	return ""
}

// wrong counts how much of a list is not as it has to be.
func (l Listing) wrong(got Listed) int {
	n, seen := 0, map[string]bool{}
	for _, e := range got.Entries {
		want, ok := l.Entries[e.Name]
		if !ok {
			want, ok = l.Optional[e.Name]
		}
		if !ok || seen[e.Name] || want.Address != e.Address || want.Port != AnyPort && want.Port != e.Port {
			n++
		}
		seen[e.Name] = true
	}
	for name := range l.Entries {
		if !seen[name] {
			n++
		}
	}
	if !l.AnyBalance && l.Balance != got.Balance {
		n++
	}
	return n
}

// String says in the words of the notation what is wanted.
func (w Want) String() string {
	switch w.Kind {
	case Line:
		if w.Text == anyLine {
			return "(no list)"
		}
		return w.Text
	case AList:
		if w.List == nil {
			return "(list)"
		}
		return w.List.String()
	case Closed:
		return "(closed)"
	}
	switch w.Text {
	case newsOK:
		return edition.TransferOK
	case newsBad:
		return edition.TransferFail
	}
	return "(nothing)"
}

// String gives the lines that a list has to have.
func (l Listing) String() string {
	balance := fmt.Sprint(l.Balance)
	if l.AnyBalance {
		balance = "{_}"
	}
	if len(l.Optional) > 0 || l.Unknown > 0 {
		return "(list)" // the notation has no entries that may be missing
	}
	lines := []string{balance, "{_}", fmt.Sprint(len(l.Entries))}
	for _, name := range slices.Sorted(maps.Keys(l.Entries)) {
		e := l.Entries[name]
		port := fmt.Sprint(e.Port)
		if e.Port == AnyPort {
			port = "{_}"
		}
		lines = append(lines, fmt.Sprintf("%s#%s#%s", e.Name, e.Address, port))
	}
	return strings.Join(lines, "\n| ")
}

// News says what has to be told of a payment that ends so: that it counts, or that it
// was refused. Neither: it is left open.
func (w Want) News() (good, bad bool) {
	return w.Kind == None && w.Text == newsOK, w.Kind == None && w.Text == newsBad
}

// Tells says of a line what it tells of a payment, if it does.
func Tells(line string) (good, bad bool) {
	bad = saysBad.MatchString(line)
	return !bad && saysOK.MatchString(line), bad
}
