package pair

import (
	"bytes"
	"cmp"
	"slices"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/spec"
)

// unasked are the requirements of clients that a witness knows and a meeting need not
// come to.
var unasked = []string{"CLI-10", "CLI-11"}

// waited are those about what a client waits for: where the server has said it by itself,
// nobody knows whether the client would have waited.
var waited = []string{"CLI-2", "CLI-16"}

// clientResults gives a result for each thing that the meeting shows of clients, the
// worse of what was seen of them. Why is why it did not come to all of them.
func (b *book) clientResults(parties []*party, why string) ([]conformance.Result, error) {
	var all []conformance.Result
	add := func(r conformance.Result) {
		i := slices.IndexFunc(all, func(o conformance.Result) bool {
			return o.Check.Requirement.ID == r.Check.Requirement.ID && o.Check.Title == r.Check.Title
		})
		switch {
		case i < 0:
			all = append(all, r)
		case slices.Index(weight, r.Outcome) < slices.Index(weight, all[i].Outcome):
			all[i] = r
		}
	}
	for _, p := range parties {
		seen, err := conformance.Witness(b.edition, b.greeted, b.events[p])
		if err != nil {
			return nil, err
		}
		for _, r := range seen {
			id := r.Check.Requirement.ID
			switch {
			case r.Outcome == play.NotApplicable, r.Outcome == play.Broken && slices.Contains(unasked, id):
				continue
			case r.Outcome == play.Tolerated && slices.Contains(waited, id):
				continue
			case r.Outcome == play.Broken && id == "CLI-2" && b.speechless():
				continue // it is known why nothing came
			case r.Outcome == play.Broken:
				r.Why = why
			default:
				r.Result = b.ofClient(p, ruling{id, r.Result, b.at(p, r.Result)})
			}
			add(r)
		}
		for _, c := range b.clients[p] {
			if q, ok := b.text.Find(c.id); ok {
				add(conformance.Result{Check: &conformance.Check{Requirement: q, Title: c.title}, Result: b.ofClient(p, c.ruling)})
			}
		}
	}
	return numbered(all, b.text), nil
}

// speechless reports whether a client has waited for a server that says nothing.
func (b *book) speechless() bool {
	return slices.ContainsFunc(b.log, func(e entry) bool { return e.kind == waits })
}

// ofClient names whose client a result is of, and gives it its conversation.
func (b *book) ofClient(p *party, r ruling) play.Result {
	result := evident(r, b.log)
	if result.Why != "" {
		result.Why = p.nick + "'s client: " + result.Why
	}
	return result
}

// at finds the entry that a witness's finding shows; -1: it shows none.
func (b *book) at(p *party, r play.Result) int {
	if r.Finding == nil || len(r.Finding.Got) == 0 {
		return -1
	}
	return slices.IndexFunc(b.log, func(e entry) bool {
		return e.kind == says && e.link.from == p && bytes.Equal(e.data, r.Finding.Got)
	})
}

// numbered puts results into the order of the text and numbers them. Of a requirement
// that is violated, what could not be judged besides is left out.
func numbered(all []conformance.Result, text *spec.Spec) []conformance.Result {
	order := map[string]int{}
	for i, r := range text.All(spec.Client) {
		order[r.ID] = i
	}
	violated := func(id string) bool {
		return slices.ContainsFunc(all, func(r conformance.Result) bool {
			return r.Check.Requirement.ID == id && r.Outcome == play.Violated
		})
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(r conformance.Result) bool {
		return r.Outcome == play.Broken && violated(r.Check.Requirement.ID)
	})
	slices.SortStableFunc(kept, func(x, y conformance.Result) int {
		return cmp.Compare(order[x.Check.Requirement.ID], order[y.Check.Requirement.ID])
	})
	for i, r := range kept {
		n := 1
		if i > 0 && kept[i-1].Check.Requirement.ID == r.Check.Requirement.ID {
			n = kept[i-1].Check.Number + 1
		}
		c := *r.Check
		c.Number = n
		kept[i].Check = &c
	}
	return kept
}
