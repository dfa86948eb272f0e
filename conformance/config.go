package conformance

import (
	"errors"

	"paycheck/conformance/dialect"
	"paycheck/conformance/driver"
	"paycheck/conformance/target"
	"paycheck/spec"
	"paycheck/spec/edition"
)

// A Config says what to judge and how. NewConfig gives one with the defaults.
type Config struct {
	Role    spec.Role       // what the program is; empty: a server
	Recipe  target.Recipe   // how the program is started; what it does not say is found out
	Driver  *driver.Driver  // how a client is typed at; nil: found out
	Whole   bool            // a client that can't be driven through a whole session is not judged
	Connect string          // host:port of a server that already runs, in place of Recipe
	Ending  dialect.Ending  // of requests; the zero value: found out
	Edition edition.Edition // what the program is held against
	Mute    bool            // nothing is said to the program before it is judged, to find out how it speaks
	Secure  bool            // everything is said inside TLS, and phase 3 is judged too
	Only    []string        // IDs (REG-2), sections (REG), phases (phase1); empty: everything
	Scale   float64         // every bound is multiplied by it; more than 1 on a slow machine
	Seed    uint64          // of every random choice; the same seed gives the same choices
	Each    func(Progress)  // called with each result as it comes, one at a time; may be nil
	// Found is called once, before the first check, with the recipe as it was completed;
	// may be nil. An error of it ends the run.
	Found func(target.Recipe) error
}

// Progress is one step of a run.
type Progress struct {
	Result Result
	Done   int // how many checks have a result, this one included
	Total  int // how many were selected
}

// ErrUsage is in the chain of every error that only a different command line mends:
// an unknown ID, an empty selection, no such file.
var ErrUsage = errors.New("wrong usage")

// ErrNotJudged is in the chain of every error that kept the suite from judging at
// all: the program never listened, needs a library that is missing, is no server
// of this protocol. Its text says what to do.
var ErrNotJudged = errors.New("could not judge")

// NewConfig gives the configuration that judges the program at path.
func NewConfig(path string) Config {
	return Config{
		Recipe:  target.Recipe{Path: path},
		Edition: edition.Default(),
		Scale:   1,
	}
}
