package hint

import (
	"errors"
	"slices"
	"testing"

	"paycheck/spec"
)

// Every entry has a name of its own, a text in each language, and something that it
// fits; and what it names exists.
func TestHints(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, h := range all() {
		if h.name == "" || seen[h.name] {
			t.Errorf("the name %q is empty, or there twice", h.name)
		}
		seen[h.name] = true
		if len(h.requirements) == 0 && h.signal == "" {
			t.Errorf("%s: fits everything", h.name)
		}
		for _, id := range h.requirements {
			if _, ok := text.Find(id); !ok {
				t.Errorf("%s: there is no %s", h.name, id)
			}
		}
		for _, l := range Languages() {
			if h.texts[l] == "" {
				t.Errorf("%s: nothing in %s", h.name, l)
			}
		}
		if len(h.texts) != len(Languages()) {
			t.Errorf("%s: %d texts", h.name, len(h.texts))
		}
	}
}

func TestLanguages(t *testing.T) {
	if got, want := Languages(), []Language{"en", "zh-TW"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for locale, want := range map[string]Language{
		"zh_TW.UTF-8": "zh-TW", "zh_TW": "zh-TW", "zh-tw": "zh-TW", "zh_TW@radical": "zh-TW",
		"": English, "C": English, "C.UTF-8": English, "en_US.UTF-8": English, "de_DE": English, "zh_CN.UTF-8": English,
	} {
		if got := Locale(locale); got != want {
			t.Errorf("the locale %q: %s, want %s", locale, got, want)
		}
	}
	if _, err := Named("tlh"); !errors.Is(err, ErrLanguage) {
		t.Errorf("an unknown language: %v", err)
	}
}

// The evidence decides, and not the requirement alone.
func TestFor(t *testing.T) {
	for _, c := range []struct {
		name string
		e    Evidence
		want string // the name of the hint; empty: none
	}{
		{"padding", Evidence{Requirement: "FRM-6", Got: []byte("100 OK\r\n\x00\x00\x00")}, "sizeof-for-strlen"},
		{"one byte too many", Evidence{Requirement: "FRM-6", Got: []byte("100 OK\r\n\n")}, ""},
		{"a notice in front", Evidence{Requirement: "FRM-6", Got: []byte("5000#Transfer OK!\r\n")}, "glued"},
		{"a notice alone", Evidence{Requirement: "FRM-6", Got: []byte("100 OK\r\nTransfer OK!\r\n")}, ""},
		{"no end", Evidence{Requirement: "FRM-5", Why: `the line "100 OK" in the reply has no line end`}, "no-line-end"},
		{"LF", Evidence{Requirement: "FRM-5", Got: []byte("100 OK\n")}, "lf-for-crlf"},
		{"a signal goes first", Evidence{Requirement: "VAN-4", Signal: "SIGPIPE"}, "sigpipe"},
		{"an exception", Evidence{Requirement: "PAY-10", Signal: "SIGABRT", Stderr: []string{"what():  stoi"}}, "number"},
		{"another abort", Evidence{Requirement: "PAY-10", Signal: "SIGABRT", Stderr: []string{"double free"}}, ""},
		{"nothing known", Evidence{Requirement: "EXT-1"}, ""},
	} {
		got := ""
		for _, h := range all() {
			if h.fits(c.e) {
				got = h.name
				break
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if text := For(c.e, "zh-TW"); (text == "") != (c.want == "") {
			t.Errorf("%s: %q", c.name, text)
		}
	}
}

// What cannot be read is said with its place.
func TestReadErrors(t *testing.T) {
	for _, text := range []string{"[[hint]", "[[hint]]\ngot = '('", "[[hint]]\nname = 1"} {
		if _, err := read(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
