package server

import (
	"errors"

	"paycheck/reference/ledger"
	"paycheck/reference/secure"
	"paycheck/reference/wire"
	"paycheck/spec/edition"
)

// publicKey stands for the server's public key where there is no encryption. Any one
// line will do (protocol.md, LST-3).
const publicKey = "public key"

// errExit ends a session whose client has said Exit.
var errExit = errors.New("the client has said Exit")

// handle answers one request, and says whether the session goes on.
func (s *session) handle(text string) (more bool) {
	s.Console.Say(Everything, "[%s] from %s", printable(text), s.at)
	reply, err := s.answer(text)
	if err != nil && !errors.Is(err, errExit) {
		s.Console.Say(Events, "%s is cut off: %v", s.at, err)
	}
	if reply != nil && s.write(reply) != nil {
		return false
	}
	return err == nil
}

// answer does what a request asks for, and returns the reply if it has one. An
// error ends the session.
func (s *session) answer(text string) (reply []byte, err error) {
	if s.Identity != nil && secure.Sealed(text) {
		return s.unseal(text)
	}
	request, err := wire.Parse(text, s.Edition)
	if err != nil {
		return wire.Line(edition.Malformed), nil
	}
	switch r := request.(type) {
	case wire.Register:
		return s.register(r)
	case wire.Login:
		return s.login(r)
	case wire.List:
		return s.list()
	case wire.Payment:
		return s.pay(r)
	default: // wire.Exit
		return s.exit()
	}
}

// register makes an account. It logs nobody in (protocol.md, section REG).
func (s *session) register(r wire.Register) ([]byte, error) {
	balance := s.Edition.InitialBalance
	if s.Edition.Deposit {
		balance = r.Deposit
	}
	err := s.Ledger.Register(r.Name, balance)
	if errors.Is(err, ledger.ErrTaken) {
		return wire.Line(edition.Fail), nil
	}
	if err != nil {
		return nil, err
	}
	s.Console.Say(Events, "%s registered", r.Name)
	return wire.Line(edition.OK), nil
}

// login brings an account online, here and nowhere else. Another account that was
// logged in on this connection is logged out.
func (s *session) login(r wire.Login) ([]byte, error) {
	err := s.Ledger.Login(r.Name, s.presence(r.Port))
	if errors.Is(err, ledger.ErrUnknown) {
		return wire.Line(edition.AuthFail), nil
	}
	if err != nil {
		return nil, err
	}
	if s.name != r.Name {
		if err := s.logout("logged out"); err != nil {
			return nil, err
		}
	}
	s.name = r.Name
	s.sayOnline("%s logged in from %s, port %d", r.Name, s.at, r.Port)
	return s.listing(), nil
}

func (s *session) list() ([]byte, error) {
	if !s.holds(s.name) {
		return wire.Line(edition.LoginFirst), nil
	}
	return s.listing(), nil
}

// exit says goodbye. The account is offline before the client reads it.
func (s *session) exit() ([]byte, error) {
	if err := s.logout("logged out"); err != nil {
		return nil, err
	}
	return wire.Line(edition.Bye), errExit
}

// pay carries out a payment for the payee, and tells the payer what came of it; if
// that one cannot be told of a refusal, the sender is.
func (s *session) pay(p wire.Payment) ([]byte, error) {
	if !s.holds(s.name) {
		return wire.Line(edition.LoginFirst), nil
	}
	err := s.Ledger.Pay(p.Payer, p.Amount, p.Payee, s.id)
	if err == nil {
		s.Console.Say(Everything, "%s paid %d to %s", p.Payer, p.Amount, p.Payee)
		s.tell(p.Payer, wire.Line(edition.TransferOK))
		return nil, nil
	}
	if !errors.Is(err, ledger.ErrRefused) {
		return nil, err
	}
	s.Console.Say(Everything, "%v", err)
	if p.Payer != s.name && s.tell(p.Payer, wire.Line(edition.TransferFail)) {
		return nil, nil
	}
	return wire.Line(edition.TransferFail), nil
}

// listing is the list for the account that is logged in here. It is good until the
// next one: a server makes so many that it pays to use their memory again.
func (s *session) listing() []byte {
	account, online := s.Ledger.Snapshot(s.name)
	l := wire.Listing{Balance: account.Balance}
	if s.Edition.KeyLine {
		l.Key = s.keyLine
	}
	s.last = l.AppendTo(s.last[:0], s.encodeOnline(online))
	return s.last
}

// A rendering is the part of the list that is the same for everybody, kept because
// most lists are asked for between two changes.
type rendering struct {
	of    *ledger.Online
	lines []byte
}

// encodeOnline renders who is online, or returns what was rendered last.
func (s *Server) encodeOnline(online *ledger.Online) []byte {
	if last := s.rendered.Load(); last != nil && last.of == online {
		return last.lines
	}
	entries := make([]wire.Entry, len(online.Accounts))
	for i, a := range online.Accounts {
		entries[i] = wire.Entry{Name: a.Name, IP: a.Client.Addr().String(), Port: a.Port}
	}
	r := &rendering{online, wire.EncodeOnline(entries)}
	s.rendered.Store(r)
	return r.lines
}
