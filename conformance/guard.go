package conformance

import (
	"context"

	"paycheck/conformance/play"
)

// guarded turns a fault of a check's own into a result: whatever a program sends, it
// takes no other check with it.
func guarded(run func(context.Context, *play.Stage) error) func(context.Context, *play.Stage) error {
	return func(ctx context.Context, st *play.Stage) (err error) {
		defer func() {
			if fault := recover(); fault != nil {
				err = play.Unjudged("a fault of paycheck's own: %v", fault)
			}
		}()
		return run(ctx, st)
	}
}
