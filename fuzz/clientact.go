package fuzz

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Deed is one act of a conversation with a client: of its user, of the server, or of a
// peer. It is one line of a file, such as
//
//	user pays bob 100
//	server sends "210 FA" "IL\r\n"
//	server cuts 1 5
//	bob sends "bob#1#{alice}\x00"
//	bob closes
//	peers thank "x"
//
// What the server does behind an act of the user's is its answer to that.
type Deed struct {
	Who  string
	Verb string
	Args []string
}

// Deeds are one conversation.
type Deeds []Deed

// quoted are the verbs with texts behind them.
var quoted = map[string]bool{"sends": true, "types": true, "greet": true, "thank": true}

func (d Deed) String() string {
	var b strings.Builder
	b.WriteString(d.Who + " " + d.Verb)
	for _, arg := range d.Args {
		if quoted[d.Verb] {
			arg = strconv.QuoteToASCII(arg)
		}
		b.WriteString(" " + arg)
	}
	return b.String()
}

// verbs are who may do what, with how many words behind it at least and at most.
var verbs = map[string]map[string][2]int{
	"user":   {"registers": {1, 1}, "logs": {2, 2}, "lists": {0, 0}, "pays": {2, 2}, "exits": {0, 0}, "types": {1, 1}},
	"server": {"sends": {1, 99}, "cuts": {1, 99}, "closes": {0, 0}, "resets": {0, 0}},
	"peers":  {"greet": {1, 1}, "thank": {1, 1}},
	"a peer": {"sends": {1, 99}, "pays": {1, 1}, "closes": {0, 0}, "resets": {0, 0}, "leaves": {0, 0}},
}

// OfClient reports whether a text is a conversation with a client.
func OfClient(text string) bool { return userActs.MatchString(text) }

var userActs = regexp.MustCompile(`(?m)^(user|peers) `)

// ReadDeeds reads a conversation; lines that begin with # are for people.
func ReadDeeds(text string) (Deeds, error) {
	var all Deeds
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		d, err := readDeed(line)
		if err != nil {
			return nil, fmt.Errorf("fuzz: line %d: %s: %w", i+1, line, err)
		}
		all = append(all, d)
	}
	if len(all) == 0 {
		return nil, errors.New("fuzz: there is nothing to do in it")
	}
	return all, nil
}

// Errors of a line.
var (
	errNoSuchAct = errors.New("no such act")
	errNoText    = errors.New("a text has to stand in quotes")
)

func readDeed(line string) (Deed, error) {
	who, rest, _ := strings.Cut(line, " ")
	verb, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	d := Deed{Who: who, Verb: verb}
	if quoted[verb] {
		for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
			prefix, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return d, errNoText
			}
			text, err := strconv.Unquote(prefix)
			if err != nil {
				return d, errNoText
			}
			d.Args, rest = append(d.Args, text), rest[len(prefix):]
		}
	} else if rest != "" {
		d.Args = strings.Fields(rest)
	}
	of := verbs[who]
	if known(who) {
		of = verbs["a peer"]
	}
	if n, ok := of[verb]; !ok || len(d.Args) < n[0] || len(d.Args) > n[1] {
		return d, errNoSuchAct
	}
	for _, arg := range d.Args {
		if _, err := strconv.Atoi(arg); verb == "cuts" && err != nil {
			return d, errNoSuchAct
		}
	}
	return d, nil
}

// folk are the peers who are listed.
var folk = []string{"bob", "carol"}

func known(who string) bool { return slices.Contains(folk, who) }

// provokes reports whether a client may give up after it: nobody can ask it to go on as
// before.
func (d Deed) provokes() bool {
	switch d.Who {
	case "server":
		return d.Verb != "cuts"
	case "peers":
		return true
	}
	return d.Verb == "types" && d.Args[0] != ""
}
