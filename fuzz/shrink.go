package fuzz

import (
	"context"
	"errors"
	"slices"
	"time"

	"paycheck/conformance/transcript"
	"paycheck/spec/scenario"
)

// How often the smallest conversation is tried on fresh processes, and how often it
// has to fail to count as one that fails.
const (
	tries  = 10
	enough = 9
)

// smaller makes a finding as small as it can be and still fail.
func (s *Subject) smaller(ctx context.Context, f Finding, history []Script, most time.Duration) Finding {
	last := history[len(history)-1]
	if last.Together > 0 {
		return s.shrinkRace(ctx, f, last, most)
	}
	acts := make([][]scenario.Act, len(history))
	for i, script := range history {
		acts[i] = script.Acts
	}
	return s.shrink(ctx, f, acts, most)
}

// shrink makes the conversations that one process had the smallest one that still
// shows the same trouble, as far as it comes in the time.
func (s *Subject) shrink(ctx context.Context, f Finding, history [][]scenario.Act, most time.Duration) Finding {
	short, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	h := &shrinker{subject: s, like: f, patient: true}
	fails := func(acts []scenario.Act) bool { return short.Err() == nil && h.fails(short, acts) }
	acts := slices.Clone(history[len(history)-1])
	acts = acts[:min(len(acts), f.Step+1)]
	if !fails(acts) { // it needs what came before, or haste
		h.patient = h.adopt(short, joined(history, acts))
		acts = reduceChunks(history, acts, fails)
	}
	acts = reduce(acts, fails)
	acts = simplify(acts, fails)
	acts = reduce(acts, fails)
	out := f
	out.Acts, out.Steps = acts, len(acts)
	for range tries {
		if ctx.Err() != nil {
			break
		}
		out.Tried++
		if h.fails(ctx, acts) {
			out.Failed++
		}
	}
	if h.last != nil {
		out.Trouble, out.Frame = *h.last, h.frame
	}
	out.seen = h.seen
	return out
}

// A shrinker tries conversations.
type shrinker struct {
	subject *Subject
	like    Finding
	patient bool     // as in a talk
	last    *Trouble // of the last try that failed
	frame   string
	seen    []seen
}

// fails reports whether a fresh process shows the same trouble.
func (h *shrinker) fails(ctx context.Context, acts []scenario.Act) bool {
	trouble, frame, seen, err := h.subject.try(ctx, acts, h.patient)
	if err != nil || trouble == nil || !h.like.same(trouble, frame) {
		return false
	}
	h.last, h.frame, h.seen = trouble, frame, seen
	return true
}

// adopt takes the trouble that all of the acts show in place of the one that was seen:
// whoever has not forgotten the accounts of earlier conversations knows better what is
// broken. It reports whether there is any.
func (h *shrinker) adopt(ctx context.Context, acts []scenario.Act) bool {
	trouble, frame, _, err := h.subject.try(ctx, acts, h.patient)
	if err != nil || trouble == nil || (trouble.Death == nil) != (h.like.Death == nil) {
		return false
	}
	h.like.Trouble, h.like.Frame = *trouble, frame
	return true
}

// joined puts the conversations before the last one in front of its acts.
func joined(history [][]scenario.Act, last []scenario.Act) []scenario.Act {
	var all []scenario.Act
	for _, acts := range history[:len(history)-1] {
		all = append(all, closed(acts)...)
	}
	return append(all, last...)
}

// try has one conversation with a fresh process. The error says why nothing can be said.
func (s *Subject) try(ctx context.Context, acts []scenario.Act, patient bool) (*Trouble, string, []seen, error) {
	t, err := s.start(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	defer s.stop(t)
	t.patient = patient
	err = t.converse(ctx, acts)
	trouble := (*Trouble)(nil)
	if errors.As(err, &trouble) {
		return trouble, crashFrame(t.program.Printed()), t.seen, nil
	}
	return nil, "", t.seen, err
}

// Replay has one conversation with a fresh process, and gives what was wrong, if
// anything was, and all that was sent and seen. If nothing was, it is had once more in
// haste: without a rest after the end of a connection. Acts that are begun at one moment
// are repeated until something is wrong, for a while. The error says why nothing can be
// said.
func (s *Subject) Replay(ctx context.Context, sc Script) (*Trouble, transcript.Transcript, error) {
	if sc.Together > 0 {
		r, err := s.repeat(ctx, sc, raceBound)
		return r.trouble, r.said, err
	}
	trouble, said, err := s.replay(ctx, sc.Acts, true)
	if err != nil || trouble != nil {
		return trouble, said, err
	}
	return s.replay(ctx, sc.Acts, false)
}

func (s *Subject) replay(ctx context.Context, acts Acts, patient bool) (*Trouble, transcript.Transcript, error) {
	t, err := s.start(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer s.stop(t)
	t.patient = patient
	err = t.converse(ctx, acts)
	all := t.stage.Recorder.Transcript()
	if trouble := (*Trouble)(nil); errors.As(err, &trouble) {
		return trouble, all, nil
	}
	return nil, all, err
}

// reduceChunks drops whole conversations from before the last one.
func reduceChunks(history [][]scenario.Act, last []scenario.Act, fails func([]scenario.Act) bool) []scenario.Act {
	before := make([][]scenario.Act, 0, len(history))
	for _, acts := range history[:len(history)-1] {
		before = append(before, closed(acts))
	}
	joined := func(chunks [][]scenario.Act) []scenario.Act {
		return slices.Concat(append(slices.Clone(chunks), last)...)
	}
	return joined(ddmin(before, func(chunks [][]scenario.Act) bool { return fails(joined(chunks)) }))
}

// closed adds what happens at the end of a conversation: every connection is closed.
func closed(acts []scenario.Act) []scenario.Act {
	acts = slices.Clone(acts)
	var open []string
	for _, a := range acts {
		who, ends := actorOf(a)
		switch at := slices.Index(open, who); {
		case ends && at >= 0:
			open = slices.Delete(open, at, at+1)
		case !ends && at < 0:
			open = append(open, who)
		}
	}
	for _, who := range open {
		acts = append(acts, scenario.Link{Who: who, Verb: scenario.Closes})
	}
	return acts
}

// actorOf gives whose act it is, and whether it ends the connection.
func actorOf(a scenario.Act) (who string, ends bool) {
	switch a := a.(type) {
	case scenario.Send:
		return a.Who, false
	case scenario.Raw:
		return a.Who, false
	case scenario.Link:
		return a.Who, a.Verb != scenario.Connects
	}
	return "", true
}

// reduce drops all that a client does, then single acts.
func reduce(acts []scenario.Act, fails func([]scenario.Act) bool) []scenario.Act {
	var names []string
	for _, a := range acts {
		if who, _ := actorOf(a); !slices.Contains(names, who) {
			names = append(names, who)
		}
	}
	of := func(kept []string) []scenario.Act {
		return slices.DeleteFunc(slices.Clone(acts), func(a scenario.Act) bool {
			who, _ := actorOf(a)
			return !slices.Contains(kept, who)
		})
	}
	if len(names) > 1 {
		acts = of(ddmin(names, func(kept []string) bool { return fails(of(kept)) }))
	}
	return ddmin(acts, fails)
}

// ddmin is delta debugging: it drops pieces of a list that fails, smaller and smaller
// ones, as long as the rest fails.
func ddmin[T any](list []T, fails func([]T) bool) []T {
	for size := (len(list) + 1) / 2; size >= 1 && len(list) > 0; {
		dropped := false
		for at := 0; at < len(list); {
			rest := slices.Concat(list[:at], list[min(at+size, len(list)):])
			if fails(rest) {
				list, dropped = rest, true
			} else {
				at += size
			}
		}
		if !dropped || size > 1 {
			if size == 1 {
				break
			}
			size = (size + 1) / 2
		}
	}
	return list
}

// simplify makes the texts of single acts shorter: segments joined, bytes dropped.
func simplify(acts []scenario.Act, fails func([]scenario.Act) bool) []scenario.Act {
	acts = slices.Clone(acts)
	for i, a := range acts {
		raw, ok := a.(scenario.Raw)
		if !ok {
			continue
		}
		with := func(segments []scenario.Template) []scenario.Act {
			changed := slices.Clone(acts)
			changed[i] = scenario.Raw{Who: raw.Who, Segments: segments}
			return changed
		}
		if joined := slices.Concat(raw.Segments...); len(raw.Segments) > 1 {
			if whole := []scenario.Template{glued(joined)}; fails(with(whole)) {
				raw.Segments = whole
			}
		}
		for j, segment := range raw.Segments {
			if len(segment) == 0 || segment[0].Hole != scenario.Literal {
				continue
			}
			shorter := func(text []byte) []scenario.Template {
				segments := slices.Clone(raw.Segments)
				segments[j] = slices.Clone(segment)
				segments[j][0].Text = string(text)
				return segments
			}
			text := ddmin([]byte(segment[0].Text), func(text []byte) bool { return len(text) > 0 && fails(with(shorter(text))) })
			raw.Segments = shorter(text)
		}
		acts[i] = raw
	}
	return acts
}

// glued joins neighbouring texts of a template into one.
func glued(t scenario.Template) scenario.Template {
	var out scenario.Template
	for _, p := range t {
		if n := len(out); n > 0 && p.Hole == scenario.Literal && out[n-1].Hole == scenario.Literal {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	return out
}
