package play

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
)

// What keeps a check from holding is an error of one of these kinds; resultOf is
// the one place that turns it into an outcome.
type (
	// A violation is seen against the program.
	violation struct {
		why     string
		finding *Finding
	}
	// blocked: the set-up rests on a requirement that did not hold here.
	blocked struct {
		by  string
		err *violation
	}
	// inapplicable: the program, the edition or this machine lacks what it takes.
	inapplicable struct{ why string }
	// broken: the suite could not judge.
	broken struct {
		why string
		err error // may be nil
	}
)

func (e *violation) Error() string    { return e.why }
func (e *blocked) Error() string      { return fmt.Sprintf("%s did not hold: %v", e.by, e.err) }
func (e *inapplicable) Error() string { return e.why }
func (e *broken) Error() string       { return e.why }
func (e *broken) Unwrap() error       { return e.err }

// Inapplicable is the error of a check that has nothing to judge here.
func Inapplicable(format string, args ...any) error {
	return &inapplicable{why: fmt.Sprintf(format, args...)}
}

// Unjudged is the error of a check that could not tell.
func Unjudged(format string, args ...any) error {
	return &broken{why: fmt.Sprintf(format, args...)}
}

// Setup turns a violation into a block: what failed is another requirement's business.
func Setup(by string, err error) error {
	if v := (*violation)(nil); errors.As(err, &v) {
		return &blocked{by: by, err: v}
	}
	return err
}

func resultOf(err error) Result {
	var (
		v *violation
		b *blocked
		n *inapplicable
	)
	switch {
	case err == nil:
		return Result{Outcome: Held}
	case errors.As(err, &b):
		return Result{Outcome: Blocked, By: b.by, Why: b.err.why, Finding: b.err.finding}
	case errors.As(err, &v):
		return Result{Outcome: Violated, Why: v.why, Finding: v.finding}
	case errors.As(err, &n):
		return Result{Outcome: NotApplicable, Why: n.why}
	}
	return Result{Outcome: Broken, Why: err.Error()}
}

// cannotStart sorts the errors of a start: a limit that can't be set is no fault.
func cannotStart(err error) error {
	if n := (*inapplicable)(nil); errors.As(err, &n) {
		return n
	}
	if s := (*target.StartError)(nil); errors.As(err, &s) {
		return &broken{why: "the program did not come up: " + s.Why, err: s}
	}
	return err
}

// died is the violation of a program that ended though nobody told it to.
func (st *Stage) died(death target.Death) error {
	for _, e := range st.Recorder.Transcript() {
		if e.Kind == transcript.Sent {
			death.LastSent = transcript.Visible(e.Bytes)
		}
	}
	if death.Exceeded != "" { // no requirement says how much it may take
		return &broken{why: "the server is gone: " + death.String()}
	}
	return &violation{
		why:     "the server is gone: " + death.String(),
		finding: &Finding{Line: st.line, Step: st.step, Want: "the server still runs", At: -1, Death: &death, Stderr: st.Program.Tail()},
	}
}

// violation says what c got in place of what it had to get. If the program has
// died, that is what is reported.
func (st *Stage) violation(ctx context.Context, c *client, want string, got []byte, at int, why string) error {
	v := &violation{why: why, finding: &Finding{Line: st.line, Step: st.step, Want: want, Got: got, At: at}}
	if st.Program == nil {
		return v
	}
	s, err := st.settle(ctx, nil)
	if err != nil {
		return err
	}
	if death, dead := st.Program.Death(); dead && !st.stopped {
		return st.died(death)
	}
	if len(got) == 0 && !s.Proved && s.Reason != target.Died {
		return &broken{why: why + ", but the program's process can't be looked at, so that it may only be slow"}
	}
	if len(got) == 0 && s.Reason == target.Overdue && s.CPU < busy {
		return &broken{why: why + ", but the program got too little of the processor to tell"}
	}
	if c != nil {
		st.Recorder.MarkWrong(c.name)
	}
	v.finding.Doing, v.finding.Stderr = st.doing(c, got), st.Program.Tail()
	return v
}

// doing is what the kernel shows of the program: where nothing came, first what has
// become of what was sent.
func (st *Stage) doing(c *client, got []byte) string {
	var parts []string
	if c != nil && c.conn != nil && len(got) == 0 {
		parts = append(parts, st.Program.Delivery(c.conn))
	}
	parts = append(parts, st.Program.Doing())
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "; ")
}
