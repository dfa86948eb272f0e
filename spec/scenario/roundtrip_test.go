package scenario_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"paycheck/spec"
	"paycheck/spec/scenario"
)

// odd are scenarios that the text does not have, with what is hard to print.
var odd = []string{
	"# T.\ngiven limit 2\ngiven alice bob registered\ngiven carol online\ngiven dave listed\nalice sees bob",
	"# T.\nalice sends \"REG\" \"ISTER#{alice}\\r\\n\" \"\\x00\\xff\\\"\\\\\"",
	"# T.\nalice sends \"{{*1}}{ *2}\"",
	"# T.\nalice sends \"{\\\"*3}{\\\\*3}{\\r*3}{\\x00*3}{\\xff*3}{é*3}\"",
	"# T.\nalice sends \"}{end}{alice.port}{alice.ip}{n}\"",
	"# T.\nalice sends `a\\b` 'c' \"\"",
	"# T.\n# A comment.\nalice < (any) / 100 OK ~ (list) / (no list) / (nothing) / (closed) / {_}",
	"# T.\nalice < {n}\n | {key}\n | {n+100}\n | alice#{alice.ip}#{alice.port}\n | {_}",
	"# T.\nalice < {n-100}{n+m}{n-m}{n+0}{n-9223372036854775808}{x*1024}",
	"# T.\nalice < a  b / | c / } / ( list)",
	"# T.\nalice < a\n| | b\n|\n|c",
	"# T.\nalice soon has {a}\nalice has 100\nalice soon sees no bob\nalice sees bob",
	"# T.\nalice connects from 127.0.0.2\nalice half-closes\nalice closes\nalice resets\nalice connects",
	"# T.\nalice > alice#{alice.port}\nalice < (any)\nalice > alice#{a}#bob\nalice > List#1\nalice < (any)\nalice > Exit#1#List",
	"# T.\nserver gets SIGINT\nserver exits\nserver starts",
	"# T.\nserver > 4321\n | public key\n | 0\nserver < List ~ LIST\nserver > 100 OK",
	"# T.\nuser registers alice\nuser logs in alice\nuser lists\nuser pays bob 100\nuser exits\nuser types \"a\\tb\\xff\"\nuser sees \"{bob}\"",
	"# T.\n\talice\t>\tList\t\r\nalice  <   100 OK  \n\n\nbob <\t(any)",
	"#  two # words . \nalice < a",
}

func TestRoundTripOfTheText(t *testing.T) {
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, section := range text.Sections {
		for _, r := range section.Requirements {
			for _, s := range r.Scenarios {
				n++
				if again := roundTrip(t, s); again != "" {
					t.Errorf("%s:%d: %s", spec.File, s.Line, again)
				}
			}
		}
	}
	if n == 0 {
		t.Error("the text has no scenario")
	}
}

func TestRoundTripOfOddOnes(t *testing.T) {
	for _, text := range odd {
		s, err := scenario.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if again := roundTrip(t, s); again != "" {
			t.Errorf("%q: %s", text, again)
		}
	}
}

// roundTrip prints and parses, and says what differs.
func roundTrip(t *testing.T, s scenario.Scenario) string {
	t.Helper()
	printed := s.String()
	again, err := scenario.Parse(printed)
	switch {
	case err != nil:
		return "printed as\n" + printed + "which does not parse: " + err.Error()
	case !reflect.DeepEqual(withoutLines(s), withoutLines(again)):
		return "printed as\n" + printed + "which is another scenario:\n" + again.String()
	case again.String() != printed:
		return "printed as\n" + printed + "and then as\n" + again.String()
	}
	return ""
}

func withoutLines(s scenario.Scenario) scenario.Scenario {
	steps := make([]scenario.Step, len(s.Steps))
	for i, step := range s.Steps {
		steps[i] = scenario.Step{Act: step.Act}
	}
	return scenario.Scenario{Title: s.Title, Steps: steps}
}

// FuzzRoundTrip holds that whatever parses prints as the same scenario, and that
// whatever does not has a place.
func FuzzRoundTrip(f *testing.F) {
	for _, text := range odd {
		f.Add(text)
	}
	for _, test := range wrong {
		f.Add(test.text)
	}
	text, err := spec.Load()
	if err != nil {
		f.Fatal(err)
	}
	for _, section := range text.Sections {
		for _, r := range section.Requirements {
			for _, s := range r.Scenarios {
				f.Add(s.String())
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := scenario.Parse(text)
		if err != nil {
			place := (*scenario.Error)(nil)
			if !errors.As(err, &place) {
				t.Fatalf("%v has no place", err)
			}
			if lines := 1 + strings.Count(text, "\n"); place.Line < 1 || place.Line > lines {
				t.Fatalf("%v, of %d lines", err, lines)
			}
			return
		}
		if again := roundTrip(t, s); again != "" {
			t.Fatal(again)
		}
	})
}
