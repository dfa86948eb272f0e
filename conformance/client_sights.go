package conformance

import (
	"slices"
	"strings"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// The names of those whom a person can pay, and is paid by.
const (
	payeeName = "bob"
	payerName = "carol"
)

// sights are in the order in which a person tries them.
var sights = []sight{
	{"CLI-1", "A client that was told where the server is sends its first request there.", "start your client, with this address and port, and register a name", seeFirst},
	{"CLI-2", "The first request comes without a word of the server.", "register a name", seeUngreeted},
	{"CLI-3", "Registering sends one registration.", "register a name", seeRegistration},
	{"CLI-4", "Logging in sends the name and a port, on the connection of the registration.", "log in", seeLogin},
	{"CLI-5", "Two seconds after the login a peer can connect.", "wait a moment: " + payerName + " pays you", seeReached},
	{"CLI-14", "A payment from a peer goes on to the server as it came, once.", "wait a moment: " + payerName + " pays you", seeForwarded},
	{"CLI-6", "Asking for the list sends List.", "ask for the list", seeList},
	{"CLI-12", "Paying sends the payment to the payee's client.", "pay " + payeeName + " some amount", seePayment},
	{"CLI-8", "A payee is found in a list that has a key line.", "pay " + payeeName + " some amount", seeKeyRead},
	{"CLI-16", "After a payment of which nobody says anything the user goes on.", "ask for the list again", seeGoesOn},
	{"CLI-13", "The text of a payment goes to the payee alone.", "pay " + payeeName + ", then ask for the list", seeNotToServer},
	{"CLI-15", "The client pays and is paid twice.", "pay " + payeeName + " once more, and wait until you are paid again", seeTwice},
	{"CLI-10", "After a refused registration the client goes on.", "register the name " + payeeName + ", which is taken; if you can't any more, start the client again", seeRefused},
	{"CLI-11", "After a refused login the client does not pay.", "log in with a name that nobody has registered, then register", seeNoLogin},
	{"CLI-18", "Leaving sends Exit.", "log in, if you are not, and leave by the menu", seeExit},
}

func asks(kind scenario.Kind) func(counter.Event) bool {
	return func(e counter.Event) bool { return e.Request.Is(kind) }
}

func anything(counter.Event) bool { return true }

func seeFirst(s *seen) play.Result {
	if len(s.of(counter.Asked, anything)) == 0 {
		return unseen
	}
	return held
}

func seeUngreeted(s *seen) play.Result {
	first := s.of(counter.Asked, anything)
	switch {
	case len(first) == 0:
		return unseen
	case s.manner.Greeting != "":
		return play.Result{Outcome: play.Tolerated, Why: "it was greeted by a line of text"}
	}
	return held
}

func seeRegistration(s *seen) play.Result {
	for _, e := range s.of(counter.Asked, anything) {
		if e.Request.Odd && strings.HasPrefix(strings.ToUpper(e.Request.Text), edition.Register) {
			return wrong(e, "REGISTER#<name>", "a registration in another form was sent")
		}
	}
	return s.forms(s.of(counter.Asked, asks(scenario.Register)))
}

func seeLogin(s *seen) play.Result {
	registered := map[string]int{} // the connection on which a name was registered last
	for _, e := range s.events {
		switch {
		case e.Kind == counter.Asked && e.Request.Is(scenario.Register):
			registered[e.Request.Fields[0]] = e.Visit
		case e.Kind == counter.Left:
			for name, visit := range registered {
				if visit == e.Visit {
					delete(registered, name) // the client was started again
				}
			}
		case e.Kind == counter.Asked && e.Request.Is(scenario.Login):
			if visit := registered[e.Request.Fields[0]]; visit != 0 && visit != e.Visit {
				return wrong(e, "the login on the connection of the registration", "a new connection was opened for the login")
			}
		}
	}
	return s.forms(s.of(counter.Asked, asks(scenario.Login)))
}

func seeReached(s *seen) play.Result {
	if missed := s.of(counter.Unreached, anything); len(missed) > 0 {
		return play.Result{Outcome: play.Violated, Why: "nobody listens on the port of the login"}
	}
	if len(s.of(counter.Reached, anything)) == 0 {
		return unseen
	}
	return held
}

// forwarded gives the payments of peers that came to the server, and those that came
// changed, or more often than they were made.
func (s *seen) forwarded() (right, bad []counter.Event) {
	owed := map[string]int{}
	for _, e := range s.events {
		switch {
		case e.Kind == counter.Pays:
			owed[strings.TrimRight(string(e.Raw), "\r\n")]++
		case e.Kind != counter.Asked || !e.Request.Is(scenario.Payment) || e.Request.Fields[0] == e.Name:
		case owed[e.Request.Text] > 0:
			owed[e.Request.Text]--
			right = append(right, e)
		default:
			bad = append(bad, e)
		}
	}
	return right, bad
}

func seeForwarded(s *seen) play.Result {
	right, bad := s.forwarded()
	if len(bad) > 0 {
		return wrong(bad[0], "the payment as it came, once", "the payment was changed, or sent twice")
	}
	return s.forms(right)
}

func seeList(s *seen) play.Result {
	lists := s.of(counter.Asked, asks(scenario.List))
	var all []play.Result
	for _, e := range lists {
		r := s.form(e)
		if e.Request.Text == "LIST" && r.Outcome != play.Violated {
			r = play.Result{Outcome: play.Tolerated, Why: "the request is LIST", Finding: &play.Finding{Want: edition.List, Got: e.Raw, At: 1}}
		} else if e.Request.Text != edition.List {
			r = wrong(e, edition.List, "the request is spelt in another way")
		}
		all = append(all, r)
	}
	return worst(all)
}

func seePayment(s *seen) play.Result {
	paid := s.of(counter.Paid, anything)
	for _, e := range paid {
		if !e.Request.Is(scenario.Payment) || e.Request.Fields[2] != e.Peer {
			return wrong(e, "<payer>#<amount>#"+e.Peer, "the payee got something else than a payment to her")
		}
	}
	return s.forms(paid)
}

func seeKeyRead(s *seen) play.Result {
	if len(s.of(counter.Paid, anything)) == 0 {
		return unseen
	}
	return held
}

func seeGoesOn(s *seen) play.Result {
	for i, e := range s.events {
		if e.Kind != counter.Paid {
			continue
		}
		told := false
		for _, later := range s.events[i+1:] {
			switch {
			case later.Kind == counter.Told && strings.HasPrefix(later.Reply, "Transfer "):
				told = true
			case later.Kind == counter.Asked && !later.Request.Is(scenario.Payment) && !told:
				return held
			case later.Kind == counter.Asked && !later.Request.Is(scenario.Payment):
				return play.Result{Outcome: play.Tolerated, Why: "it was told that the payment counts"}
			}
		}
	}
	return unseen
}

func seeNotToServer(s *seen) play.Result {
	paid := false
	for _, e := range s.events {
		switch {
		case e.Kind == counter.Paid:
			paid = true
		case e.Kind == counter.Asked && e.Request.Is(scenario.Payment) && e.Request.Fields[0] == e.Name:
			return wrong(e, "no payment of the payer's own at the server", "the payer sent the payment to the server")
		case e.Kind == counter.Asked && paid:
			return held
		}
	}
	return unseen
}

func seeTwice(s *seen) play.Result {
	right, _ := s.forwarded()
	if len(right) < 2 || len(s.of(counter.Paid, asks(scenario.Payment))) < 2 {
		return unseen
	}
	return held
}

func seeRefused(s *seen) play.Result { return s.after(edition.Fail) }

// after looks at what follows a refusal on the same connection.
func (s *seen) after(refusal string) play.Result {
	for i, e := range s.events {
		if e.Kind != counter.Told || e.Reply != refusal {
			continue
		}
		n := slices.IndexFunc(s.events[i+1:], func(later counter.Event) bool {
			return later.Visit == e.Visit && (later.Kind == counter.Asked || later.Kind == counter.Left)
		})
		if n >= 0 && s.events[i+1+n].Kind == counter.Asked {
			return held
		}
	}
	return unseen
}

func seeNoLogin(s *seen) play.Result {
	refused := false
	for _, e := range s.events {
		switch {
		case e.Kind == counter.Told && e.Reply == edition.AuthFail:
			refused = true
		case !refused:
		case e.Kind == counter.Paid:
			return wrong(e, "no payment before a login", "a payment was made after the login was refused")
		case e.Kind == counter.Asked && (e.Request.Is(scenario.Register) || e.Request.Is(scenario.Login)):
			return held
		}
	}
	return unseen
}

func seeExit(s *seen) play.Result {
	exits := s.of(counter.Asked, func(e counter.Event) bool { return e.Request.Is(scenario.Exit) && e.Name != "" })
	var all []play.Result
	for _, e := range exits {
		r := s.form(e)
		if e.Request.Text != edition.Exit && r.Outcome != play.Violated {
			r = play.Result{Outcome: play.Tolerated, Why: "the request is " + e.Request.Text, Finding: &play.Finding{Want: edition.Exit, Got: e.Raw, At: 0}}
		}
		all = append(all, r)
	}
	return worst(all)
}
