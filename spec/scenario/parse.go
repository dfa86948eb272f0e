package scenario

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An Error is a place in a scenario that the notation does not allow.
type Error struct {
	Line int // from 1, in the text that Parse was given
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

var actorRule = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// reserved words are read as something else where a client could be named.
var reserved = []string{"given", "server", "user", "limit", "no", "key", "end"}

func isActor(name string) bool {
	return actorRule.MatchString(name) && !slices.Contains(reserved, name)
}

// Parse reads one scenario. Every error is an *[Error].
func Parse(text string) (Scenario, error) {
	lines := join(strings.Split(text, "\n"))
	actors := actorsIn(lines)
	var s Scenario
	for _, l := range lines {
		title, isComment := strings.CutPrefix(l.text, "# ")
		switch {
		case isComment && len(l.more) > 0:
			return Scenario{}, &Error{Line: l.number, Err: errMore}
		case isComment && s.Title == "":
			s.Title, s.Line = strings.TrimSpace(title), l.number
			continue
		case isComment:
			continue
		case s.Title == "":
			return Scenario{}, &Error{Line: l.number, Err: errTitle}
		}
		act, err := parseAct(l, actors)
		if err != nil {
			return Scenario{}, &Error{Line: l.number, Err: err}
		}
		s.Steps = append(s.Steps, Step{Line: l.number, Act: act})
	}
	if s.Title == "" {
		return Scenario{}, &Error{Line: 1, Err: errTitle}
	}
	if len(s.Steps) == 0 {
		return Scenario{}, &Error{Line: s.Line, Err: errors.New("a scenario without steps")}
	}
	if err := checkAnswered(s); err != nil {
		return Scenario{}, err
	}
	return s, nil
}

var (
	errTitle = errors.New("a scenario begins with its title, `# ...`")
	errMore  = errors.New("only a reply has further lines")
)

// A line is one step with the lines that continue it.
type line struct {
	number int
	text   string
	more   []string
}

func join(raw []string) []line {
	var lines []line
	for i, text := range raw {
		text = strings.TrimSpace(text)
		if more, ok := strings.CutPrefix(text, "|"); ok && len(lines) > 0 {
			last := &lines[len(lines)-1]
			last.more = append(last.more, strings.TrimSpace(more))
			continue
		}
		if text != "" {
			lines = append(lines, line{number: i + 1, text: text})
		}
	}
	return lines
}

// actorsIn finds who takes part, so that {alice} can be told from a number {a}.
func actorsIn(lines []line) map[string]bool {
	actors := map[string]bool{}
	for _, l := range lines {
		words := strings.Fields(l.text)
		switch {
		case words[0] == "#" || words[0] == "server" || words[0] == "user":
		case words[0] == "given":
			for _, w := range words[1:max(1, len(words)-1)] {
				actors[w] = true
			}
		default:
			actors[words[0]] = true
		}
	}
	return actors
}

func parseAct(l line, actors map[string]bool) (Act, error) {
	words := strings.Fields(l.text)
	if len(words) < 2 {
		return nil, fmt.Errorf("%q is no step", l.text)
	}
	who, verb := words[0], words[1]
	if who != "given" && who != "server" && who != "user" && !isActor(who) {
		return nil, fmt.Errorf("%q: %w", who, errActor)
	}
	if len(l.more) > 0 && verb != "<" && (who != "server" || verb != ">") {
		return nil, errMore
	}
	_, rest, _ := strings.Cut(l.text, verb)
	rest = strings.TrimSpace(rest)
	switch {
	case who == "given":
		return parseGiven(words[1:])
	case who == "server" && verb != ">" && verb != "<":
		return parseServer(words[1:])
	case who == "user":
		return parseUser(words[1:], rest)
	case who == "server" && verb == ">":
		return parseServe(rest, l.more, actors)
	case verb == ">":
		m, err := parseMessage(rest, actors)
		return Send{Who: who, Message: m}, err
	case verb == "<":
		return parseExpect(who, rest, l.more, actors)
	case verb == "sends":
		segments, err := parseSegments(rest, actors)
		return Raw{Who: who, Segments: segments}, err
	case verb == "soon" || verb == "has" || verb == "sees":
		return parseLook(who, words[1:], actors)
	}
	return parseLink(who, words[1:])
}

var errActor = errors.New("a client is named in lower-case letters and digits, by no word of the notation")

func parseGiven(words []string) (Act, error) {
	last := words[len(words)-1]
	if words[0] == "limit" && len(words) == 2 {
		n, err := strconv.Atoi(last)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("given limit %q: a number of clients, at least 1", last)
		}
		return Limit{N: n}, nil
	}
	state := State(last)
	if state != Registered && state != Online && state != Listed {
		return nil, fmt.Errorf("given ... %s: there are registered, online, listed and limit N", last)
	}
	if len(words) < 2 {
		return nil, fmt.Errorf("given %s: nobody is named", last)
	}
	names := words[:len(words)-1]
	for _, name := range names {
		if !isActor(name) {
			return nil, fmt.Errorf("%q: %w", name, errActor)
		}
	}
	return Given{Names: names, State: state}, nil
}

func parseServer(words []string) (Act, error) {
	switch verb := ServerVerb(words[0]); {
	case verb == Gets && len(words) == 2 && strings.HasPrefix(words[1], "SIG"):
		return Server{Verb: verb, Signal: words[1]}, nil
	case (verb == Exits || verb == Starts) && len(words) == 1:
		return Server{Verb: verb}, nil
	}
	return nil, fmt.Errorf("server %s: there are gets SIGINT, exits, starts", strings.Join(words, " "))
}

// userArgs is how many words follow each verb of a person; -1 is one quoted text.
var userArgs = map[string]int{
	"registers": 1, "logs": 2, "lists": 0, "pays": 2, "exits": 0, "types": -1, "sees": -1,
}

func parseUser(words []string, rest string) (Act, error) {
	verb := words[0]
	n, ok := userArgs[verb]
	switch {
	case !ok, n >= 0 && len(words) != n+1, verb == "logs" && words[1] != "in":
		return nil, fmt.Errorf("user %s: there are registers N, logs in N, lists, pays N AMOUNT, exits, types \"x\", sees \"x\"",
			strings.Join(words, " "))
	case n < 0:
		text, err := strconv.Unquote(rest)
		if err != nil {
			return nil, fmt.Errorf("user %s: %q is no quoted text", verb, rest)
		}
		return User{Verb: verb, Quoted: text}, nil
	}
	return User{Verb: verb, Args: words[1:]}, nil
}

func parseServe(rest string, more []string, actors map[string]bool) (Act, error) {
	act, err := parseExpect("server", rest, more, actors)
	if err != nil {
		return nil, err
	}
	e := act.(Expect)
	if len(e.Want) != 1 || len(e.Tolerated) > 0 {
		return nil, fmt.Errorf("server > %s: the suite sends one reply", rest)
	}
	return Serve{Reply: e.Want[0]}, nil
}

func parseExpect(who, rest string, more []string, actors map[string]bool) (Act, error) {
	want, tolerated, err := parseReplies(rest, actors)
	if err != nil {
		return nil, err
	}
	if len(more) > 0 && (len(want) > 1 || len(tolerated) > 0 || want[0].Form != Lines) {
		return nil, fmt.Errorf("a reply of several lines has no alternatives")
	}
	for _, text := range more {
		t, err := parseTemplate(text, actors)
		if err != nil {
			return nil, err
		}
		want[0].Lines = append(want[0].Lines, t)
	}
	return Expect{Who: who, Want: want, Tolerated: tolerated}, nil
}

func parseLook(who string, words []string, actors map[string]bool) (Act, error) {
	soon := words[0] == "soon"
	if soon {
		words = words[1:]
	}
	switch {
	case len(words) == 2 && words[0] == "has":
		balance, err := parseTemplate(words[1], actors)
		return Has{Who: who, Soon: soon, Balance: balance}, err
	case len(words) == 2 && words[0] == "sees" && words[1] != "no" && isName(words[1]):
		return Sees{Who: who, Soon: soon, Name: words[1]}, nil
	case len(words) == 3 && words[0] == "sees" && words[1] == "no" && isName(words[2]):
		return Sees{Who: who, Soon: soon, Absent: true, Name: words[2]}, nil
	}
	return nil, fmt.Errorf("%s %s: there are has {n}, sees NAME, sees no NAME", who, strings.Join(words, " "))
}

func parseLink(who string, words []string) (Act, error) {
	verb := LinkVerb(words[0])
	switch verb {
	case Connects, Closes, HalfCloses, Resets:
	default:
		return nil, fmt.Errorf("%s %s: no such act", who, words[0])
	}
	switch {
	case len(words) == 1:
		return Link{Who: who, Verb: verb}, nil
	case verb == Connects && len(words) == 3 && words[1] == "from":
		if _, err := netip.ParseAddr(words[2]); err != nil {
			return nil, fmt.Errorf("%s connects from %q, which is no address", who, words[2])
		}
		return Link{Who: who, Verb: verb, From: words[2]}, nil
	}
	return nil, fmt.Errorf("%s %s: too many words", who, strings.Join(words, " "))
}

// checkAnswered demands that each request is followed by what its sender must get,
// before her next one, before her close and before the end: a reply that nobody looks
// at would spoil the next.
func checkAnswered(s Scenario) error {
	waiting := map[string]Step{}
	for _, step := range s.Steps {
		var who, does string
		switch a := step.Act.(type) {
		case Send:
			who, does = a.Who, "sends again"
		case Link:
			who, does = a.Who, string(a.Verb)
		case Has:
			who, does = a.Who, "asks again"
		case Sees:
			who, does = a.Who, "asks again"
		case Expect:
			delete(waiting, a.Who)
		}
		if asked, ok := waiting[who]; ok {
			return &Error{Line: step.Line, Err: fmt.Errorf("%s %s, and line %d has no expectation", who, does, asked.Line)}
		}
		if send, ok := step.Act.(Send); ok && send.Message.Kind.HasReply() {
			waiting[who] = step
		}
	}
	for _, step := range s.Steps { // in the order of the text
		if send, ok := step.Act.(Send); ok && waiting[send.Who].Line == step.Line {
			return &Error{Line: step.Line, Err: errors.New("a request without an expectation")}
		}
	}
	return nil
}
