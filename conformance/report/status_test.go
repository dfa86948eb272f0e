package report

import (
	"strings"
	"testing"

	"paycheck/conformance"
)

// steps feeds a status with eight results, two of one requirement that fails.
func steps(s *Status) {
	all := append(one(taken(), takenAgain(), badLogin()), passed(lst1, lst2, lst3, van3, ops1)...)
	s.Begin("starting")
	for i, r := range all {
		s.Step(conformance.Progress{Result: r, Done: i + 1, Total: len(all)})
	}
	s.End()
}

func TestStatusIsSparseWithoutATerminal(t *testing.T) {
	var b strings.Builder
	steps(&Status{Out: &b})
	want := "2 of 8 checks done, 1 failed: REG-2\n" +
		"4 of 8 checks done, 2 failed: REG-2, LOG-1\n" +
		"6 of 8 checks done, 2 failed: REG-2, LOG-1\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestStatusRewritesOneLineOnATerminal(t *testing.T) {
	var b strings.Builder
	steps(&Status{Out: &b, Live: true, Columns: 24})
	text := b.String()
	if strings.Contains(text, "\n") {
		t.Errorf("it begins a new line: %q", text)
	}
	lines := strings.Split(text, "\r\x1b[K")
	if last := lines[len(lines)-1]; last != "" {
		t.Errorf("it leaves %q behind", last)
	}
	for _, line := range lines {
		if len(line) > 23 {
			t.Errorf("%q fills the line and would wrap", line)
		}
	}
	if want := "8 of 8 checks done, ..."; lines[len(lines)-2] != want {
		t.Errorf("the last status is %q, want %q", lines[len(lines)-2], want)
	}
}
