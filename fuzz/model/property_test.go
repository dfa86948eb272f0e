package model_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"paycheck/fuzz/model"
	"paycheck/spec/edition"
)

// Texts that mean something to each other, and some that mean nothing.
var (
	names   = rapid.SampledFrom([]string{"a", "b", "c", "List", "REGISTER", "", "seventeenletters1", "x y"})
	numbers = rapid.SampledFrom([]string{"1", "10000", "10001", "0", "-1", "007", "65536", "2147483648", "99999999999999999999", "ten", ""})
	clients = rapid.SampledFrom([]string{"p", "q", "r"})
)

func drawRequest(t *rapid.T) string {
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return "REGISTER#" + names.Draw(t, "name")
	case 1:
		return names.Draw(t, "name") + "#" + numbers.Draw(t, "port")
	case 2:
		return "List"
	case 3:
		return "Exit"
	case 4, 5:
		return names.Draw(t, "payer") + "#" + numbers.Draw(t, "amount") + "#" + names.Draw(t, "payee")
	}
	return rapid.StringMatching(`[a-zA-Z0-9# ]{0,12}`).Draw(t, "text")
}

// walk takes a state through steps that are drawn, and shows each outcome.
func walk(t *rapid.T, e edition.Edition, look func(before model.State, who string, r model.Request, o model.Outcome)) {
	s := model.New()
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		who := clients.Draw(t, "who")
		if _, open := s.Conns[who]; !open {
			s = s.Connect(who, "127.0.0.1")
		}
		if rapid.IntRange(0, 7).Draw(t, "end") == 0 {
			s = s.End(who)
			continue
		}
		r := model.Read(drawRequest(t), e)
		outcomes := model.Step(s, who, r, e)
		if len(outcomes) == 0 {
			t.Fatalf("nothing may be answered to %+v in %+v", r, s)
		}
		before := fmt.Sprintf("%+v", s)
		for _, o := range outcomes {
			look(s, who, r, o)
		}
		if after := fmt.Sprintf("%+v", s); after != before {
			t.Fatalf("the state was changed:\n%s\n%s", before, after)
		}
		s = outcomes[rapid.IntRange(0, len(outcomes)-1).Draw(t, "outcome")].Next
	}
}

// No request but a registration makes money, and a payment only moves it; one that no
// account outside of section 6 has part in.
func TestMoneyIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := edition.Default()
		walk(t, e, func(before model.State, who string, r model.Request, o model.Outcome) {
			made := int64(len(o.Next.Accounts)-len(before.Accounts)) * e.InitialBalance
			if o.Next.Sum() != before.Sum()+made && o.By != "19 d" {
				t.Fatalf("%s > %s turned %d into %d", who, r.Text, before.Sum(), o.Next.Sum())
			}
		})
	})
}

// A balance below zero comes of a requirement that was broken, and an account is
// never lost, nor one that is not there put online.
func TestAccounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		walk(t, edition.Default(), func(before model.State, who string, r model.Request, o model.Outcome) {
			for name, a := range before.Accounts {
				after, ok := o.Next.Accounts[name]
				if !ok {
					t.Fatalf("%s > %s took the account %s away", who, r.Text, name)
				}
				if a.Balance >= 0 && after.Balance < 0 && o.Next.Broke == "" && o.By != "19 d" {
					t.Fatalf("%s > %s left %s with %d", who, r.Text, name, after.Balance)
				}
			}
			for name := range o.Next.Accounts {
				if _, known := before.Accounts[name]; !known && r.Kind != model.Register {
					t.Fatalf("%s > %s made the account %s", who, r.Text, name)
				}
			}
		})
	})
}

// What a state shows is what it admits: a list that differs from it in one place is
// refused.
func TestListsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		walk(t, edition.Default(), func(_ model.State, _ string, _ model.Request, o model.Outcome) {
			l := o.Want.List
			if l == nil {
				return
			}
			got := model.Listed{Balance: l.Balance, Count: int64(len(l.Entries))}
			for _, e := range l.Entries {
				got.Entries = append(got.Entries, e)
			}
			admits := func() bool { return o.Want.Admits(model.Reply{Kind: model.AList, List: &got}) }
			if !admits() {
				t.Fatalf("%+v does not admit itself", l)
			}
			if got.Balance++; admits() && !l.AnyBalance {
				t.Fatalf("%+v admits another balance", l)
			}
			got.Balance--
			if got.Count++; admits() {
				t.Fatalf("%+v admits another count", l)
			}
			if len(got.Entries) > 0 {
				got.Entries, got.Count = got.Entries[1:], got.Count-2
				if admits() {
					t.Fatalf("%+v admits one entry less", l)
				}
			}
		})
	})
}

// A set never loses the true state: a server that takes any outcome which breaks
// nothing is never blamed.
func FuzzStep(f *testing.F) {
	f.Add("REGISTER#a\na#1\nList\nREGISTER#b\nb#2\na#5#b\nExit", uint64(1))
	f.Add("a#0\n\n#\n##\nREGISTER#\nREGISTER#REGISTER\nList#1\n-1#-1#-1", uint64(2))
	f.Fuzz(func(t *testing.T, text string, choices uint64) {
		e := edition.Default()
		set, s := model.Start(), model.New()
		for i, request := range splitLines(text) {
			who := []string{"p", "q"}[i%2]
			if _, open := s.Conns[who]; !open {
				s, set = s.Connect(who, "127.0.0.1"), set.Connect(who, "127.0.0.1")
			}
			r := model.Read(request, e)
			allowed := model.Step(s, who, r, e)
			for len(allowed) > 0 && allowed[choices%uint64(len(allowed))].Next.Broke != "" {
				n := choices % uint64(len(allowed))
				allowed = append(allowed[:n], allowed[n+1:]...)
			}
			if len(allowed) == 0 {
				t.Fatalf("nothing that is right may be answered to %q", request)
			}
			o := allowed[choices%uint64(len(allowed))]
			choices = choices*6364136223846793005 + 1442695040888963407
			next, fault := set.Step(who, r, seen(o.Want), e)
			if fault != nil {
				t.Fatalf("%q answered with %+v is a fault: %v", request, o.Want, fault)
			}
			if next.Undecided() {
				return
			}
			set, s = next, o.Next
		}
	})
}

// splitLines gives at most so many lines that a run stays short.
func splitLines(text string) []string {
	lines := strings.Split(text, "\n")
	return lines[:min(len(lines), 30)]
}
