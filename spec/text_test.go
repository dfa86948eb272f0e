package spec_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"paycheck/spec"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

func protocol(t *testing.T) *spec.Spec {
	t.Helper()
	text, err := spec.Load()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func all(t *testing.T) []spec.Requirement {
	t.Helper()
	text := protocol(t)
	return slices.Concat(text.All(spec.Server), text.All(spec.Client))
}

func TestProtocol(t *testing.T) {
	text := protocol(t)
	if text.Title == "" {
		t.Error("the text has no title")
	}
	n := 0
	for _, section := range text.Sections {
		if len(section.Requirements) == 0 {
			t.Errorf("section %s (%s) holds no requirement", section.Number, section.Prefix)
		}
		n += len(section.Requirements)
	}
	requirements := all(t)
	if len(requirements) != n || len(text.All(spec.Server)) == 0 || len(text.All(spec.Client)) == 0 {
		t.Errorf("%d requirements, of which %d are for a role", n, len(requirements))
	}
	first := map[string]int{}
	for _, r := range requirements {
		if line, taken := first[r.ID]; taken {
			t.Errorf("%s:%d: %s is in line %d already", spec.File, r.Line, r.ID, line)
		}
		first[r.ID] = r.Line
	}
}

// sources is what a requirement can rest on (section 2).
var sources = regexp.MustCompile(`hand-out|the manual|the course's own server|settled here`)

func TestRequirements(t *testing.T) {
	for _, r := range all(t) {
		wrong := func(format string, args ...any) {
			t.Helper()
			t.Errorf("%s:%d: %s: "+format, append([]any{spec.File, r.Line, r.ID}, args...)...)
		}
		subject := map[spec.Role]string{spec.Server: "A server ", spec.Client: "A client "}[r.Role]
		if !strings.HasPrefix(r.Sentence, subject) {
			wrong("the sentence does not begin with %q: %s", subject, r.Sentence)
		}
		if !strings.HasSuffix(r.Sentence, ".") || strings.Contains(strings.TrimSuffix(r.Sentence, "."), ". ") {
			wrong("not one sentence: %s", r.Sentence)
		}
		if !sources.MatchString(r.Basis) {
			wrong("the basis names no source: %s", r.Basis)
		}
		if strings.HasPrefix(r.Basis, "settled here") && !strings.HasPrefix(r.Basis, "settled here: ") &&
			!strings.HasPrefix(r.Basis, "settled here; hand-out") {
			wrong("settled without a reason: %s", r.Basis)
		}
		if r.Untested != "" && len(r.Scenarios) > 0 {
			wrong("it cannot be tested, and has a scenario")
		}
		titles := map[string]bool{}
		for _, s := range r.Scenarios {
			if !strings.HasSuffix(s.Title, ".") {
				wrong("the title is no sentence: %s", s.Title)
			}
			if titles[s.Title] {
				wrong("two scenarios with the title %s", s.Title)
			}
			titles[s.Title] = true
		}
	}
}

// What a step computes with has been captured in a step before; otherwise no program
// could meet it.
func TestValuesAreCaptured(t *testing.T) {
	for _, r := range all(t) {
		for _, s := range r.Scenarios {
			known := map[string]bool{}
			for _, step := range s.Steps {
				var captured []string
				for _, p := range parts(step.Act) {
					isPlain := p.N == 0 && p.Plus == "" && p.Less == ""
					if isPlain && !isSent(step.Act) {
						captured = append(captured, p.Text)
						continue
					}
					for _, name := range []string{p.Text, p.Plus, p.Less} {
						if name != "" && !known[name] {
							t.Errorf("%s:%d: {%s} is used before it is captured", spec.File, step.Line, name)
						}
					}
				}
				for _, name := range captured {
					known[name] = true
				}
			}
		}
	}
}

func isSent(a scenario.Act) bool {
	switch a.(type) {
	case scenario.Expect, scenario.Has:
		return false
	}
	return true
}

// parts lists the values of a step.
func parts(a scenario.Act) (values []scenario.Part) {
	var templates []scenario.Template
	replies := func(replies []scenario.Reply) {
		for _, r := range replies {
			templates = append(templates, r.Lines...)
		}
	}
	switch a := a.(type) {
	case scenario.Send:
		templates = append(templates, a.Message.Port, a.Message.Amount)
	case scenario.Raw:
		templates = a.Segments
	case scenario.Has:
		templates = append(templates, a.Balance)
	case scenario.Serve:
		replies([]scenario.Reply{a.Reply})
	case scenario.Expect:
		replies(a.Want)
		replies(a.Tolerated)
	}
	for _, p := range slices.Concat(templates...) {
		if p.Hole == scenario.Value {
			values = append(values, p)
		}
	}
	return values
}

// A name is sent with a prefix that the suite adds, and has to fit in a name of the
// protocol then.
func TestNamesAreShort(t *testing.T) {
	const most = 6
	for _, r := range all(t) {
		for _, s := range r.Scenarios {
			for _, name := range names(s) {
				if len(name) > most {
					t.Errorf("%s:%d: the name %s has more than %d letters", spec.File, s.Line, name, most)
				}
			}
		}
	}
}

func names(s scenario.Scenario) []string {
	names := s.Actors()
	for _, step := range s.Steps {
		switch a := step.Act.(type) {
		case scenario.Send:
			names = append(names, a.Message.Name, a.Message.Payee)
		case scenario.Sees:
			names = append(names, a.Name)
		}
	}
	return names
}

var anID = regexp.MustCompile(`\b([A-Z]{3})-([0-9]+)\b`)

// Every ID that the text mentions anywhere is one of its requirements, and so is
// every one between the ends of a range.
func TestMentionedIDsExist(t *testing.T) {
	text := protocol(t)
	prefixes := map[string]bool{}
	for _, section := range text.Sections {
		prefixes[section.Prefix] = true
	}
	mentioned := 0
	for i, line := range strings.Split(string(spec.Text()), "\n") {
		for _, id := range ids(line) {
			prefix, _, _ := strings.Cut(id, "-")
			if !prefixes[prefix] {
				if !slices.Contains([]string{"UTF", "ISO", "SHA"}, prefix) {
					t.Errorf("%s:%d: %s is of no section", spec.File, i+1, id)
				}
				continue
			}
			mentioned++
			if _, ok := text.Find(id); !ok {
				t.Errorf("%s:%d: there is no %s", spec.File, i+1, id)
			}
		}
	}
	if mentioned <= len(all(t)) {
		t.Errorf("%d mentions: the text names no requirement but in headings", mentioned)
	}
}

var aRange = regexp.MustCompile(`\b([A-Z]{3})-([0-9]+) to ([A-Z]{3})-([0-9]+)\b`)

// ids lists the IDs in a line, ranges spelt out.
func ids(line string) []string {
	var found []string
	for _, m := range aRange.FindAllStringSubmatch(line, -1) {
		first, _ := strconv.Atoi(m[2])
		last, _ := strconv.Atoi(m[4])
		if m[1] != m[3] || first >= last {
			found = append(found, m[0]) // no range, and no ID either
		}
		for n := first; n <= last; n++ {
			found = append(found, m[1]+"-"+strconv.Itoa(n))
		}
	}
	return append(found, anID.FindAllString(line, -1)...)
}

// Sections and points that the text refers to are there.
func TestReferencesExist(t *testing.T) {
	source := string(spec.Text())
	sections, points := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^## (\d+)\. `).FindAllStringSubmatch(source, -1) {
		if sections[m[1]] {
			t.Errorf("two sections %s", m[1])
		}
		sections[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^- ([a-z])\. `).FindAllStringSubmatch(part(t, "Left open"), -1) {
		points[m[1]] = true
	}
	flat := strings.Join(strings.Fields(source), " ")
	references := regexp.MustCompile(`\bsection (\d+)(?:, ([a-z])\b)?`).FindAllStringSubmatch(flat, -1)
	if len(references) == 0 || len(points) == 0 {
		t.Fatal("the text refers to no section, or leaves nothing open")
	}
	for _, m := range references {
		if !sections[m[1]] {
			t.Errorf("%q: there is no such section", m[0])
		}
		if m[2] != "" && !points[m[2]] {
			t.Errorf("%q: there is no such point", m[0])
		}
	}
}

// part gives the text of one section.
func part(t *testing.T, title string) string {
	t.Helper()
	m := regexp.MustCompile(`(?ms)^## \d+\. ` + title + `[^\n]*\n(.*?)(?:^## |\z)`).FindStringSubmatch(string(spec.Text()))
	if m == nil {
		t.Fatalf("there is no section %s", title)
	}
	return m[1]
}

// table gives the cells of the only table of a section, without the line of dashes.
func table(t *testing.T, title string) [][]string {
	t.Helper()
	var rows [][]string
	for line := range strings.SplitSeq(part(t, title), "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	if len(rows) < 2 {
		t.Fatalf("section %s has no table", title)
	}
	return rows
}

// Each cell of the state table says something, and what it names is there.
func TestStateTable(t *testing.T) {
	text := protocol(t)
	rows := table(t, "States")
	cell := regexp.MustCompile(`^(?:online: )?(?:MAY, [a-z]|[A-Z]{3}-\d+(?: to [A-Z]{3}-\d+)?)$`)
	may := regexp.MustCompile(`MAY, ([a-z])`)
	open := part(t, "Left open")
	for _, row := range rows[1:] {
		if len(row) != len(rows[0]) {
			t.Errorf("%q has %d cells, not %d", row[0], len(row), len(rows[0]))
		}
		for i, text := range row[1:] {
			// A cell is `X, Y; Z`, where `MAY, a` is one thing.
			joined := may.ReplaceAllString(text, "MAY $1")
			for word := range strings.FieldsFuncSeq(joined, func(r rune) bool { return r == ';' || r == ',' }) {
				word = strings.Replace(strings.TrimSpace(word), "MAY ", "MAY, ", 1)
				if !cell.MatchString(word) {
					t.Errorf("%s, %s: %q is neither a requirement nor left open", row[0], rows[0][i+1], word)
				}
			}
			if text == "" {
				t.Errorf("%s, %s: nothing is said", row[0], rows[0][i+1])
			}
			for _, m := range may.FindAllStringSubmatch(text, -1) {
				if !strings.Contains(open, "\n- "+m[1]+". ") {
					t.Errorf("%s, %s: there is no point %s", row[0], rows[0][i+1], m[1])
				}
			}
		}
		for _, id := range ids(strings.Join(row, " ")) {
			if r, ok := text.Find(id); !ok || r.Role != spec.Server {
				t.Errorf("%s: %s is no requirement for servers", row[0], id)
			}
		}
	}
}

// The editions are data, and the table of the text says the same.
func TestEditionTable(t *testing.T) {
	rows := table(t, "Editions")
	if !slices.Equal(rows[0][1:], edition.Names()) {
		t.Fatalf("the table has %q, and there are %q", rows[0][1:], edition.Names())
	}
	end := map[string]string{"": "nothing", "\r\n": "CR LF", "\n": "LF"}
	says := map[string]func(edition.Edition) string{
		"what ends a request": func(e edition.Edition) string { return end[e.RequestEnd] },
		"registration": func(e edition.Edition) string {
			if e.Deposit {
				return "`REGISTER#<name>#<deposit>`"
			}
			return "`REGISTER#<name>`"
		},
		"balance of a new account": func(e edition.Edition) string {
			if e.Deposit {
				return "the deposit"
			}
			return strconv.FormatInt(e.InitialBalance, 10)
		},
		"line 2 of the list": func(e edition.Edition) string {
			if e.KeyLine {
				return "the server's public key"
			}
			return "there is none: the count is line 2"
		},
		"what ends a line of a reply": func(edition.Edition) string { return end[edition.ReplyEnd] },
	}
	for _, row := range rows[1:] {
		of, ok := says[row[0]]
		if !ok {
			t.Errorf("nothing in the data is %q", row[0])
			continue
		}
		delete(says, row[0])
		for i, e := range edition.All {
			if want := of(e); row[i+1] != want {
				t.Errorf("%s in %s: %q, and the data has %q", row[0], e.Name, row[i+1], want)
			}
		}
	}
	for what := range says {
		t.Errorf("the table does not have %q", what)
	}
	if m := regexp.MustCompile(`Where none is named, (\d+) is\s+meant`).FindStringSubmatch(part(t, "Editions")); m == nil || m[1] != edition.Default().Name {
		t.Errorf("the default is %q in the text and %s in the data", m, edition.Default().Name)
	}
}

// The tables of replies and limits say what the data says.
func TestTextAgreesWithEdition(t *testing.T) {
	var said []string
	for _, row := range table(t, "Replies") {
		said = append(said, strings.Trim(row[0], "`"))
	}
	for _, reply := range []string{
		edition.OK, edition.Fail, edition.AuthFail, edition.Malformed, edition.LoginFirst, edition.Bye,
		edition.TransferOK, edition.TransferFail,
	} {
		if !slices.Contains(said, reply) {
			t.Errorf("the table of replies has no %s", reply)
		}
	}
	limits := map[string]string{
		"name": strconv.Itoa(edition.MaxName) + " characters", "port": strconv.Itoa(edition.MaxPort),
		"amount": strconv.Itoa(edition.MaxAmount),
	}
	for _, row := range table(t, "Names, ports, amounts") {
		if want, ok := limits[row[0]]; ok && row[len(row)-1] != want {
			t.Errorf("a %s is at most %s, and the data has %s", row[0], row[len(row)-1], want)
		}
		delete(limits, row[0])
	}
	if len(limits) > 0 {
		t.Errorf("the table of limits lacks %v", limits)
	}
}

func TestFind(t *testing.T) {
	text := protocol(t)
	for _, id := range []string{"REG-2", "reg-2", "Reg-2"} {
		if r, ok := text.Find(id); !ok || r.ID != "REG-2" {
			t.Errorf("%s finds %q", id, r.ID)
		}
	}
	for _, id := range []string{"", "REG", "REG-", "REG-999", "REG-2/1"} {
		if r, ok := text.Find(id); ok {
			t.Errorf("%q finds %s", id, r.ID)
		}
	}
	r := spec.Requirement{Needs: []spec.Need{spec.Stream}}
	if !r.Has(spec.Stream) || r.Has(spec.Bare) {
		t.Errorf("needs %q", r.Needs)
	}
}

// What is handed out is the caller's own.
func TestTextIsACopy(t *testing.T) {
	spec.Text()[0], spec.Grammar()[0] = 0, 0
	if spec.Text()[0] == 0 || spec.Grammar()[0] == 0 {
		t.Error("a change of the text that was given out changes the text itself")
	}
}
