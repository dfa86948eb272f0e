package model

import (
	"slices"

	"paycheck/spec/edition"
)

// An Outcome is one way in which a request may be answered.
type Outcome struct {
	Want Want
	Next State
	By   string // the requirement, or the point of section 19, that says so
}

// A step is one request in one state, while its outcomes are collected.
type step struct {
	s    State
	who  string
	conn Conn
	r    Request
	e    edition.Edition
	all  []Outcome
}

// Step gives what may be answered to a request that a client sends on its connection,
// the usual first. An outcome that breaks a requirement which servers often break says
// so in its state, so that a server can be followed beyond that.
func Step(s State, who string, r Request, e edition.Edition) []Outcome {
	p := &step{s: s, who: who, conn: s.Conns[who], r: r, e: e}
	if p.conn.Loose {
		if s.Accounts[p.conn.Name].On != who {
			p.conn.Name = "" // as on a new connection, or not at all
		}
		p.carryOut()
		p.all = slices.DeleteFunc(p.all, func(o Outcome) bool { return o.Next.Broke != s.Broke }) // nothing is asked there
		p.ignored()
		return p.all
	}
	p.carryOut()
	return p.all
}

func (p *step) carryOut() {
	switch p.r.Kind {
	case Register:
		p.register()
	case Login:
		p.login()
	case List:
		p.list()
	case Exit:
		p.exit()
	case Payment:
		p.pay()
	default:
		p.malformed()
	}
}

// add is one outcome more.
func (p *step) add(by string, w Want, next State) {
	p.all = append(p.all, Outcome{w, next, by})
}

// closes is the outcome that the server ends the connection in place of an answer.
func (p *step) closes(by string, next State) {
	p.add(by, Want{Kind: Closed}, next.End(p.who))
}

// unanswered are the outcomes of a request that changes nothing and that may be
// refused in any way, or with silence.
func (p *step) unanswered(by string, not ...string) {
	p.add(by, Want{Kind: Line, Not: not}, p.s)
	p.add(by, Want{Kind: None}, p.s)
	p.closes(by, p.s)
}

// ignored are the outcomes on a connection after Bye, where a server may answer what
// still comes, or not (section 19, b).
func (p *step) ignored() {
	p.unanswered("19 b")
	p.add("19 b", Want{Kind: AList}, p.s)
}

// malformed requests are refused without any change (FRM-9), silence being tolerated.
func (p *step) malformed() {
	p.unanswered("FRM-9")
	p.add("FRM-9", Want{Kind: AList}, p.s.breaking("FRM-9"))
	if len(p.r.Text) > long {
		p.loosen()
	}
}

// long is from where a server may read a request in pieces, or cut it short: what
// follows on the connection is open then.
const long = 500

// loosen leaves open what is answered on the connection from here on.
func (p *step) loosen() {
	for i, o := range p.all {
		if c, ok := o.Next.Conns[p.who]; ok {
			c.Loose = true
			p.all[i].Next = o.Next.withConn(p.who, c)
		}
	}
}

func (p *step) register() {
	account, taken := p.s.Accounts[p.r.Name]
	ok, fail := Want{Kind: Line, Text: edition.OK}, Want{Kind: Line, Text: edition.Fail}
	switch {
	case !Plain(p.r.Name) || p.e.Deposit && p.r.Number.Form != Proper:
		s := p.s
		s.Odd = append(append([]string(nil), s.Odd...), p.r.Name)
		p.unanswered("19 d", edition.OK)
		p.add("19 d", ok, s)
		if len(p.r.Text) > long {
			p.loosen()
		}
	case p.s.shadowed(p.r.Name):
		s := p.s
		s.Odd = append(append([]string(nil), s.Odd...), p.r.Name)
		p.add("19 d", fail, s)
		if !taken {
			account = p.opened()
		}
		p.add("19 d", ok, s.withAccount(p.r.Name, account))
	case taken:
		p.add("REG-2", fail, p.s)
		if p.conn.Name != "" {
			p.add("REG-2", Want{Kind: Line, Not: []string{edition.OK}}, p.s)
		}
	default:
		p.add("REG-1", ok, p.s.withAccount(p.r.Name, p.opened()))
		if p.conn.Name != "" {
			p.add("19 a", Want{Kind: Line, Not: []string{edition.OK}}, p.s)
		}
	}
}

// opened is a new account (REG-4).
func (p *step) opened() Account {
	balance := p.e.InitialBalance
	if p.e.Deposit {
		balance = p.r.Number.Value
	}
	return Account{Balance: balance, Money: "REG-4", Where: "LST-8"}
}

// list is what an asker may see in a state.
func (s State) list(asker string) *Listing {
	l := &Listing{Balance: s.Accounts[asker].Balance, Entries: map[string]Entry{}, Unknown: s.Fading}
	for name, a := range s.Accounts {
		switch e := (Entry{Name: name, Address: a.Address, Port: a.Port}); a.On {
		case "":
		case ghost:
			if l.Optional == nil {
				l.Optional = map[string]Entry{}
			}
			l.Optional[name] = e
		default:
			l.Entries[name] = e
		}
	}
	for _, c := range s.Conns {
		if c.Unknown {
			l.Unknown++
		}
	}
	return l
}

func (p *step) list() {
	account := p.s.Accounts[p.conn.Name]
	switch {
	case p.conn.Unknown:
		l := p.s.list("")
		l.AnyBalance = true
		p.add("LST-1", Want{Kind: AList, List: l}, p.s)
		p.add("LST-1", Want{Kind: Line}, p.s)
	case p.conn.Name == "":
		p.add("LST-9", Want{Kind: Line, Text: edition.LoginFirst}, p.s)
		p.add("LST-9", Want{Kind: Line}, p.s)
		broken := p.s.breaking("LST-9")
		p.add("LST-9", Want{Kind: AList}, broken)
		p.add("LST-9", Want{Kind: None}, broken)
		p.closes("LST-9", broken)
	case account.On != p.who: // somebody else has taken the account over
		p.unanswered("19 a")
		l := p.s.list(p.conn.Name)
		p.add("19 a", Want{Kind: AList, List: l}, p.s)
	default:
		p.add("LST-1", Want{Kind: AList, List: p.s.list(p.conn.Name)}, p.s)
	}
}

// exit takes offline who is logged in on the connection, and says Bye.
func (p *step) exit() {
	by := "EXT-3"
	if p.conn.Name != "" || p.conn.Unknown {
		by = "EXT-1"
	}
	left := p.s.offline(p.who, "", "EXT-2").withConn(p.who, Conn{Address: p.conn.Address, Loose: true})
	states := []State{left}
	// Where somebody else has taken the account over, it may go offline all the same.
	if a, ok := p.s.Accounts[p.conn.Name]; ok && a.On != p.who && a.On != "" {
		a.On, a.Where = "", "EXT-2"
		states = append(states, left.withAccount(p.conn.Name, a))
	}
	for _, s := range states {
		p.add(by, Want{Kind: Line, Text: edition.Bye}, s)
	}
	for _, s := range states {
		if by == "EXT-3" {
			p.closes(by, s)
		} else {
			p.closes(by, s.breaking(by))
		}
		p.add(by, Want{Kind: Line}, s.breaking(by))
		p.add(by, Want{Kind: None}, s.breaking(by))
	}
}
