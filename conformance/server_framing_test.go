package conformance

import (
	"strings"
	"testing"

	"paycheck/conformance/play"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

const aList = "10000\r\npublic key\r\n1\r\nalice#127.0.0.1#5001\r\n"

// The form of one reply, in every way that programs are seen to get it wrong: each
// byte string violates one of the two requirements at most.
func TestFormOfReplies(t *testing.T) {
	type verdict struct {
		outcome play.Outcome
		at      int
	}
	held := verdict{play.Held, -1}
	for _, c := range []struct {
		name, data string
		free       bool
		ends       verdict // FRM-5
		follows    verdict // FRM-6
	}{
		{name: "as asked", data: "100 OK\r\n", ends: held, follows: held},
		{name: "LF", data: "100 OK\n", ends: verdict{play.Tolerated, 6}, follows: held},
		{name: "no line end", data: "100 OK", ends: verdict{play.Violated, 6}, follows: held},
		{name: "CR alone", data: "100 OK\r", ends: verdict{play.Violated, 7}, follows: held},
		{name: "NUL in place of it", data: "100 OK\x00", ends: verdict{play.Violated, 6}, follows: held},
		{name: "NULs in place of it", data: "Bye\x00\x00\x00\x00", ends: verdict{play.Violated, 3}, follows: held},
		{name: "one NUL", data: "100 OK\r\n\x00", ends: held, follows: verdict{play.Tolerated, 8}},
		{name: "two NULs", data: "100 OK\r\n\x00\x00", ends: held, follows: verdict{play.Violated, 8}},
		{name: "LF, LF", data: "100 OK\n\n", ends: verdict{play.Tolerated, 6}, follows: verdict{play.Violated, 7}},
		{name: "an empty line", data: "100 OK\r\n\r\n", ends: held, follows: verdict{play.Violated, 8}},
		{name: "old bytes", data: "Bye\r\n\x00#5001\r\n", ends: held, follows: verdict{play.Violated, 5}},
		{name: "one byte", data: "Bye\r\n>", ends: held, follows: verdict{play.Violated, 5}},
		{name: "a welcome", data: "100 OK\r\nWelcome!\r\n", ends: held, follows: verdict{play.Violated, 8}},
		{name: "own text", data: "What?\r\nTry List.\r\n", free: true, ends: held, follows: held},
		{name: "own text, padded", data: "What?\r\nTry List.\r\n\x00\x00", free: true, ends: held, follows: verdict{play.Violated, 18}},
		{name: "a list", data: aList, ends: held, follows: held},
		{name: "a list, one LF", data: strings.Replace(aList, "key\r\n", "key\n", 1), ends: verdict{play.Tolerated, 17}, follows: held},
		{name: "a list, the last line", data: strings.TrimSuffix(aList, "\r\n"), ends: verdict{play.Violated, 42}, follows: held},
		{name: "a list, an empty line", data: aList + "\r\n", ends: held, follows: verdict{play.Violated, 44}},
		{name: "a list, an entry too many", data: aList + "bob#127.0.0.1#5002\r\n", ends: held, follows: held},
		{name: "a list, one too few", data: strings.Replace(aList, "\r\n1\r\n", "\r\n2\r\n", 1), ends: held, follows: held},
		{name: "a notice", data: "Transfer OK!\r\n", ends: held, follows: held},
		{name: "a bare notice", data: "Transfer OK!", ends: verdict{play.Violated, 12}, follows: held},
		{name: "a notice before", data: "Transfer OK!\r\n" + aList, ends: held, follows: held},
		{name: "a notice behind", data: aList + "Transfer OK!\r\n", ends: held, follows: held},
		{name: "a bare notice behind", data: aList + "Transfer OK!", ends: verdict{play.Violated, 56}, follows: verdict{play.Violated, 44}},
		{name: "a notice behind NULs", data: "Bye\r\n\x00\x00Transfer OK!\r\n", ends: held, follows: verdict{play.Violated, 5}},
		{name: "nothing but NULs", data: "\x00\x00", ends: held, follows: held},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := said{data: []byte(c.data), free: c.free}
			o, at, _ := s.ends(edition.Default())
			if got := (verdict{o, at}); got != c.ends {
				t.Errorf("FRM-5 of %q: %v, want %v", c.data, got, c.ends)
			}
			o, at = s.follows(edition.Default())
			if got := (verdict{o, at}); got != c.follows {
				t.Errorf("FRM-6 of %q: %v, want %v", c.data, got, c.follows)
			}
		})
	}
}

// A hostile text must not be a request that means something: then the service would
// rightly change.
func TestHostileTextsAreNoRequests(t *testing.T) {
	seen := map[string]bool{}
	for _, text := range append(oddities(), lengths()...) {
		if seen[text] {
			t.Errorf("%.40q is there twice", text)
		}
		seen[text] = true
		if text == strings.TrimSpace(text) && !strings.ContainsAny(text, "{}") {
			if _, err := scenario.Steps("alice > " + text); err == nil {
				t.Errorf("%.40q is a request", text)
			}
		}
	}
	if len(seen) < 100 || len(accounted()) < 40 {
		t.Errorf("%d texts, %d of them after a login", len(seen), len(accounted()))
	}
}
