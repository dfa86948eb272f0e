package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RunClient follows the plan with a client, each conversation on a process of its own.
// The results are those of [Run].
func RunClient(ctx context.Context, c *Client, plan Plan) (Status, error) {
	return follow(ctx, &run{plan: plan}, func(r *run, ctx, timed context.Context, worker int) {
		step := max(1, plan.Workers)
		for n := worker; timed.Err() == nil && (plan.Most == 0 || n < plan.Most); n += step {
			if err := r.meet(ctx, timed, c, n); err != nil {
				if timed.Err() == nil {
					r.fail(err)
				}
				return
			}
		}
	})
}

// meet has conversation n with a client.
func (r *run) meet(ctx, timed context.Context, c *Client, n int) error {
	all := deeds(r.plan.Seed, n)
	v, err := c.visit(timed, all)
	if timed.Err() != nil {
		return nil
	}
	r.processes.Add(1)
	r.conversations.Add(1)
	r.messages.Add(int64(v.sent))
	switch {
	case v.trouble != nil:
		r.found(v.trouble, v.frame, n, func(f Finding) Finding { return c.smaller(ctx, f, all, r.plan) })
	case errors.As(err, new(*undecided)):
		r.undecided.Add(1)
	case err != nil:
		return fmt.Errorf("fuzz: the client can't be talked to any more: %w", err)
	}
	return nil
}

// smaller makes a conversation the smallest one that shows the same trouble.
func (c *Client) smaller(ctx context.Context, f Finding, all Deeds, plan Plan) Finding {
	short, cancel := context.WithTimeout(ctx, plan.Shrink)
	defer cancel()
	var last visited
	fails := func(ctx context.Context, all Deeds) bool {
		v, err := c.visit(ctx, all)
		if err != nil || v.trouble == nil || !f.same(v.trouble, v.frame) {
			return false
		}
		last = v
		return true
	}
	all = all[:min(len(all), f.Step+1)]
	all = ddmin(all, func(rest []Deed) bool { return len(rest) > 0 && short.Err() == nil && fails(short, rest) })
	all = shorter(all, func(all Deeds) bool { return short.Err() == nil && fails(short, all) })
	for range tries {
		if ctx.Err() != nil {
			break
		}
		f.Tried++
		if fails(ctx, all) {
			f.Failed++
		}
	}
	if last.trouble != nil {
		f.Trouble, f.Frame = *last.trouble, last.frame
	}
	f.Steps = len(all)
	f.Text, f.Shell = f.conversation(plan.Seed, all), f.shell()
	return f
}

// shorter drops bytes of the texts that are sent.
func shorter(all Deeds, fails func(Deeds) bool) Deeds {
	for i, d := range all {
		if !quoted[d.Verb] {
			continue
		}
		for j, arg := range d.Args {
			with := func(text []byte) Deeds {
				changed := slices.Clone(all)
				changed[i].Args = slices.Clone(d.Args)
				changed[i].Args[j] = string(text)
				return changed
			}
			text := ddmin([]byte(arg), func(text []byte) bool { return fails(with(text)) })
			all = with(text)
			d = all[i]
		}
	}
	return all
}

// conversation writes a finding in a client down, as [ReadDeeds] reads it.
func (f *Finding) conversation(seed uint64, all Deeds) string {
	var b strings.Builder
	f.head(&b, seed, "the client")
	for _, d := range all {
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}
