// Package spec reads protocol.md, the one normative text, into [Section]s,
// [Requirement]s and their scenarios. The suite, `paycheck spec` and `paycheck
// explain` take every sentence from here, so none is written twice. Every error
// names file and line.
package spec

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"paycheck/spec/scenario"
)

//go:embed protocol.md
var text []byte

//go:embed grammar.abnf
var grammar []byte

// File is the name of the normative text, as errors and reports cite it.
const File = "spec/protocol.md"

// A Spec is the protocol as written.
type Spec struct {
	Title    string
	Sections []Section
}

// A Section is one numbered part of the text that holds requirements.
type Section struct {
	Number       string // "4"
	Title        string // "Registration"
	Prefix       string // of its IDs: "REG"
	Requirements []Requirement
}

// A Requirement is one sentence that a program must, should or may fulfil.
type Requirement struct {
	ID        string // "REG-2": a name, never reused
	Section   string // its section's prefix
	Line      int    // of its heading in protocol.md
	Sentence  string
	Level     Level
	Role      Role
	Phase     int // of the course: 1, 2 or 3
	Mark      Mark
	Basis     string // where it comes from
	Tolerated string // the form that is accepted besides; empty: none
	Pitfalls  []string
	Needs     []Need // without which it does not apply
	Untested  string // why no check is possible; empty: it has one
	Prose     string // what it means, in Markdown
	Scenarios []scenario.Scenario
}

// A Level is a keyword of RFC 2119, its negation included.
type Level string

// The levels.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)

// A Role is the program that a requirement binds.
type Role string

// The roles.
const (
	Server Role = "server"
	Client Role = "client"
)

// A Mark is how the course's rubric counts a requirement.
type Mark string

// The marks.
const (
	Basic Mark = "basic" // part of the basic grade
	Bonus Mark = "bonus" // exception handling
	Shown Mark = "shown" // reported, never graded
)

// A Need is a property of the program or the edition that a requirement presumes.
type Need string

// The needs.
const (
	Stream  Need = "stream"   // the program reads a line end after a request
	KeyLine Need = "key-line" // the edition's list has a key line
	Deposit Need = "deposit"  // the edition's registration names a deposit
	Bare    Need = "bare"     // the edition's requests end in nothing
	Procfs  Need = "procfs"   // the program's process can be looked at
)

// Load returns the protocol that this program was built with.
func Load() (*Spec, error) { return load() }

var load = sync.OnceValues(func() (*Spec, error) { return Parse(File, text) })

// Text returns protocol.md itself.
func Text() []byte { return slices.Clone(text) }

// Grammar returns grammar.abnf, the message grammar.
func Grammar() []byte { return slices.Clone(grammar) }

// All returns the requirements of one role, in the order of the text.
func (s *Spec) All(role Role) []Requirement {
	var all []Requirement
	for _, section := range s.Sections {
		for _, r := range section.Requirements {
			if r.Role == role {
				all = append(all, r)
			}
		}
	}
	return all
}

// Find returns the requirement of that ID, whatever its letter case.
func (s *Spec) Find(id string) (Requirement, bool) {
	for _, section := range s.Sections {
		for _, r := range section.Requirements {
			if strings.EqualFold(r.ID, id) {
				return r, true
			}
		}
	}
	return Requirement{}, false
}

// Has reports whether the requirement presumes n.
func (r Requirement) Has(n Need) bool { return slices.Contains(r.Needs, n) }
