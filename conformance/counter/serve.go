package counter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"paycheck/conformance/secure"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// join is how long bytes that came are left lying, for the rest of their request. A
// client writes a request at once; one that takes two writes for it is to be
// understood too.
const (
	join    = 2 * time.Millisecond
	joinOdd = 50 * time.Millisecond // if what is there is no request
)

// attend hands on what comes on a connection of the client, a request at a time.
func (c *Counter) attend(conn *wire.Conn, id *secure.Identity, wake chan struct{}, came func([]byte), left func(reset bool)) {
	for range wake {
		for data := conn.Unread(); len(data) > 0; data = conn.Unread() {
			data = c.whole(conn, id, wake, data)
			c.mu.Lock()
			conn.Take(len(data))
			came(data)
			c.mu.Unlock()
		}
		if ended, reset := conn.Ended(); ended || conn.Deaf() {
			c.mu.Lock()
			left(reset)
			c.mu.Unlock()
			return
		}
	}
}

// whole waits for the rest of what has begun to come.
func (c *Counter) whole(conn *wire.Conn, id *secure.Identity, wake chan struct{}, data []byte) []byte {
	for {
		pause := join
		if r, _ := read(data, id, c.cfg.Edition); r.Odd {
			pause = joinOdd
		}
		select {
		case <-wake:
		case <-time.After(pause):
		}
		more := conn.Unread()
		if len(more) == len(data) {
			select {
			case wake <- struct{}{}: // the end of the connection may have been what woke us
			default:
			}
			return data
		}
		data = more
	}
}

// asked takes one request of the client; c.mu is held.
func (c *Counter) asked(v *visit, raw []byte) {
	if strings.Trim(string(raw), "\r\n\x00") == "" {
		return // the late ending of a request, or padding
	}
	r, block := read(raw, v.id, c.cfg.Edition)
	if block != "" {
		raw = []byte(r.Text + r.Tail)
	}
	c.happens(Event{Kind: Asked, Visit: v.number, Name: v.name, Raw: raw, Block: block, Request: r})
	if r.Is(scenario.Payment) {
		c.book(r)
		return
	}
	v.asks = true
	if i := slices.Index(c.held, r.Kind); !r.Odd && i >= 0 {
		c.held = slices.Delete(c.held, i, i+1)
		return
	}
	if c.mute {
		return
	}
	reply, bye := c.answer(v, r)
	c.tell(v, reply)
	if bye {
		_ = v.conn.Close() // the client may have closed it before
	}
}

// answer does what a request asks for, and gives the reply; bye: the connection ends.
func (c *Counter) answer(v *visit, r wire.Request) (reply string, bye bool) {
	switch {
	case r.Is(scenario.Register):
		name := r.Fields[0]
		if c.accounts[name] != nil {
			return edition.Fail, false
		}
		c.accounts[name] = &account{balance: c.deposit(r)}
		return edition.OK, false
	case r.Is(scenario.Login):
		a := c.accounts[r.Fields[0]]
		if a == nil {
			return edition.AuthFail, false
		}
		_, remote := v.conn.Ends()
		c.logout(r.Fields[0])
		v.name, a.ip, a.port = r.Fields[0], remote.Addr().String(), int(r.Number())
		c.online = append(c.online, v.name)
		return c.list(v), false
	case r.Is(scenario.Exit):
		c.logout(v.name)
		v.name = ""
		return edition.Bye, true
	case r.Is(scenario.List) && (v.name != "" || c.public):
		return c.list(v), false
	case r.Is(scenario.List):
		return edition.LoginFirst, false
	}
	return edition.Malformed, false
}

func (c *Counter) deposit(r wire.Request) int64 {
	if len(r.Fields) == 2 {
		var n int64
		if _, err := fmt.Sscan(r.Fields[1], &n); err == nil {
			return n
		}
	}
	return c.cfg.Edition.InitialBalance
}

func (c *Counter) logout(name string) {
	c.online = slices.DeleteFunc(c.online, func(other string) bool { return other == name })
}

// list is the list for who asks on that visit, logged in or not. A peer is at the address at which the
// client has reached the server, unless it has one of its own.
func (c *Counter) list(v *visit) string {
	here, _ := v.conn.Ends()
	balance := c.cfg.Edition.InitialBalance
	if a := c.accounts[v.name]; a != nil { // nobody else is logged in
		balance = a.balance
	}
	lines := []string{fmt.Sprint(balance)}
	if c.cfg.Edition.KeyLine && !c.cfg.Manner.NoKey {
		lines = append(lines, c.keyLine())
	}
	lines = append(lines, fmt.Sprint(len(c.online)))
	for _, name := range c.online {
		a := c.accounts[name]
		ip := a.ip
		if ip == "" {
			ip = here.Addr().String()
		}
		lines = append(lines, fmt.Sprintf("%s#%s#%d", name, ip, a.port))
	}
	return strings.Join(lines, "\n")
}

// book carries out a payment, and tells the payer if that is the manner; c.mu is held.
func (c *Counter) book(r wire.Request) {
	payer, payee := c.accounts[r.Fields[0]], c.accounts[r.Fields[2]]
	amount := r.Number()
	ok := payer != nil && payee != nil && payer.balance >= amount
	if ok {
		payer.balance -= amount
		payee.balance += amount
	}
	if c.cfg.Manner.Notice {
		c.notify(r.Fields[0], ok)
	}
}

func (c *Counter) notify(name string, ok bool) {
	text := edition.TransferFail
	if ok {
		text = edition.TransferOK
	}
	for _, v := range c.visits {
		if v.name == name && !v.ended {
			c.tell(v, text)
		}
	}
}

// tell sends one reply as one write; c.mu is held.
func (c *Counter) tell(v *visit, text string) {
	v.asks = false
	_ = v.conn.Send([]byte(c.ended(text))) // that the client has gone is seen where it is read
	c.happens(Event{Kind: Told, Visit: v.number, Name: v.name, Reply: text})
}

// ended gives lines their ends.
func (c *Counter) ended(text string) string {
	end := c.cfg.Manner.end()
	return strings.ReplaceAll(text, "\n", end) + end
}

// left notes the end of a visit; c.mu is held.
func (c *Counter) left(v *visit, reset bool) {
	name := v.name
	c.logout(name)
	v.ended, v.name = true, ""
	c.happens(Event{Kind: Left, Visit: v.number, Name: name, Reset: reset})
	if !v.conn.Deaf() {
		_ = v.conn.Close() // the client has done so before
	}
}
