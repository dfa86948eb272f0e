package model

import "paycheck/spec/edition"

func (p *step) login() {
	account, known := p.s.Accounts[p.r.Name]
	notIn := []string{edition.OK}
	switch {
	case !Plain(p.r.Name):
		p.unanswered("19 d")
		if len(p.s.Odd) > 0 { // perhaps that name, perhaps cut short
			p.unknown("19 d")
		}
		if len(p.r.Text) > long {
			p.loosen()
		}
	case p.s.shadowed(p.r.Name):
		p.unanswered("19 d")
		p.unknown("19 d")
		if known {
			p.enters("19 d", p.r.Number.Value)
		}
	case p.r.Number.Form == Padded:
		p.unanswered("LOG-6")
		if known {
			p.enters("LOG-6", p.r.Number.Value)
		}
	case p.r.Number.Form != Proper:
		p.unanswered("LOG-6", notIn...)
		if known {
			n := len(p.all)
			p.enters("LOG-6", AnyPort)
			for i := n; i < len(p.all); i++ {
				p.all[i].Next = p.all[i].Next.breaking("LOG-6")
			}
		}
	case !known:
		p.add("LOG-2", Want{Kind: Line, Text: edition.AuthFail}, p.s)
		if p.conn.Name != "" {
			p.add("19 a", Want{Kind: Line}, p.s)
		}
	default:
		p.enters("LOG-1", p.r.Number.Value)
		if account.On != "" || p.conn.Name != "" || p.conn.Unknown {
			p.add("19 a", Want{Kind: Line}, p.s)
			if account.On != "" {
				p.closes("19 a", p.s)
			}
		}
	}
}

// enters are the outcomes of a login that succeeds. Who was logged in on the
// connection before is offline then, or not before the connection ends.
func (p *step) enters(by string, port int64) {
	a := p.s.Accounts[p.r.Name]
	before, on := p.s.Accounts[p.conn.Name]
	where := "LST-6"
	if a.On != "" {
		where = "LST-8" // taken over
	}
	a.On, a.Address, a.Port, a.Where = p.who, p.conn.Address, int(port), where
	in := func(s State) {
		s = s.withAccount(p.r.Name, a).withConn(p.who, Conn{Address: p.conn.Address, Name: p.r.Name})
		p.add(by, Want{Kind: AList, List: s.list(p.r.Name)}, s)
	}
	if !on || p.conn.Name == p.r.Name || before.On != p.who {
		in(p.s)
		return
	}
	before.On, before.Where = "", "EXT-2"
	in(p.s.withAccount(p.conn.Name, before))
	in(p.s)
}

// unknown is the outcome of a login under a name that nobody can tell.
func (p *step) unknown(by string) {
	l := p.s.list("")
	l.AnyBalance = true
	l.Unknown++
	p.add(by, Want{Kind: AList, List: l}, p.s.withConn(p.who, Conn{Address: p.conn.Address, Unknown: true}))
}
