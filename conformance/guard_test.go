package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"

	"paycheck/conformance/play"
)

// A check with a fault of its own is not judged, and the others are.
func TestGuarded(t *testing.T) {
	var none []string
	err := guarded(func(context.Context, *play.Stage) error {
		_ = none[len(none)]
		return nil
	})(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "a fault of paycheck's own: runtime error: index out of range") {
		t.Errorf("the fault is %v", err)
	}
	other := errors.New("other")
	if err := guarded(func(context.Context, *play.Stage) error { return other })(t.Context(), nil); !errors.Is(err, other) {
		t.Errorf("an error turns into %v", err)
	}
}
