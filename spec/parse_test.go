package spec_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"paycheck/spec"
)

// small is a whole text with one requirement, in which a test replaces one line.
const small = `# A protocol

## 1. Introduction

### Of headings that are no IDs

## 4. Registration (REG)

### REG-2

A server MUST answer
a second registration.

- For: server, phase 2, basic
- Basis: hand-out 2.C(1); the
  manual
- Tolerated: more text
- Pitfall: One.
- Pitfall: Two: parts.
- Needs: stream, key-line

Prose of
two lines.

- a list: in
  the prose

` + "```scenario" + `
# The second is refused.
given alice registered
bob > REGISTER#alice
bob < 210 FAIL
` + "```" + `

` + "```" + `
no scenario
` + "```" + `

More prose.

## 5. Other things

Text behind.
`

func TestParse(t *testing.T) {
	got, err := spec.Parse("x.md", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sections) != 1 || len(got.Sections[0].Requirements) != 1 {
		t.Fatalf("%+v", got)
	}
	r := got.Sections[0].Requirements[0]
	scenarios := r.Scenarios
	r.Scenarios, got.Sections[0].Requirements = nil, nil
	want := spec.Requirement{
		ID: "REG-2", Section: "REG", Line: lineOf(small, "### REG-2"),
		Sentence: "A server MUST answer a second registration.",
		Level:    spec.Must, Role: spec.Server, Phase: 2, Mark: spec.Basic,
		Basis: "hand-out 2.C(1); the manual", Tolerated: "more text",
		Pitfalls: []string{"One.", "Two: parts."}, Needs: []spec.Need{spec.Stream, spec.KeyLine},
		Prose: "Prose of two lines.\n\n- a list: in the prose\n\nMore prose.",
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("%#v\nnot\n%#v", r, want)
	}
	section := spec.Section{Number: "4", Title: "Registration", Prefix: "REG"}
	if got.Title != "A protocol" || !reflect.DeepEqual(got.Sections[0], section) {
		t.Errorf("%q with %+v", got.Title, got.Sections[0])
	}
	if len(scenarios) != 1 || len(scenarios[0].Steps) != 3 {
		t.Fatalf("scenarios %q", scenarios)
	}
	s := scenarios[0]
	if s.Line != lineOf(small, "# The second") || s.Steps[2].Line != lineOf(small, "bob <") {
		t.Errorf("the title in line %d, the last step in line %d", s.Line, s.Steps[2].Line)
	}
}

func lineOf(text, begin string) int {
	return 1 + strings.Count(text[:strings.Index(text, "\n"+begin)+1], "\n")
}

func TestLevels(t *testing.T) {
	for sentence, want := range map[string]spec.Level{
		"A server MUST do.":         spec.Must,
		"A server MUST NOT do.":     spec.Must,
		"A server SHOULD do.":       spec.Should,
		"A server SHOULD NOT do.":   spec.Should,
		"A server MAY do.":          spec.May,
		"A server must, MUST we.":   spec.Must,
		"A MUSTY server MAY do it.": spec.May,
	} {
		text := strings.Replace(small, "A server MUST answer\na second registration.", sentence, 1)
		got, err := spec.Parse("x.md", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", sentence, err)
		} else if level := got.Sections[0].Requirements[0].Level; level != want {
			t.Errorf("%s: %s", sentence, level)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const fence = "```"
	tests := []struct {
		old, new string
		at       string // the beginning of the line that is named
		want     string
	}{
		{"## 4. Registration (REG)", "## 4. Registration", "# A protocol", "no section with requirements"},
		{"## 4. Registration (REG)", "# 4. Registration (REG)", "# A protocol", "no section with requirements"},
		{"## 4. Registration (REG)", "## 4. Registration (REGI)", "# A protocol", "no section with requirements"},
		{"### REG-2", "### LOG-2", "### LOG-2", "LOG-2 stands outside the section (LOG)"},
		{"### REG-2", "### REG2", "### REG2", `"REG2" is no ID, such as REG-1`},
		{"### REG-2", "###", "###\n\nA server", `"" is no ID, such as REG-1`},
		{"## 5. Other things", "### REG-2\n\nIt MUST.\n\n- For: server, phase 1, basic\n- Basis: x\n", "### REG-2\n\nIt", "REG-2 is already defined in line 9"},
		{"## 5. Other things", "## 5. Again (REG)", "## 5. Again", "(REG) is already section 4"},
		{"Text behind.", "### REG-3\n\nA server MUST do.", "### REG-3", "REG-3 stands outside the section (REG)"},
		{"Text behind.", fence + "scenario\n# T.\nalice < (any)\n" + fence, "# T.", "a scenario that stands under no requirement"},

		{"MUST answer", "answers", "### REG-2", "REG-2: its sentence has 0 of the words"},
		{"MUST answer", "MUST and SHOULD answer", "### REG-2", "REG-2: its sentence has 2 of the words"},
		{"A server MUST answer\na second registration.\n\n", "", "### REG-2", "REG-2: its sentence has 0 of the words"},
		{"- For: server, phase 2, basic\n", "", "### REG-2", "REG-2: no line `- For: role, phase, mark`"},
		{"- Basis: hand-out 2.C(1); the\n  manual\n", "", "### REG-2", "REG-2: no line `- Basis: ...`"},

		{"server, phase 2, basic", "server, phase 2", "- For", "REG-2: for \"server, phase 2\": it takes role, phase and mark"},
		{"server, phase 2, basic", "servers, phase 2, basic", "- For", `REG-2: role "servers": there are server and client`},
		{"server, phase 2, basic", "server, phase 4, basic", "- For", `REG-2: "phase 4": there are phase 1, 2 and 3`},
		{"server, phase 2, basic", "server, phase two, basic", "- For", `REG-2: "phase two": there are`},
		{"server, phase 2, basic", "server, 2, basic", "- For", `REG-2: "2": there are`},
		{"server, phase 2, basic", "server, phase 2, extra", "- For", `REG-2: mark "extra": there are basic, bonus and shown`},
		{"- Tolerated: more text", "- Forgiven: more text", "- Forgiven", `REG-2: unknown key "Forgiven"`},
		{"- Tolerated: more text", "- Tolerated more text", "- Tolerated", "REG-2: \"Tolerated more text\" is not `Key: value`"},
		{"- Tolerated: more text", "-", "-\n", "REG-2: \"\" is not `Key: value`"},
		{"- Tolerated: more text", "- - x", "- - x", "REG-2: \"\" is not `Key: value`"},
		{"- Needs: stream, key-line", "- Needs: streams", "- Needs", `REG-2: needs "streams": there are stream, key-line, deposit, bare, procfs`},
		{"- Tolerated: more text", "- Basis: twice", "- Basis: twice", "REG-2: a second Basis"},
		{"- Pitfall: One.", "- For: client, phase 1, bonus", "- For: client", "REG-2: a second For"},
		{"- Pitfall: One.", "- Tolerated: more", "- Tolerated: more\n", "REG-2: a second Tolerated"},
		{"- Pitfall: One.", "- Needs: bare", "- Needs: stream", "REG-2: a second Needs"},

		{"bob > REGISTER#alice", "bob > REGISTER", "bob > REGISTER", "REG-2: \"REGISTER\" is none of the five"},
		{"# The second is refused.\n", "", "given alice", "REG-2: a scenario begins with its title"},
		{"bob < 210 FAIL\n", "", "bob >", "REG-2: a request without an expectation"},
		{"# The second is refused.\ngiven alice registered\nbob > REGISTER#alice\nbob < 210 FAIL\n", "", fence + "scenario", "REG-2: a scenario begins with its title"},
	}
	for _, test := range tests {
		if strings.Count(small, test.old) != 1 {
			t.Errorf("%q stands in the small text %d times", test.old, strings.Count(small, test.old))
			continue
		}
		text := strings.Replace(small, test.old, test.new, 1)
		want := fmt.Sprintf("x.md:%d: %s", lineOf("\n"+text, test.at)-1, test.want)
		_, err := spec.Parse("x.md", []byte(text))
		switch {
		case err == nil:
			t.Errorf("%q in place of %q is no error", test.new, test.old)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%q in place of %q:\n%v\nnot\n%s", test.new, test.old, err, want)
		}
	}
}

// One mistake is one error, and two are two.
func TestErrorsAreJoined(t *testing.T) {
	tests := []struct {
		replace []string
		want    int
	}{
		{[]string{"### REG-2", "### REG2"}, 1},
		{[]string{"## 4. Registration (REG)", "## 4. Registration"}, 2}, // and REG-2 stands outside
		{[]string{"- Tolerated", "- Forgiven", "bob >", "bob dances"}, 2},
	}
	for _, test := range tests {
		text := strings.NewReplacer(test.replace...).Replace(small)
		_, err := spec.Parse("x.md", []byte(text))
		if err == nil || strings.Count(err.Error(), "x.md:") != test.want {
			t.Errorf("%q: not %d errors:\n%v", test.replace, test.want, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add("")
	f.Add("## 4. R (REG)\n### REG-1\n-\n")
	f.Add("## 4. R (REG)\n### REG-1\n\nIt MUST.\n\n- For: server, phase 1, basic\n- Basis: x\n\n```scenario\n```\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := spec.Parse("x.md", []byte(text))
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\nx.md:") {
				var at int
				if _, err := fmt.Sscanf(strings.TrimPrefix(line, "x.md:"), "%d: ", &at); err != nil {
					t.Fatalf("%q is not file:line: what", line)
				}
				if most := 1 + strings.Count(text, "\n"); at < 1 || at > most {
					t.Fatalf("line %d of %d", at, most)
				}
			}
			return
		}
		for _, section := range got.Sections {
			for _, r := range section.Requirements {
				if r.Level == "" || r.Role == "" || r.Basis == "" || r.Section != section.Prefix {
					t.Fatalf("%+v", r)
				}
			}
		}
	})
}
