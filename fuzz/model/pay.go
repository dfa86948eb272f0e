package model

// pay gives the outcomes of a payment. It has no reply; the news of it goes to the
// payer, or to whoever sent it (PAY-3, PAY-4).
func (p *step) pay() {
	payer, paid := p.s.Accounts[p.r.Name]
	payee, gets := p.s.Accounts[p.r.Payee]
	n := p.r.Number
	covered := n.Value <= payer.Balance
	switch {
	case !Plain(p.r.Name) || !Plain(p.r.Payee):
		p.refused("PAY-6")
		p.closes("FRM-9", p.s)
		if len(p.s.Odd) > 0 {
			p.half(n)
		}
		if len(p.r.Text) > long {
			p.loosen()
		}
	case p.s.shadowed(p.r.Name) || p.s.shadowed(p.r.Payee):
		p.refused("19 d")
		if paid && gets {
			p.booked("19 d", p.s, none)
		}
		p.half(n)
	case n.Form == NoNumber:
		p.refused("PAY-10")
		p.closes("FRM-9", p.s)
	case !paid || !gets:
		p.refused("PAY-6")
	case p.r.Name == p.r.Payee:
		p.refused("PAY-7")
	case n.Form == Zero:
		p.refused("PAY-9")
	case n.Form == Negative:
		p.refused("PAY-9")
		p.booked("PAY-9", p.s.breaking("PAY-9"), none)
	case payee.On != p.who || p.conn.Name != p.r.Payee:
		p.refused("PAY-11")
		if payee.On == p.who || p.conn.Name == p.r.Payee || p.conn.Unknown { // logged in twice, or taken over: 19 a
			p.booked("PAY-11", p.s, none)
		} else {
			p.booked("PAY-11", p.s.breaking("PAY-11"), none)
		}
	case !covered && payer.On == ghost: // who is told of it may be gone
		p.refused("PAY-8")
		p.booked("PAY-8", p.s.breaking("PAY-8"), none)
	case !covered:
		p.news("PAY-8", newsBad, p.moneyBy("PAY-8"))
		p.news("PAY-8", noNews, p.moneyBy("PAY-8").breaking("PAY-4"))
		p.booked("PAY-8", p.s.breaking("PAY-8"), none)
	case n.Form == Padded, n.Form == Large, payer.On == "" || payer.On == ghost:
		p.booked("PAY-1", p.s, none)
		p.refused("PAY-1")
	default:
		p.booked("PAY-1", p.s, newsOK)
		p.booked("PAY-1", p.s.breaking("PAY-3"), noNews)
	}
}

// none: whatever is told of a payment, or nothing.
const none = ""

func (p *step) news(by, text string, next State) { p.add(by, Want{Kind: None, Text: text}, next) }

// refused is the outcome of a payment that changes nothing. It may be called OK, where
// it has no effect.
func (p *step) refused(by string) { p.news(by, none, p.moneyBy(by)) }

// moneyBy notes on which requirement the two balances rest from now on.
func (p *step) moneyBy(by string) State {
	s := p.s
	for _, name := range []string{p.r.Name, p.r.Payee} {
		if a, ok := s.Accounts[name]; ok {
			a.Money = by
			s = s.withAccount(name, a)
		}
	}
	return s
}

// booked is the outcome of a payment that counts.
func (p *step) booked(by string, s State, news string) {
	payer := s.Accounts[p.r.Name]
	payer.Balance -= p.r.Number.Value
	payer.Money = by
	s = s.withAccount(p.r.Name, payer)
	payee := s.Accounts[p.r.Payee]
	payee.Balance += p.r.Number.Value
	payee.Money = by
	p.news(by, news, s.withAccount(p.r.Payee, payee))
}

// half are the outcomes of a payment of which one party, or both, may be an account
// with a name that nobody can tell.
func (p *step) half(n Number) {
	for name, amount := range map[string]int64{p.r.Name: -n.Value, p.r.Payee: n.Value} {
		if a, ok := p.s.Accounts[name]; ok && n.Form != NoNumber {
			a.Balance += amount
			p.news("19 d", none, p.s.withAccount(name, a))
		}
	}
}
