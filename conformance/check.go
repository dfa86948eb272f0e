// Package conformance is the judge. It turns the requirements of spec/protocol.md
// into [Check]s and holds a program against them.
//
// A Check judges one requirement in one way: it plays a scenario, or runs Go code
// for what a scenario cannot say (server_*.go, one file per section of
// protocol.md; client_*.go for clients). [Judge] runs a selection against a program and gives a [Run]; its
// [Result]s turn into [Verdict]s, and a [Gate] turns those into an exit code.
// [Register] makes the same checks part of somebody's own Ginkgo suite.
package conformance

import (
	"context"
	"fmt"

	"paycheck/conformance/play"
	"paycheck/spec"
)

// A Check judges one requirement in one way. It carries no level of its own, so it
// cannot be stricter than its requirement.
type Check struct {
	Requirement spec.Requirement
	Number      int    // among the checks of its requirement, from 1
	Title       string // stimulus and required effect, as a sentence
	Line        int    // of its scenario in protocol.md; 0: written in Go
	clients     int    // how many clients it needs served at once
	run         func(context.Context, *play.Stage) error
	client      func(context.Context, *play.ClientStage) error // in place of run, for a client
}

// Name identifies the check, such as REG-2/1.
func (c *Check) Name() string { return fmt.Sprintf("%s/%d", c.Requirement.ID, c.Number) }
