package scenario_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"paycheck/spec/scenario"
)

// wrong is what the notation does not allow: the line, and a part of what is said.
var wrong = []struct {
	text string
	line int
	want string
}{
	{"", 1, "begins with its title"},
	{"\n\nalice > List\nalice < (any)", 3, "begins with its title"},
	{"alice > List\nalice < (any)\n# T.", 1, "begins with its title"},
	{"#T.\nalice < (any)", 1, "begins with its title"},
	{"# T.", 1, "without steps"},
	{"\n# T.\n# More.", 2, "without steps"},
	{"# T.\n| x", 1, "only a reply has further lines"},
	{"| x", 1, "begins with its title"},
	{"# T.\nalice", 2, `"alice" is no step`},
	{"# T.\ngiven", 2, `"given" is no step`},
	{"# T.\nserver", 2, `"server" is no step`},
	{"# T.\nuser", 2, `"user" is no step`},
	{"# T.\nAlice > List", 2, `"Alice": a client is named`},
	{"# T.\nkey < (any)", 2, `"key": a client is named`},
	{"# T.\nalice dances", 2, "alice dances: no such act"},
	{"# T.\nalice > List\n| x", 2, "only a reply has further lines"},
	{"# T.\nalice sees bob\n| x", 2, "only a reply has further lines"},
	{"# T.\nserver exits\n| x", 2, "only a reply has further lines"},

	// given
	{"# T.\ngiven alice", 2, "given ... alice: there are"},
	{"# T.\ngiven online", 2, "nobody is named"},
	{"# T.\ngiven alice, bob online", 2, `"alice,": a client is named`},
	{"# T.\ngiven Alice online", 2, `"Alice": a client is named`},
	{"# T.\ngiven server online", 2, `"server": a client is named`},
	{"# T.\ngiven limit", 2, "given ... limit: there are"},
	{"# T.\ngiven limit 0", 2, "at least 1"},
	{"# T.\ngiven limit two", 2, "at least 1"},
	{"# T.\ngiven limit 2 3", 2, "given ... 3: there are"},

	// messages: exactly the five
	{"# T.\nalice >", 2, "none of the five"},
	{"# T.\nalice > LIST", 2, "none of the five"},
	{"# T.\nalice > List now", 2, "none of the five"},
	{"# T.\nalice > REGISTER", 2, "none of the five"},
	{"# T.\nalice > REGISTER#", 2, "none of the five"},
	{"# T.\nalice > REGISTER#REGISTER", 2, "none of the five"},
	{"# T.\nalice > REGISTER#{alice}", 2, "none of the five"},
	{"# T.\nalice > REGISTER#{alice.port}", 2, "none of the five"},
	{"# T.\nalice > REGISTER#alice#100", 2, "none of the five"},
	{"# T.\nalice > REGISTER#abcdefgh123456789", 2, "none of the five"},
	{"# T.\nalice > alice#", 2, `"" is no number from 1 to 65535`},
	{"# T.\nalice > alice#0", 2, "from 1 to 65535"},
	{"# T.\nalice > alice#65536", 2, "from 1 to 65535"},
	{"# T.\nalice > alice#05001", 2, "from 1 to 65535"},
	{"# T.\nalice > alice#port", 2, "from 1 to 65535"},
	{"# T.\nalice > alice#{_}", 2, "from 1 to 65535"},
	{"# T.\nalice > alice#{bob.port}", 2, "bob takes no part"},
	{"# T.\nalice > alice##bob", 2, "from 1 to 2147483647"},
	{"# T.\nalice > alice#-5#bob", 2, "from 1 to 2147483647"},
	{"# T.\nalice > alice#2147483648#bob", 2, "from 1 to 2147483647"},
	{"# T.\nalice > alice#5#REGISTER", 2, "none of the five"},
	{"# T.\nalice > alice#5#bob#5", 2, "none of the five"},
	{"# T.\nalice > al ice#5#bob", 2, "none of the five"},

	// replies
	{"# T.\nalice <", 2, "silence is (nothing)"},
	{"# T.\nalice < a /  / b", 2, "silence is (nothing)"},
	{"# T.\nalice < a ~ b ~ c", 2, "one ~ is enough"},
	{"# T.\nalice < (list)\n | x", 2, "no alternatives"},
	{"# T.\nalice < a / b\n | x", 2, "no alternatives"},
	{"# T.\nalice < a ~ b\n | x", 2, "no alternatives"},
	{"# T.\nalice < a\n | {", 2, "a { without its }"},
	{"# T.\nserver > a / b", 2, "the suite sends one reply"},
	{"# T.\nserver > a ~ b", 2, "the suite sends one reply"},

	// holes
	{"# T.\nalice < {n", 2, "a { without its }"},
	{"# T.\nalice < {}", 2, "{} is no hole"},
	{"# T.\nalice < {N}", 2, "{N} is no hole"},
	{"# T.\nalice < {n*3}{nn*3}", 2, "{nn*3} is no hole"},
	{"# T.\nalice < {n+}", 2, "{n+} is no hole"},
	{"# T.\nalice < {bob.port}", 2, "bob takes no part"},
	{"# T.\nalice < {bob.ip}", 2, "bob takes no part"},
	{"# T.\nalice < {alice+1}", 2, "alice is a client, not a number"},
	{"# T.\nalice < {n+alice}", 2, "alice is a client, not a number"},
	{"# T.\nalice < {n+99999999999999999999}", 2, "value out of range"},
	{"# T.\nalice < {x*1048577}", 2, "at most 1048576 times"},
	{"# T.\nalice < {x*99999999999999999999}", 2, "at most 1048576 times"},

	// raw bytes
	{"# T.\nalice sends", 2, "quote each segment"},
	{"# T.\nalice sends List", 2, "List: a segment is a quoted text"},
	{"# T.\nalice sends \"List", 2, "a segment is a quoted text"},
	{"# T.\nalice sends \"a\" b", 2, "b: a segment is a quoted text"},
	{"# T.\nalice sends \"\\q\"", 2, "a segment is a quoted text"},
	{"# T.\nalice sends \"{\"", 2, "a { without its }"},
	{"# T.\nalice sends \"{bob.port}\"", 2, "bob takes no part"},

	// looks
	{"# T.\nalice has", 2, "there are has {n}"},
	{"# T.\nalice has 1 2", 2, "there are has {n}"},
	{"# T.\nalice has {", 2, "a { without its }"},
	{"# T.\nalice sees", 2, "there are has {n}"},
	{"# T.\nalice sees no", 2, "there are has {n}"},
	{"# T.\nalice sees not bob", 2, "there are has {n}"},
	{"# T.\nalice sees #", 2, "there are has {n}"},
	{"# T.\nalice soon", 2, "there are has {n}"},
	{"# T.\nalice soon closes", 2, "there are has {n}"},

	// connections
	{"# T.\nalice closes now", 2, "too many words"},
	{"# T.\nalice closes from 127.0.0.2", 2, "too many words"},
	{"# T.\nalice connects to 127.0.0.2", 2, "too many words"},
	{"# T.\nalice connects from home", 2, `from "home", which is no address`},

	// the program and its user
	{"# T.\nserver gets", 2, "there are gets SIGINT, exits, starts"},
	{"# T.\nserver gets INT", 2, "there are gets SIGINT, exits, starts"},
	{"# T.\nserver exits now", 2, "there are gets SIGINT, exits, starts"},
	{"# T.\nserver dances", 2, "there are gets SIGINT, exits, starts"},
	{"# T.\nuser dances", 2, "there are registers N"},
	{"# T.\nuser registers", 2, "there are registers N"},
	{"# T.\nuser logs on alice", 2, "there are registers N"},
	{"# T.\nuser pays bob", 2, "there are registers N"},
	{"# T.\nuser lists all", 2, "there are registers N"},
	{"# T.\nuser types hello", 2, `"hello" is no quoted text`},
	{"# T.\nuser sees \"a\" \"b\"", 2, "is no quoted text"},

	// A request needs its expectation.
	{"# T.\nalice > List", 2, "a request without an expectation"},
	{"# T.\nbob > List\nalice > List\ncarol > List\nalice < (any)", 2, "a request without an expectation"},
	{"# T.\nalice > List\nalice > List\nalice < (any)", 3, "alice sends again, and line 2 has no expectation"},
	{"# T.\nalice > List\nalice > alice#5#bob", 3, "alice sends again, and line 2"},
	{"# T.\nalice > List\nalice has 5", 3, "alice asks again, and line 2"},
	{"# T.\nalice > List\nalice sees bob", 3, "alice asks again, and line 2"},
	{"# T.\nalice > List\nalice closes\nalice < (any)", 3, "alice closes, and line 2"},
	{"# T.\nalice > List\nalice resets", 3, "alice resets, and line 2"},
	{"# T.\nalice > List\nalice half-closes", 3, "alice half-closes, and line 2"},
}

func TestErrors(t *testing.T) {
	for _, test := range wrong {
		s, err := scenario.Parse(test.text)
		place := (*scenario.Error)(nil)
		if !errors.As(err, &place) {
			t.Errorf("%q: error %v", test.text, err)
			continue
		}
		if place.Line != test.line || !strings.Contains(place.Err.Error(), test.want) {
			t.Errorf("%q: %v, not line %d: %s", test.text, err, test.line, test.want)
		}
		if errors.Unwrap(err) != place.Err || !strings.HasPrefix(err.Error(), fmt.Sprintf("line %d: ", test.line)) {
			t.Errorf("%q: %v does not show its place", test.text, err)
		}
		if s.Title != "" || s.Steps != nil {
			t.Errorf("%q: an error, and yet %q", test.text, s)
		}
	}
}

// What each kind of step means, by the structure that it parses to.
func TestSteps(t *testing.T) {
	text := func(s string) scenario.Template { return scenario.Template{{Text: s}} }
	hole := func(h scenario.Hole, s string) scenario.Template { return scenario.Template{{Hole: h, Text: s}} }
	line := func(t scenario.Template) scenario.Reply {
		return scenario.Reply{Form: scenario.Lines, Lines: []scenario.Template{t}}
	}
	tests := []struct {
		step string
		want scenario.Act
	}{
		{"given limit 2", scenario.Limit{N: 2}},
		{"given alice bob online", scenario.Given{Names: []string{"alice", "bob"}, State: scenario.Online}},
		{"alice > REGISTER#alice\nalice < (any)", scenario.Send{Who: "alice", Message: scenario.Message{Kind: scenario.Register, Name: "alice"}}},
		{"alice > REGISTER#5000\nalice < (any)", scenario.Send{Who: "alice", Message: scenario.Message{Kind: scenario.Register, Name: "5000"}}},
		{"alice > List\nalice < (any)", scenario.Send{Who: "alice", Message: scenario.Message{Kind: scenario.List}}},
		{"alice > Exit\nalice < (any)", scenario.Send{Who: "alice", Message: scenario.Message{Kind: scenario.Exit}}},
		{"alice > List#5000\nalice < (any)", scenario.Send{Who: "alice", Message: scenario.Message{
			Kind: scenario.Login, Name: "List", Port: text("5000"),
		}}},
		{"alice > alice#{alice.port}\nalice < (any)", scenario.Send{Who: "alice", Message: scenario.Message{
			Kind: scenario.Login, Name: "alice", Port: hole(scenario.Port, "alice"),
		}}},
		{"bob > alice#{a+1}#bob", scenario.Send{Who: "bob", Message: scenario.Message{
			Kind: scenario.Payment, Name: "alice", Payee: "bob",
			Amount: scenario.Template{{Hole: scenario.Value, Text: "a", N: 1}},
		}}},
		{"alice < 100 OK / (list) ~ (closed)", scenario.Expect{
			Who: "alice", Want: []scenario.Reply{line(text("100 OK")), {Form: scenario.AList}},
			Tolerated: []scenario.Reply{{Form: scenario.IsClosed}},
		}},
		{"alice < (no list) / (any) / (nothing)", scenario.Expect{
			Who: "alice", Want: []scenario.Reply{{Form: scenario.NoList}, {Form: scenario.Any}, {Form: scenario.Nothing}},
		}},
		{"alice < {n}\n | {key}", scenario.Expect{Who: "alice", Want: []scenario.Reply{{
			Form: scenario.Lines, Lines: []scenario.Template{hole(scenario.Value, "n"), hole(scenario.Key, "")},
		}}}},
		{`alice sends "a" "{end}"`, scenario.Raw{Who: "alice", Segments: []scenario.Template{text("a"), hole(scenario.End, "")}}},
		{"server > 100 OK", scenario.Serve{Reply: line(text("100 OK"))}},
		{"server < Exit ~ EXIT", scenario.Expect{
			Who: "server", Want: []scenario.Reply{line(text("Exit"))}, Tolerated: []scenario.Reply{line(text("EXIT"))},
		}},
		{"alice connects from 127.0.0.2", scenario.Link{Who: "alice", Verb: scenario.Connects, From: "127.0.0.2"}},
		{"alice half-closes", scenario.Link{Who: "alice", Verb: scenario.HalfCloses}},
		{"alice has {a-100}", scenario.Has{Who: "alice", Balance: scenario.Template{{Hole: scenario.Value, Text: "a", N: -100}}}},
		{"alice soon has {a-b}", scenario.Has{Who: "alice", Soon: true, Balance: scenario.Template{{Hole: scenario.Value, Text: "a", Less: "b"}}}},
		{"alice sees ghost", scenario.Sees{Who: "alice", Name: "ghost"}},
		{"alice soon sees no bob", scenario.Sees{Who: "alice", Soon: true, Absent: true, Name: "bob"}},
		{"server gets SIGTERM", scenario.Server{Verb: scenario.Gets, Signal: "SIGTERM"}},
		{"server starts", scenario.Server{Verb: scenario.Starts}},
		{"user logs in alice", scenario.User{Verb: "logs", Args: []string{"in", "alice"}}},
		{`user types "a b"`, scenario.User{Verb: "types", Quoted: "a b"}},
	}
	for _, test := range tests {
		s, err := scenario.Parse("# T.\n" + test.step)
		if err != nil {
			t.Errorf("%s: %v", test.step, err)
			continue
		}
		if got := s.Steps[0].Act; !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %#v, not %#v", test.step, got, test.want)
		}
	}
}

// The bytes that a quoted segment stands for, holes of one character spelt out.
func TestSegments(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{`"REG" "ISTER#al\r\n"`, []string{"REG", "ISTER#al\r\n"}},
		{`"List\x00stale"`, []string{"List\x00stale"}},
		{`"\xff\xfe\x01\x80\x7f"`, []string{"\xff\xfe\x01\x80\x7f"}},
		{`"\"\\"`, []string{`"\`}},
		{`"{x*5}y"`, []string{"xxxxxy"}},
		{`"{{*2}"`, []string{"{{"}},
		{`"a}b"`, []string{"a}b"}},
		{`"{ *3}{#*2}{\x00*2}{\xff*2}"`, []string{"   ##\x00\x00\xff\xff"}},
		{`"{x*0}"`, []string{""}},
		{`""`, []string{""}},
	}
	for _, test := range tests {
		s, err := scenario.Parse("# T.\nalice sends " + test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		// Once more after printing: the bytes are what has to survive.
		again, err := scenario.Parse(s.String())
		if err != nil {
			t.Errorf("%s: printed as %s: %v", test.text, s, err)
			continue
		}
		for _, s := range []scenario.Scenario{s, again} {
			if got := spelt(s.Steps[0].Act.(scenario.Raw)); !slices.Equal(got, test.want) {
				t.Errorf("%s: %q, not %q", test.text, got, test.want)
			}
		}
	}
}

func spelt(raw scenario.Raw) []string {
	var segments []string
	for _, segment := range raw.Segments {
		var b strings.Builder
		for _, p := range segment {
			n := int(p.N)
			if p.Hole == scenario.Literal {
				n = 1
			}
			b.WriteString(strings.Repeat(p.Text, n))
		}
		segments = append(segments, b.String())
	}
	return segments
}

// A brace in a literal that no parser made is printed so that it is read as one.
func TestQuoteOfABrace(t *testing.T) {
	act := scenario.Raw{Who: "alice", Segments: []scenario.Template{{{Text: "a{b}"}}}}
	s, err := scenario.Parse("# T.\n" + act.String())
	if err != nil {
		t.Fatal(err)
	}
	if got := spelt(s.Steps[0].Act.(scenario.Raw)); !slices.Equal(got, []string{"a{b}"}) {
		t.Errorf("%s: %q", act, got)
	}
}

func TestLinesAndActors(t *testing.T) {
	s, err := scenario.Parse("\n# T.\n\ngiven bob online\n# why\nalice > List\nalice < 1\n      | 2\nserver < (any)\ncarol sees dave\nserver exits\n")
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, step := range s.Steps {
		lines = append(lines, step.Line)
	}
	if s.Line != 2 || !slices.Equal(lines, []int{4, 6, 7, 9, 10, 11}) {
		t.Errorf("title in line %d, steps in %v", s.Line, lines)
	}
	// Clients only: whoever acts, in the order of appearance.
	if got := s.Actors(); !slices.Equal(got, []string{"bob", "alice", "carol"}) {
		t.Errorf("actors %q", got)
	}
}

// Steps of a program are a part of a conversation: without a title, and what is asked
// may be answered elsewhere.
func TestStepsAlone(t *testing.T) {
	steps, err := scenario.Steps("\nalice > List\nalice > Exit\n\nbob < 1\n    | 2\nalice closes")
	if err != nil || len(steps) != 4 || steps[2].Line != 5 {
		t.Errorf("%v, %v", steps, err)
	}
	for _, test := range wrong {
		if strings.HasPrefix(test.text, "# T.\n") && !strings.Contains(test.text, "|") && !strings.HasPrefix(test.want, "a request") && !strings.Contains(test.want, "and line 2") {
			_, err := scenario.Steps(strings.TrimPrefix(test.text, "# T.\n"))
			if place := (*scenario.Error)(nil); !errors.As(err, &place) || place.Line != test.line-1 || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q: error %v", test.text, err)
			}
		}
	}
}

func TestForms(t *testing.T) {
	for form, want := range map[scenario.Form]string{
		scenario.Lines: "lines", scenario.AList: "(list)", scenario.NoList: "(no list)", scenario.Any: "(any)",
		scenario.Nothing: "(nothing)", scenario.IsClosed: "(closed)",
	} {
		if form.String() != want {
			t.Errorf("form %d is %s, not %s", form, form, want)
		}
	}
	for kind, has := range map[scenario.Kind]bool{
		scenario.Register: true, scenario.Login: true, scenario.List: true, scenario.Exit: true, scenario.Payment: false,
	} {
		if kind.HasReply() != has {
			t.Errorf("%s has a reply: %v", kind, !has)
		}
	}
}

func TestIsKey(t *testing.T) {
	for text, want := range map[string]bool{"{key}": true, "{_}": false, "{key} ": true, "a{key}": false, "key": false} {
		s, err := scenario.Parse("# T.\nalice < " + text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Steps[0].Act.(scenario.Expect).Want[0].Lines[0].IsKey(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
