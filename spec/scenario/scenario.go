// Package scenario is the notation in which every conversation is written: the
// examples under the requirements of spec/protocol.md, and whatever a tool
// records or finds. It parses and prints; it knows no network.
//
// A [Scenario] is a title and a list of [Step]s. A step is one [Act]: a client
// sends ([Send], [Raw]) or must get something ([Expect], [Has], [Sees]), its
// connection changes ([Link]), the server is signalled or restarted ([Server]),
// or a person uses a client ([User]). Text in steps is a [Template], whose holes
// are filled when the scenario is played.
package scenario

import (
	"fmt"
	"strings"
)

// A Scenario is one conversation, read as documentation and run as a check.
type Scenario struct {
	Title string // stimulus and required effect, one sentence
	Line  int    // of the title in the text that it was parsed from, from 1
	Steps []Step
}

// A Step is one line of a scenario, with its continuation lines.
type Step struct {
	Line int // in the text that it was parsed from, from 1
	Act  Act
}

// An Act is what one step does. String gives it back in the notation.
type Act interface {
	fmt.Stringer
	act()
}

// Limit launches the program so that it serves at most N clients at a time.
type Limit struct{ N int }

// Given brings clients into a state that the scenario does not judge.
type Given struct {
	Names []string
	State State
}

// A State is what a client has reached before the scenario begins.
type State string

// The states of a client.
const (
	Registered State = "registered" // its name has an account
	Online     State = "online"     // and it is logged in
	Listed     State = "listed"     // it is in the list that the suite serves to a client
)

// Send is one message, rendered in the program's dialect, as one segment.
type Send struct {
	Who     string
	Message Message
}

// Expect is what a client must get next. Tolerated forms are accepted and counted.
type Expect struct {
	Who       string
	Want      []Reply // any of them
	Tolerated []Reply
}

// Raw is bytes as they are. Each segment goes once the program has read the one before.
type Raw struct {
	Who      string
	Segments []Template
}

// Serve is a reply of the suite's own server to a client under test.
type Serve struct{ Reply Reply }

// Link is an act of a connection itself.
type Link struct {
	Who  string
	Verb LinkVerb
	From string // the local address of a connect; empty: the usual one
}

// A LinkVerb names what happens to a connection.
type LinkVerb string

// The acts of a connection.
const (
	Connects   LinkVerb = "connects"
	Closes     LinkVerb = "closes"      // after reading what has come: sends FIN
	HalfCloses LinkVerb = "half-closes" // FIN, and goes on reading
	Resets     LinkVerb = "resets"      // RST
)

// Has asks for the list and compares the asker's balance.
type Has struct {
	Who     string
	Soon    bool // until true, or the bound has passed
	Balance Template
}

// Sees asks for the list and compares whether Name is in it.
type Sees struct {
	Who    string
	Soon   bool
	Absent bool
	Name   string
}

// Server signals, awaits or restarts the program under test.
type Server struct {
	Verb   ServerVerb
	Signal string // of Gets, such as SIGINT
}

// A ServerVerb names what happens to the program under test.
type ServerVerb string

// The acts of a program.
const (
	Gets   ServerVerb = "gets"
	Exits  ServerVerb = "exits"
	Starts ServerVerb = "starts"
)

// User is a person's hands and eyes at a client under test.
type User struct {
	Verb   string   // registers, logs in, lists, pays, exits, types, sees
	Args   []string // names and amounts
	Quoted string   // of types and sees
}

func (Limit) act()  {}
func (Given) act()  {}
func (Send) act()   {}
func (Expect) act() {}
func (Raw) act()    {}
func (Serve) act()  {}
func (Link) act()   {}
func (Has) act()    {}
func (Sees) act()   {}
func (Server) act() {}
func (User) act()   {}

// Actors lists the clients of the scenario in order of appearance.
func (s Scenario) Actors() []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if name != "server" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, step := range s.Steps {
		for _, name := range actorsOf(step.Act) {
			add(name)
		}
	}
	return names
}

func actorsOf(a Act) []string {
	switch a := a.(type) {
	case Given:
		return a.Names
	case Send:
		return []string{a.Who}
	case Expect:
		return []string{a.Who}
	case Raw:
		return []string{a.Who}
	case Link:
		return []string{a.Who}
	case Has:
		return []string{a.Who}
	case Sees:
		return []string{a.Who}
	}
	return nil
}

// String gives the whole scenario in the notation.
func (s Scenario) String() string {
	var b strings.Builder
	if s.Title != "" {
		b.WriteString("# " + s.Title + "\n")
	}
	for _, step := range s.Steps {
		b.WriteString(step.Act.String() + "\n")
	}
	return b.String()
}
