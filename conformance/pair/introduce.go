package pair

import (
	"bytes"
	"fmt"

	"paycheck/conformance/door"
	"paycheck/conformance/wire"
	"paycheck/spec/scenario"
)

// introduce gives what is to become of what clients say to the server, and says so: into
// a login goes the port of a door before the client's own, at the address that the server
// sees.
func (h *house) introduce(port func() int) func(*link, []byte) ([]byte, string) {
	return func(l *link, data []byte) ([]byte, string) {
		p, r := l.from, wire.ReadRequest(data, h.edition)
		if !r.Is(scenario.Login) || r.Fields[0] != p.name {
			return nil, ""
		}
		own := int(r.Number())
		if err := h.stand(p, port, own); err != nil {
			return nil, "paycheck can't stand between " + p.nick + " and who pays: " + err.Error()
		}
		said, put := fmt.Sprintf("%s#%d", p.name, own), fmt.Sprintf("%s#%d", p.name, p.peers)
		return bytes.Replace(data, []byte(said), []byte(put), 1),
			fmt.Sprintf("the server is told port %d, where paycheck passes on what comes for %d", p.peers, own)
	}
}

// stand opens the doors by which a party's client is paid: one at the address that the
// server sees, and one for who looks for it at the server's.
func (h *house) stand(p *party, port func() int, own int) error {
	if p.peers != 0 {
		return nil
	}
	at := port()
	for _, ip := range []string{p.ip, loopback} {
		d, err := door.Open(ip, at)
		if err != nil {
			return err
		}
		opened := func() *link { return &link{from: h.payer(p), to: p, astray: ip != p.ip} }
		h.relay(d, opened, loopback, func() int { return own })
	}
	p.peers = at
	return nil
}

// payer is who connects to a party's client: there are two, and one does not connect to
// itself.
func (h *house) payer(to *party) *party {
	for _, p := range h.parties {
		if p != to {
			return p
		}
	}
	return to
}
