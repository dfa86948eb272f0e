package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"paycheck/spec/edition"
	"paycheck/spec/vectors"
)

// kindOf is what the reader makes of a reply, and the fields that it finds in a
// list. It forgives what protocol.md tolerates, so it is asked for no more than to
// tell the kinds apart.
func kindOf(r Reply, e edition.Edition) (vectors.Kind, []string) {
	switch {
	case r.Err != nil:
		return vectors.Other, nil
	case r.Listing != nil:
		fields := []string{fmt.Sprint(r.Listing.Balance)}
		if e.KeyLine {
			fields = append(fields, r.Listing.Key)
		}
		fields = append(fields, fmt.Sprint(len(r.Listing.Online)))
		for _, entry := range r.Listing.Online {
			fields = append(fields, fmt.Sprintf("%s#%s#%d", entry.Name, entry.IP, entry.Port))
		}
		return vectors.List, fields
	case r.Notice() && strings.Contains(strings.ToLower(r.Line), "fail"):
		return vectors.TransferFail, nil
	case r.Notice():
		return vectors.TransferOK, nil
	}
	words := map[string]vectors.Kind{
		edition.OK: vectors.OK, edition.Fail: vectors.Fail, edition.AuthFail: vectors.AuthFail,
		edition.Malformed: vectors.Malformed, edition.LoginFirst: vectors.LoginFirst,
	}
	for text, kind := range words {
		if r.Line == text || strings.HasPrefix(r.Line, text+" ") {
			return kind, nil
		}
	}
	if strings.EqualFold(r.Line, edition.Bye) {
		return vectors.Bye, nil
	}
	return vectors.Other, nil
}

func TestReplyVectors(t *testing.T) {
	all, err := vectors.Replies()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		r := NewReplyReader(v.Edition)
		replies := append(r.Feed([]byte(v.Text)), r.Paused()...)
		if v.Kind == vectors.Other {
			for _, reply := range replies {
				if kind, _ := kindOf(reply, v.Edition); kind != vectors.Other {
					t.Errorf("replies.txt:%d: %q is read as %s", v.Line, v.Text, kind)
				}
			}
			continue
		}
		if len(replies) != 1 {
			t.Errorf("replies.txt:%d: %q is read as %d replies", v.Line, v.Text, len(replies))
			continue
		}
		if kind, fields := kindOf(replies[0], v.Edition); kind != v.Kind || !slices.Equal(fields, v.Fields) {
			t.Errorf("replies.txt:%d: %q is read as %s %q, want %s %q", v.Line, v.Text, kind, fields, v.Kind, v.Fields)
		}
	}
}
