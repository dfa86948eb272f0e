package fuzz

import (
	"hash/fnv"
	"time"

	"github.com/anishathalye/porcupine"

	"paycheck/fuzz/model"
	"paycheck/spec/edition"
)

// An event is one request of several that were on their way at one moment, with what
// was answered and the time within which the server has carried it out.
type event struct {
	who      string
	request  model.Request
	reply    model.Reply
	from, to time.Time
}

// A verdict is what can be said of events.
type verdict int

const (
	ordered   verdict = iota // the model, asked for one after another in some order, answers so
	unsettled                // nobody knows: the search took too long
	disorder                 // there is no such order
)

// searchBound is how long an order is looked for.
const searchBound = 2 * time.Second

// A part is what of an event happens in one step. To log in and to be told the list
// are two, and so are looking a balance up and looking up who is online: the text
// demands of none of them that they are one.
type part struct {
	event *event
	what  aspect
}

type aspect int

const (
	whole   aspect = iota
	enters         // a login, whatever list it gets
	balance        // of a list
	entries        // of a list
	told           // how much news of payments came; the last of all
)

// tally is how much news of payments there was.
type tally struct{ good, bad int }

// A moment is a state of the model, with the news that has to have come.
type moment struct {
	model.State
	due tally
}

func (m moment) key() string {
	return string(rune(m.due.good)) + string(rune(m.due.bad)) + m.Key()
}

// order looks for an order of the events, from one of the states on, that explains all
// that was answered. News is what was told of payments until the end; of payers who may
// not be there to hear it none is due. Leave is an aspect that is not looked at.
func order(from model.Set, events []event, news tally, absent map[string]bool, e edition.Edition, leave ...aspect) verdict {
	left := map[aspect]bool{}
	for _, a := range leave {
		left[a] = true
	}
	m := porcupine.NondeterministicModel{
		Init: func() []any {
			var all []any
			for _, s := range from {
				if s.Broke == "" {
					all = append(all, moment{State: s})
				}
			}
			return all
		},
		Step: func(state, input, output any) []any {
			return step(state.(moment), input.(part), absent, e, left)
		},
		Equal: func(a, b any) bool { return a.(moment).key() == b.(moment).key() },
		Hash: func(s any) uint64 {
			h := fnv.New64a()
			_, _ = h.Write([]byte(s.(moment).key())) // never fails
			return h.Sum64()
		},
	}
	switch porcupine.CheckOperationsTimeout(m.ToModel(), history(events, news), searchBound) {
	case porcupine.Ok:
		return ordered
	case porcupine.Illegal:
		return disorder
	}
	return unsettled
}

// history gives the events as operations.
func history(events []event, news tally) []porcupine.Operation {
	var all []porcupine.Operation
	last := int64(0)
	for i := range events {
		ev := &events[i]
		parts := []aspect{whole}
		if ev.reply.Kind == model.AList {
			parts = []aspect{balance, entries}
			if ev.request.Kind == model.Login {
				parts = append(parts, enters)
			}
		}
		for _, what := range parts {
			all = append(all, porcupine.Operation{
				ClientId: i, Input: part{ev, what}, Call: ev.from.UnixNano(), Return: ev.to.UnixNano(),
			})
		}
		last = max(last, ev.to.UnixNano())
	}
	end := &event{reply: model.Reply{List: &model.Listed{Balance: int64(news.good), Count: int64(news.bad)}}}
	return append(all, porcupine.Operation{ClientId: len(events), Input: part{end, told}, Call: last + 1, Return: last + 2})
}

// step gives the moments after one part, where the model answers as was seen.
func step(m moment, p part, absent map[string]bool, e edition.Edition, left map[aspect]bool) []any {
	ev := p.event
	switch p.what {
	case told:
		if got := ev.reply.List; !left[told] && (int64(m.due.good) > got.Balance || int64(m.due.bad) > got.Count) {
			return nil
		}
		return []any{m}
	case balance, entries:
		r := ev.request
		if r.Kind == model.Login {
			if m.Conns[ev.who].Name != r.Name {
				return nil // not yet
			}
			r = model.Read(edition.List, e)
		}
		for _, o := range model.Step(m.State, ev.who, r, e) {
			if o.Next.Broke == "" && o.Want.Kind == model.AList && (left[p.what] || fits(o.Want, *ev.reply.List, p.what)) {
				return []any{moment{o.Next, m.due}} // a list changes nothing
			}
		}
		return nil
	}
	var next []any
	for _, o := range model.Step(m.State, ev.who, ev.request, e) {
		due := m.due
		switch {
		case o.Next.Broke != "":
			continue // that is the business of one request after another
		case ev.request.Kind == model.Payment:
			good, bad := o.Want.News()
			if good && !absent[ev.request.Name] {
				due.good++
			}
			if bad && !absent[ev.request.Name] {
				due.bad++
			}
		case p.what == enters:
			if o.Want.Kind != model.AList {
				continue
			}
		case !left[whole] && !o.Want.Admits(ev.reply):
			continue
		}
		next = append(next, moment{o.Next, due})
	}
	return next
}

// fits holds one part of a list against what is wanted.
func fits(w model.Want, got model.Listed, what aspect) bool {
	if w.List == nil {
		return true
	}
	if what == balance {
		return w.List.AnyBalance || w.List.Balance == got.Balance
	}
	l := *w.List
	l.AnyBalance = true
	w.List = &l
	return w.Admits(model.Reply{Kind: model.AList, List: &got})
}
