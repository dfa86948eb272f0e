package spec_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	goabnf "github.com/pandatix/go-abnf"

	"paycheck/spec"
	"paycheck/spec/edition"
	"paycheck/spec/vectors"
)

// A grammar is grammar.abnf with the answers that it has given.
type grammar struct {
	*goabnf.Grammar
	known map[[2]string]bool // rule, text -> whether the text is of the rule
}

// load reads the grammar once. RFC 5234 wants CRLF between its lines.
var load = sync.OnceValues(func() (grammar, error) {
	g, err := goabnf.ParseABNF(bytes.ReplaceAll(spec.Grammar(), []byte("\n"), []byte("\r\n")))
	return grammar{g, map[[2]string]bool{}}, err
})

func parseGrammar(t *testing.T) grammar {
	t.Helper()
	g, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// matches says whether text is of one rule of the grammar. The library's two
// engines, one for validity and one for parse trees, have to agree, and no text
// may have two trees.
func (g grammar) matches(t *testing.T, rule, text string) bool {
	t.Helper()
	key := [2]string{rule, text}
	if valid, ok := g.known[key]; ok {
		return valid
	}
	valid, err := g.IsValid(rule, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	forest, err := goabnf.ParseForest([]byte(text), g.Grammar, rule)
	if err != nil {
		t.Fatal(err)
	}
	if forest.Valid() != valid {
		t.Errorf("%q as %s: valid %v, but parsed %v", text, rule, valid, forest.Valid())
	}
	if forest.Ambiguous() {
		t.Errorf("%q is in two ways of rule %s", text, rule)
	}
	g.known[key] = valid
	return valid
}

// requestRules lists what a request can be in an edition: rule -> kind.
func requestRules(e edition.Edition) map[string]vectors.Kind {
	register := "register"
	if e.Deposit {
		register = "register-2020"
	}
	return map[string]vectors.Kind{
		register: vectors.Register, "login": vectors.Login, "list": vectors.List,
		"exit": vectors.Exit, "payment": vectors.Payment,
	}
}

// allReadings gives every kind of request that the bare grammar finds in a text
// without its ending.
func (g grammar) allReadings(t *testing.T, e edition.Edition, text string) (kinds []vectors.Kind) {
	t.Helper()
	for rule, kind := range requestRules(e) {
		if g.matches(t, rule, text) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// readings is allReadings after the first rule at the head of the grammar: the
// verb is read first, and REGISTER is no name.
func (g grammar) readings(t *testing.T, e edition.Edition, text string) []vectors.Kind {
	t.Helper()
	fields := strings.Split(text, "#")
	if slices.Contains(fields[1:], edition.Register) {
		return nil
	}
	hasVerb := fields[0] == edition.Register
	return slices.DeleteFunc(g.allReadings(t, e, text), func(kind vectors.Kind) bool {
		return hasVerb != (kind == vectors.Register)
	})
}

func TestGrammarIsWhole(t *testing.T) {
	g := parseGrammar(t)
	reached := map[string]bool{}
	name := regexp.MustCompile(`[a-z][a-z0-9-]*`)
	var reach func(rule string)
	reach = func(rule string) {
		if reached[rule] {
			return
		}
		reached[rule] = true
		r := goabnf.GetRule(rule, g.Rulemap)
		if r == nil {
			t.Errorf("rule %s is used and not defined", rule)
			return
		}
		texts := regexp.MustCompile(`"[^"]*"|%[a-z][0-9A-Fa-f.-]+`)
		for _, used := range name.FindAllString(texts.ReplaceAllString(r.Alternation.String(), ""), -1) {
			reach(used)
		}
	}
	for _, start := range []string{"request", "reply", "peer"} {
		reach(start + "-2021")
		reach(start + "-2020")
	}
	reach("notice")
	for rule := range g.Rulemap {
		if !reached[rule] {
			t.Errorf("rule %s is defined and not used", rule)
		}
	}
}

// The tables of protocol.md name rules of the grammar.
func TestTextNamesRules(t *testing.T) {
	g := parseGrammar(t)
	column, named := -1, 0
	for i, line := range strings.Split(string(spec.Text()), "\n") {
		if !strings.HasPrefix(line, "|") {
			column = -1
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		switch {
		case column < 0:
			column = slices.Index(cells, "rule")
			if column < 0 {
				column = len(cells) // a table without rules
			}
		case column < len(cells) && !strings.HasPrefix(cells[column], "-"):
			named++
			if goabnf.GetRule(strings.Trim(cells[column], "`"), g.Rulemap) == nil {
				t.Errorf("%s:%d: the grammar has no rule %s", spec.File, i+1, cells[column])
			}
		}
	}
	if named == 0 {
		t.Error("no table of the text names a rule")
	}
}

func TestRequestVectors(t *testing.T) {
	g := parseGrammar(t)
	requests, err := vectors.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range requests {
		var want []vectors.Kind
		if v.Valid() {
			want = []vectors.Kind{v.Kind}
		}
		if got := g.readings(t, v.Edition, v.Text); !slices.Equal(got, want) {
			t.Errorf("requests.txt:%d: %q in %s is %q, not %q", v.Line, v.Text, v.Edition.Name, got, want)
		}
		// The whole request, its ending included, is of the edition's own rule.
		// That rule alone may read it twice: TestVerbFirstIsNeeded.
		if whole := v.Text + v.Edition.RequestEnd; v.Valid() {
			valid, err := g.IsValid("request-"+v.Edition.Name, []byte(whole))
			if !valid || err != nil {
				t.Errorf("requests.txt:%d: %q is no request of %s (%v)", v.Line, whole, v.Edition.Name, err)
			}
		}
		if v.Kind == vectors.BadAmount {
			checkBadAmount(t, g, v)
		}
	}
}

// checkBadAmount demands that the amount is all that is wrong.
func checkBadAmount(t *testing.T, g grammar, v vectors.Request) {
	t.Helper()
	if strings.Join(v.Fields, "#") != v.Text || len(v.Fields) != 3 {
		t.Errorf("requests.txt:%d: %q is not the fields %q", v.Line, v.Text, v.Fields)
		return
	}
	if !g.matches(t, "name", v.Fields[0]) || !g.matches(t, "name", v.Fields[2]) || g.matches(t, "amount", v.Fields[1]) {
		t.Errorf("requests.txt:%d: %q has more wrong with it than its amount, or nothing", v.Line, v.Text)
	}
}

func TestReplyVectors(t *testing.T) {
	g := parseGrammar(t)
	replies, err := vectors.Replies()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range replies {
		valid := g.matches(t, "reply-"+v.Edition.Name, v.Text) || g.matches(t, "notice", v.Text)
		if valid != v.Valid() {
			t.Errorf("replies.txt:%d: %q in %s: by the grammar %v, by its kind %v", v.Line, v.Text, v.Edition.Name, valid, v.Valid())
		}
		rule := string(v.Kind)
		switch {
		case v.Kind == vectors.Other:
			continue
		case v.Kind == vectors.List && v.Edition.KeyLine:
			rule = "account-list"
		case v.Kind == vectors.List:
			rule = "account-list-2020"
		}
		if g.matches(t, rule, v.Text) != v.Valid() {
			t.Errorf("replies.txt:%d: %q and rule %s", v.Line, v.Text, rule)
		}
	}
}

// The words and limits that programs share are those of the grammar.
func TestGrammarAgreesWithEdition(t *testing.T) {
	g := parseGrammar(t)
	lines := map[string]string{
		"ok": edition.OK, "fail": edition.Fail, "auth-fail": edition.AuthFail, "malformed": edition.Malformed,
		"login-first": edition.LoginFirst, "bye": edition.Bye,
		"transfer-ok": edition.TransferOK, "transfer-fail": edition.TransferFail,
	}
	for rule, text := range lines {
		if !g.matches(t, rule, text+edition.ReplyEnd) {
			t.Errorf("%q is not of rule %s", text, rule)
		}
	}
	limits := []struct {
		rule, text string
		want       bool
	}{
		{"name", "", false},
		{"name", "x", true},
		{"name", strings.Repeat("x", edition.MaxName-1), true},
		{"name", strings.Repeat("x", edition.MaxName), true},
		{"name", strings.Repeat("x", edition.MaxName+1), false},
		{"list", edition.List, true},
		{"list", strings.ToLower(edition.List), false},
		{"exit", edition.Exit, true},
		{"register", edition.Register + "#x", true},
	}
	for _, test := range limits {
		if got := g.matches(t, test.rule, test.text); got != test.want {
			t.Errorf("%q as %s: %v", test.text, test.rule, got)
		}
	}
	numbers := map[string]int{"port": edition.MaxPort, "amount": edition.MaxAmount}
	for rule, most := range numbers {
		for n := 1; n <= 20*most; n *= 10 {
			for _, near := range []int{n - 1, n, n + 1, most - n, most - n + 1, most + n} {
				if got, want := g.matches(t, rule, strconv.Itoa(near)), 1 <= near && near <= most; got != want {
					t.Errorf("%d as %s: %v", near, rule, got)
				}
			}
		}
	}
}

// The bare grammar reads REGISTER#5000 twice. This is why the verb is read first.
func TestVerbFirstIsNeeded(t *testing.T) {
	g := parseGrammar(t)
	both := map[string]string{"2021": "REGISTER#5000", "2020": "REGISTER#5#250"}
	for _, e := range edition.All {
		text := both[e.Name]
		if got := g.allReadings(t, e, text); len(got) != 2 {
			t.Errorf("%q in %s without the rule: %q, not two readings", text, e.Name, got)
		}
		if got := g.readings(t, e, text); !slices.Equal(got, []vectors.Kind{vectors.Register}) {
			t.Errorf("%q in %s with the rule: %q", text, e.Name, got)
		}
	}
}

// No text is two requests: those listed, generated ones and their neighbours that
// are just wrong.
func TestNoRequestHasTwoReadings(t *testing.T) {
	g := parseGrammar(t)
	requests, err := vectors.Requests()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]bool{}
	for _, v := range requests {
		texts[v.Text] = true
	}
	random := rand.New(rand.NewSource(1))
	const each = 25
	for _, rule := range []string{"register", "register-2020", "login", "list", "exit", "payment"} {
		graph, err := g.TransitionGraph(rule, goabnf.WithDeflateRules(true))
		if err != nil {
			t.Fatal(err)
		}
		generator, err := goabnf.NewGenerator(graph)
		if err != nil {
			t.Fatal(err)
		}
		for range each {
			good := string(generator.GenerateRand(random))
			if !g.matches(t, rule, good) {
				t.Errorf("%q was generated from %s and is not of it", good, rule)
			}
			texts[good] = true
			if bad, how, ok := generator.NearMissRand(random); ok {
				if g.matches(t, rule, string(bad)) {
					t.Errorf("%q is of %s and should not be: %s", bad, rule, how)
				}
				texts[string(bad)] = true
			}
		}
		// The verb with fields of other requests is where two readings would be.
		for _, field := range []string{"5000", "5#250", "5#bob", "List", "REGISTER"} {
			texts[fmt.Sprintf("%s#%s", edition.Register, field)] = true
		}
	}
	found := map[vectors.Kind]int{}
	for text := range texts {
		for _, e := range edition.All {
			kinds := g.readings(t, e, text)
			if len(kinds) > 1 {
				t.Errorf("%q in %s is %q", text, e.Name, kinds)
			}
			for _, kind := range kinds {
				found[kind]++
			}
		}
	}
	for _, kind := range []vectors.Kind{vectors.Register, vectors.Login, vectors.List, vectors.Exit, vectors.Payment} {
		if found[kind] == 0 {
			t.Errorf("no text was read as %s", kind)
		}
	}
	t.Logf("%d texts: %v", len(texts), found)
}
