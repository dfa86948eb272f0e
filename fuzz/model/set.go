package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"paycheck/spec/edition"
)

// A Set is the states that a server may be in, given all that was seen of it.
type Set []State

// Start is the set of a server that has just been started.
func Start() Set { return Set{New()} }

// most is how many states are followed. Beyond that those that broke something are
// dropped first, and a conversation that still has more is not decided.
const most = 64

// A Fault is what no state allows.
type Fault struct {
	ID   string // the requirement
	Want string // what the server had to answer, in the notation
	Why  string // what is wrong with what came
}

func (f *Fault) Error() string { return f.ID + ": " + f.Why }

// Step follows a request and the reply to it. If no state allows the reply, or only
// one that broke a requirement, that is a fault; in the second case the set goes on.
func (set Set) Step(who string, r Request, reply Reply, e edition.Edition) (Set, *Fault) {
	var next Set
	var outcomes []Outcome
	broken := ""
	for _, s := range set {
		for _, o := range Step(s, who, r, e) {
			if o.Want.Admits(reply) {
				next = append(next, o.Next)
				if s.Broke == "" && broken == "" {
					broken = o.Next.Broke
				}
			}
			outcomes = append(outcomes, o)
		}
	}
	if len(next) == 0 {
		return nil, faultOf(outcomes, who, r, reply)
	}
	if len(next) > len(set) {
		next = next.distinct()
	}
	return next.settle(outcomes, broken)
}

// settle looks whether a state is left that broke nothing. If all have, that is the
// fault, by what was broken just now, and forgiven.
func (set Set) settle(outcomes []Outcome, broken string) (Set, *Fault) {
	if slices.ContainsFunc(set, func(s State) bool { return s.Broke == "" }) {
		return set, nil
	}
	fault := &Fault{ID: cmp.Or(broken, set[0].Broke), Why: "only a server that breaks it answers so"}
	for _, o := range outcomes {
		if o.Next.Broke == "" {
			fault.Want = o.Want.String()
			break
		}
	}
	for i := range set {
		set[i].Broke = ""
	}
	return set.distinct(), fault
}

// distinct drops states that are there twice; of two that differ in what was broken
// alone, the one that broke something.
func (set Set) distinct() Set {
	if len(set) < 2 {
		return set
	}
	at := map[string]int{}
	kept := set[:0:0]
	for _, s := range set {
		switch i, seen := at[s.Key()]; {
		case !seen:
			at[s.Key()] = len(kept)
			kept = append(kept, s)
		case s.Broke == "":
			kept[i].Broke = ""
		}
	}
	if len(kept) > most {
		slices.SortStableFunc(kept, func(a, b State) int { return cmp.Compare(a.Broke, b.Broke) })
		kept = slices.DeleteFunc(kept, func(s State) bool { return s.Broke != "" })
	}
	return kept
}

// Undecided reports whether there are more states than are followed.
func (set Set) Undecided() bool { return len(set) == 0 || len(set) > most }

// each applies a change to every state.
func (set Set) each(change func(State) []State) Set {
	var next Set
	for _, s := range set {
		next = append(next, change(s)...)
	}
	if len(next) > len(set) {
		return next.distinct()
	}
	return next
}

// Connect opens a connection.
func (set Set) Connect(who, address string) Set {
	return set.each(func(s State) []State { return []State{s.Connect(who, address)} })
}

// End ends one without Exit.
func (set Set) End(who string) Set {
	return set.each(func(s State) []State { return []State{s.End(who)} })
}

// Cut ends a connection on which a request was begun and not ended. It may be taken
// for a request all the same (section 19, i).
func (set Set) Cut(who string, r Request, e edition.Edition) Set {
	return set.each(func(s State) []State {
		if r.Kind == Register && !Plain(r.Name) {
			s.Odd = append(slices.Clone(s.Odd), r.Name)
			return []State{s.End(who)}
		}
		states := []State{s.End(who)}
		for _, o := range Step(s, who, r, e) {
			if o.Next.Broke == s.Broke {
				states = append(states, o.Next.End(who))
			}
		}
		return states
	})
}

// Settled says that the server has noticed every end of a connection, as it shows by
// being at rest for good: whoever is gone is offline from now on.
func (set Set) Settled() Set {
	return set.each(func(s State) []State {
		s.Fading = 0
		return []State{s.offline(ghost, "", "VAN-4")}
	}).distinct()
}

// Forget drops accounts that nobody asks for again.
func (set Set) Forget() Set {
	return set.each(func(s State) []State { return []State{s.Forget()} })
}

// faultOf says which requirement a reply breaks that no outcome allows.
func faultOf(outcomes []Outcome, who string, r Request, reply Reply) *Fault {
	best, distance := outcomes[0], far
	for _, o := range outcomes {
		if d := o.distance(reply); d < distance {
			best, distance = o, d
		}
	}
	f := &Fault{ID: best.By, Want: best.Want.String()}
	switch {
	case reply.Kind == AList && best.Want.List != nil:
		f.ID, f.Why = faultOfList(best, who, *reply.List)
	case reply.Kind == AList:
		f.Why = "a list came"
	case reply.Kind == Closed:
		f.ID, f.Why = closedBy(best.By), "the connection was closed"
	case reply.Kind == None && reply.Text != "":
		f.Why = fmt.Sprintf("what was told of the payment is %q", reply.Text)
	case reply.Kind == None:
		f.Why = "no answer came"
	default:
		f.Why = fmt.Sprintf("the answer is %q", reply.Text)
	}
	if strings.HasPrefix(f.ID, "19") { // every way is open, but this is none of them
		f.ID = openBy[r.Kind]
	}
	return f
}

// far is how far a reply is from an outcome of another kind.
const far = 100

// distance is how far a reply is from an outcome: of two lists the one with the least
// wrong is meant.
func (o Outcome) distance(reply Reply) int {
	switch {
	case o.Want.Kind != reply.Kind || o.Next.Broke != "":
		return far
	case o.Want.List == nil || reply.List == nil:
		return 0
	}
	return o.Want.List.wrong(*reply.List)
}

// openBy is what an answer breaks that is none of the ways which are left open.
var openBy = map[Kind]string{
	Malformed: "FRM-9", Register: "REG-1", Login: "LOG-1", List: "LST-1", Exit: "EXT-1", Payment: "PAY-1",
}

// closedBy is what a server breaks that closes in place of an answer.
func closedBy(id string) string {
	if strings.HasPrefix(id, "EXT") {
		return id
	}
	return "FRM-1"
}

// faultOfList names the requirement by the part of the list that is wrong, and by
// what the account went through before.
func faultOfList(o Outcome, who string, got Listed) (id, why string) {
	what := o.Want.List.fault(got)
	kind, name, _ := strings.Cut(what, of)
	a, known := o.Next.Accounts[name]
	switch kind {
	case faultCount:
		return "LST-5", fmt.Sprintf("it counts %d and has %d entries", got.Count, len(got.Entries))
	case faultTwice:
		return "LOG-5", "a name is there twice"
	case faultExtra:
		if known && a.Where != "LST-6" {
			return a.Where, name + " is in it, and is not online"
		}
		return "LST-6", name + " is in it, and is not online"
	case faultMissing:
		if a.Where == "LST-8" {
			return "LST-8", name + " is not in it, and is online"
		}
		return "LST-6", name + " is not in it, and is online"
	case faultWhere:
		return "LST-7", fmt.Sprintf("%s is at %s, port %d", name, a.Address, a.Port)
	}
	id = o.Next.Accounts[o.Next.Conns[who].Name].Money
	if id == "" || strings.HasPrefix(id, "19") {
		id = "LST-2"
	}
	return id, fmt.Sprintf("the balance is %d, and has to be %d", got.Balance, o.Want.List.Balance)
}
