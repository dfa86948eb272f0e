package fuzz

import (
	"errors"
	"slices"
	"testing"
)

// Conversations with a client are the same each time, and read as they are written.
func TestDeeds(t *testing.T) {
	for n := range 300 {
		all := deeds(5, n)
		f := Finding{Trouble: Trouble{ID: "CLI-22", Why: "a reason\nin two lines"}}
		text := f.conversation(5, all)
		back, err := ReadDeeds(text)
		if err != nil {
			t.Fatalf("conversation %d: %v\n%s", n, err, text)
		}
		if !OfClient(text) {
			t.Errorf("conversation %d is taken for one with a server:\n%s", n, text)
		}
		same := func(a, b Deed) bool { return a.Who == b.Who && a.Verb == b.Verb && slices.Equal(a.Args, b.Args) }
		if !slices.EqualFunc(all, back, same) || !slices.EqualFunc(all, deeds(5, n), same) {
			t.Errorf("conversation %d is read as another:\n%s", n, text)
		}
	}
}

func TestReadDeed(t *testing.T) {
	for _, c := range []struct {
		line string
		want error
	}{
		{"user pays bob 100", nil},
		{"user pays bob", errNoSuchAct},
		{"user dances", errNoSuchAct},
		{"dave closes", errNoSuchAct},
		{"server sends x", errNoText},
		{`server sends "x" "y\r\n"`, nil},
		{"server cuts 1 two", errNoSuchAct},
		{`user types ""`, nil},
		{"bob leaves", nil},
	} {
		if _, err := readDeed(c.line); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.line, err, c.want)
		}
	}
}
