package pair

import (
	"slices"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/spec"
)

// A ruling is what one moment of a meeting says of one requirement.
type ruling struct {
	id     string
	result play.Result
	at     int // the entry that it rests on; -1: none
}

// A look is what a meeting can show of one requirement.
type look struct {
	id    string
	title string // stimulus and required effect, as a sentence
	maybe bool   // a meeting need not come to it
}

// looks are the requirements of servers that a meeting shows, in the order of the text.
var looks = []look{
	{"FRM-1", "The registration, the login and all that follows are answered on one connection.", false},
	{"FRM-2", "A request that comes without an ending is answered.", true},
	{"FRM-5", "Every line that is sent ends in CR LF.", false},
	{"FRM-6", "No byte follows the last line end of a reply or notice.", false},
	{"FRM-7", "The server does not speak before the first request.", false},
	{"FRM-8", "The server is there until the end.", false},
	{"REG-1", "The registration of a free name succeeds.", false},
	{"REG-2", "The registration of a name that is taken fails.", true},
	{"REG-4", "The first list shows the balance of a new account.", false},
	{"LOG-1", "The login of an account is answered with the list.", false},
	{"LOG-2", "The login of a name that nobody registered is refused.", true},
	{"LOG-5", "Nobody is listed twice.", false},
	{"LST-1", "List is answered with the list.", false},
	{"LST-2", "The list begins with the asker's balance.", false},
	{"LST-3", "The second line of the list is a key.", true},
	{"LST-4", "The list counts the accounts online.", false},
	{"LST-5", "The list has as many entries as it counts.", false},
	{"LST-6", "The list has an entry for everybody online.", false},
	{"LST-7", "An entry has the port of the login and the address that the client comes from.", false},
	{"LST-8", "Nobody is listed before the login.", false},
	{"EXT-1", "Exit is answered with Bye.", false},
	{"EXT-2", "Who has left is in no list.", false},
	{"PAY-1", "A payment that the payee has passed on moves the amount.", false},
	{"PAY-2", "No client is sent the text of a payment.", false},
	{"PAY-3", "The payer is told that the payment counts.", false},
}

// weight orders outcomes: what counts, of several of one requirement.
var weight = []play.Outcome{play.Violated, play.Broken, play.Tolerated, play.Held, play.NotApplicable}

// worst gives the ruling that counts of those of one requirement; false: there is none.
func worst(rulings []ruling, id string) (ruling, bool) {
	for _, outcome := range weight {
		i := slices.IndexFunc(rulings, func(r ruling) bool { return r.id == id && r.result.Outcome == outcome })
		if i >= 0 {
			return rulings[i], true
		}
	}
	return ruling{}, false
}

// serverResults gives a result for each requirement that the meeting shows. Why is why
// it did not come to all of them.
func serverResults(text *spec.Spec, rulings []ruling, log []entry, why string) (all []conformance.Result) {
	for _, l := range looks {
		r, ok := text.Find(l.id)
		if !ok {
			continue
		}
		c := &conformance.Check{Requirement: r, Number: 1, Title: l.title}
		found, seen := worst(rulings, l.id)
		switch {
		case seen:
			all = append(all, conformance.Result{Check: c, Result: evident(found, log)})
		case !l.maybe:
			all = append(all, conformance.Result{Check: c, Result: play.Result{Outcome: play.Broken, Why: why}})
		}
	}
	return all
}

// evident gives a result its conversation, with the entry marked that it rests on.
func evident(r ruling, log []entry) play.Result {
	result := r.result
	if result.Outcome == play.Held {
		return result
	}
	for i, e := range log {
		event, ok := e.event()
		if !ok {
			continue
		}
		event.Wrong = i == r.at && result.Outcome == play.Violated
		result.Transcript = append(result.Transcript, event)
	}
	return result
}
