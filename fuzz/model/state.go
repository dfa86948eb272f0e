// Package model is the executable reading of spec/protocol.md: [Step] says what a
// server may answer to a request in a state, and which state it is in then. It is
// pure: no network, no clock, no choice. What the text leaves open is several
// outcomes. A [Set] follows all the states that a server can be in, given what it was
// seen to answer, and says which requirement is broken when there is none left.
package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A State is what a server knows, as far as a client can tell. It is a value: no
// function changes the one that it is given.
type State struct {
	Accounts map[string]Account
	Conns    map[string]Conn // those that are open, by client
	// Odd are the names outside of section 6 that were registered. What account they
	// have made is not known: a server may cut a name short (section 19, d).
	Odd []string
	// Fading is how many entries of names that nobody can tell may still be listed,
	// though their connections have ended.
	Fading int
	// Broke is the requirement that a server in this state has broken on its way here;
	// empty: none.
	Broke string
}

// An Account is one name with its balance.
type Account struct {
	Balance int64
	On      string // the client whose connection is logged in as it; empty: it is offline
	Address string
	Port    int    // AnyPort where the login had none that is one
	Money   string // the requirement that the balance last rested on
	Where   string // the one that its presence last rested on
}

// ghost is whose connection an account is logged in on when that connection has ended:
// whether the server has noticed is not known, so it may be listed or not (VAN-4).
const ghost = "?"

// AnyPort is the port of an account that logged in with none.
const AnyPort = -1

// A Conn is one connection of a client.
type Conn struct {
	Address string // where it comes from
	Name    string // of the account that it last logged in as, or empty
	// Loose: it has said Exit, or something so long that nobody can tell what was made of
	// it. What is answered on it is left open (section 19, b).
	Loose bool
	// Unknown: it may be logged in under a name outside of section 6.
	Unknown bool
}

// New is the state of a server that has just been started.
func New() State { return State{} }

// withAccount gives the state with one account changed.
func (s State) withAccount(name string, a Account) State {
	s.Accounts = maps.Clone(s.Accounts)
	if s.Accounts == nil {
		s.Accounts = map[string]Account{}
	}
	s.Accounts[name] = a
	return s
}

// withConn gives the state with one connection changed.
func (s State) withConn(who string, c Conn) State {
	s.Conns = maps.Clone(s.Conns)
	if s.Conns == nil {
		s.Conns = map[string]Conn{}
	}
	s.Conns[who] = c
	return s
}

// breaking gives the state with a requirement broken, if none was before.
func (s State) breaking(id string) State {
	if s.Broke == "" {
		s.Broke = id
	}
	return s
}

// Connect opens a connection from an address.
func (s State) Connect(who, address string) State { return s.withConn(who, Conn{Address: address}) }

// offline takes every account offline that is logged in on a client's connection, or
// leaves it for a ghost.
func (s State) offline(who, on, where string) State {
	for _, name := range s.names() {
		if a := s.Accounts[name]; a.On == who {
			a.On, a.Where = on, where
			s = s.withAccount(name, a)
		}
	}
	return s
}

// End ends a connection without Exit: who was logged in on it is offline, or will be
// soon (VAN-4).
func (s State) End(who string) State {
	if s.Conns[who].Unknown {
		s.Fading++
	}
	s.Conns = maps.Clone(s.Conns)
	delete(s.Conns, who)
	return s.offline(who, ghost, "VAN-4")
}

// Haunted reports whether an account is listed whose connection has ended.
func (s State) Haunted() bool {
	return s.Fading > 0 || slices.ContainsFunc(slices.Collect(maps.Values(s.Accounts)), func(a Account) bool { return a.On == ghost })
}

// Forget drops every account that is offline, where no later request asks for it.
func (s State) Forget() State {
	s.Accounts = maps.Clone(s.Accounts)
	maps.DeleteFunc(s.Accounts, func(_ string, a Account) bool { return a.On == "" })
	s.Odd = nil
	return s
}

// names lists the accounts in order.
func (s State) names() []string { return slices.Sorted(maps.Keys(s.Accounts)) }

// Sum is all the money there is.
func (s State) Sum() (sum int64) {
	for _, a := range s.Accounts {
		sum += a.Balance
	}
	return sum
}

// shadowed reports whether a name may mean another account: one whose name differs in
// letter case alone, or that a server has cut short (section 19, d).
func (s State) shadowed(name string) bool {
	for other := range s.Accounts {
		if other != name && strings.EqualFold(other, name) {
			return true
		}
	}
	return slices.ContainsFunc(s.Odd, func(odd string) bool {
		odd, name := strings.ToLower(odd), strings.ToLower(name)
		return strings.HasPrefix(odd, name) || strings.HasPrefix(name, odd)
	})
}

// Key tells states apart, whatever they have broken.
func (s State) Key() string {
	var b strings.Builder
	for _, name := range s.names() {
		a := s.Accounts[name]
		fmt.Fprintf(&b, "%s=%d,%s,%s,%d;", name, a.Balance, a.On, a.Address, a.Port)
	}
	for _, who := range slices.Sorted(maps.Keys(s.Conns)) {
		fmt.Fprintf(&b, "%s:%v;", who, s.Conns[who])
	}
	fmt.Fprintf(&b, "%q %d", s.Odd, s.Fading)
	return b.String()
}
