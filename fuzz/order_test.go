package fuzz

import (
	"testing"
	"time"

	"paycheck/fuzz/model"
	"paycheck/spec/edition"
)

// at makes an event between two moments, in milliseconds.
func at(from, to int, who, request, reply string, list ...model.Listed) event {
	begun := time.Unix(1, 0)
	r := model.Reply{Kind: model.Line, Text: reply}
	switch {
	case len(list) > 0:
		r = model.Reply{Kind: model.AList, List: &list[0]}
	case reply == "":
		r = model.Reply{}
	}
	return event{
		who, model.Read(request, edition.Default()), r,
		begun.Add(time.Duration(from) * time.Millisecond), begun.Add(time.Duration(to) * time.Millisecond),
	}
}

// An order is found where there is one, whatever the order in which the events are
// given, and is not made up where there is none.
func TestOrder(t *testing.T) {
	e := edition.Default()
	home := func(names ...string) model.Listed {
		l := model.Listed{Balance: e.InitialBalance, Count: int64(len(names))}
		for _, name := range names {
			l.Entries = append(l.Entries, model.Entry{Name: name, Address: loopback, Port: 5001})
		}
		return l
	}
	after := func(l model.Listed, balance int64) model.Listed {
		l.Balance = balance
		return l
	}
	both := []event{
		at(0, 1, "a", "REGISTER#a", edition.OK), at(2, 3, "b", "REGISTER#b", edition.OK),
		at(4, 5, "a", "a#5001", "", home("a")), at(6, 7, "b", "b#5001", "", home("a", "b")),
	}
	for _, c := range []struct {
		name   string
		events []event
		news   tally
		want   verdict
	}{
		{"one gets the name", []event{
			at(0, 9, "a", "REGISTER#x", edition.Fail), at(1, 8, "b", "REGISTER#x", edition.OK),
		}, tally{}, ordered},
		{"two get it", []event{
			at(0, 9, "a", "REGISTER#x", edition.OK), at(1, 8, "b", "REGISTER#x", edition.OK),
		}, tally{}, disorder},
		{"the later one gets it", []event{
			at(0, 1, "a", "REGISTER#x", edition.Fail), at(2, 3, "b", "REGISTER#x", edition.OK),
		}, tally{}, disorder},
		{"each sees the other while both log in", []event{
			both[0], both[1], at(4, 9, "a", "a#5001", "", home("a", "b")), at(4, 9, "b", "b#5001", "", home("a", "b")),
		}, tally{}, ordered},
		{
			"a payment before the list", append(both[:4:4],
				at(8, 20, "b", "a#1#b", ""), at(9, 10, "a", "List", "", after(home("a", "b"), e.InitialBalance-1))),
			tally{good: 1},
			ordered,
		},
		{
			"a payment behind it", append(both[:4:4],
				at(8, 20, "b", "a#1#b", ""), at(9, 10, "a", "List", "", home("a", "b"))),
			tally{good: 1},
			ordered,
		},
		{"a payment that nobody is told of", append(both[:4:4], at(8, 20, "b", "a#1#b", "")), tally{}, disorder},
		{
			"a payment that is lost", append(both[:4:4],
				at(8, 20, "b", "a#1#b", ""), at(21, 22, "a", "List", "", home("a", "b"))),
			tally{good: 1},
			disorder,
		},
	} {
		set := model.Start().Connect("a", loopback).Connect("b", loopback)
		if got := order(set, c.events, c.news, nil, e); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// Conversations at one moment are the same each time, and are read as they are written.
func TestCrowded(t *testing.T) {
	s := madeUp()
	for n := range 200 {
		sc, again := s.crowded(7, n, 6), s.crowded(7, n, 6)
		if text(sc.Acts) != text(again.Acts) || sc.Together != again.Together {
			t.Fatalf("conversation %d differs from itself", n)
		}
		f := Finding{Trouble: Trouble{ID: "CON-4", Why: "a reason"}, Script: sc}
		for i, a := range sc.Acts {
			who, _ := actorOf(a)
			f.seen = append(f.seen, seen{i, who, "(any)"})
		}
		back, err := Read(f.scenario(7))
		if err != nil {
			t.Fatalf("conversation %d: %v\n%s", n, err, f.scenario(7))
		}
		if text(back.Acts) != text(sc.Acts) || back.Together != sc.Together {
			t.Errorf("conversation %d is read as another:\n%s", n, f.scenario(7))
		}
	}
}
