package counter

import (
	"errors"
	"slices"

	"paycheck/spec/scenario"
)

// What the owner of a counter does in its place.

// Hold leaves the next request of that kind to be answered by [Counter.Answer].
func (c *Counter) Hold(kind scenario.Kind) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = append(c.held, kind)
}

// Unhold takes back what [Counter.Hold] said and no request has used.
func (c *Counter) Unhold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = nil
}

// Mute leaves every request unanswered from now on, or no longer.
func (c *Counter) Mute(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = yes
}

// Publish gives the list to a client that is not logged in, too, or no longer.
func (c *Counter) Publish(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.public = yes
}

// ErrNobody says that no client is connected that could be told anything.
var ErrNobody = errors.New("counter: the client is not connected")

// Answer sends lines, joined by LF, to the client that waits for an answer, or that
// came last: each ends as all of the counter's do.
func (c *Counter) Answer(text string) error {
	return c.send(func(v *visit) { c.tell(v, text) })
}

// Bytes sends bytes as they are, as one write.
func (c *Counter) Bytes(data []byte) error {
	var failed error
	err := c.send(func(v *visit) {
		failed = v.conn.Send(data)
		c.happens(Event{Kind: Told, Visit: v.number, Name: v.name, Reply: string(data)})
	})
	return errors.Join(err, failed)
}

func (c *Counter) send(by func(*visit)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var to *visit
	for _, v := range c.visits {
		if !v.ended && (to == nil || v.asks || !to.asks) {
			to = v
		}
	}
	if to == nil {
		return ErrNobody
	}
	by(to)
	return nil
}

// Reply carries out the request that was held on the client's connection, and gives
// the lines that a polite server would answer, joined by LF, without sending them.
func (c *Counter) Reply() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := len(c.log) - 1; i >= 0; i-- {
		if e := c.log[i]; e.Kind == Asked {
			reply, _ := c.answer(c.visits[e.Visit-1], e.Request)
			return reply, nil
		}
	}
	return "", ErrNobody
}

// Notify tells a client that is logged in what has become of a payment.
func (c *Counter) Notify(name string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notify(name, ok)
}

// List puts a name into the list that nobody listens for.
func (c *Counter) List(name, ip string, port int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accounts[name] = &account{balance: c.cfg.Edition.InitialBalance, ip: ip, port: port}
	c.online = append(c.online, name)
}

// Ended gives lines, joined by LF, the ends that the counter's have.
func (c *Counter) Ended(text string) string { return c.ended(text) }

// Place is where in the list a name stands, from 1; 0: it is not there.
func (c *Counter) Place(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Index(c.online, name) + 1
}

// Unlist takes a name out of the list.
func (c *Counter) Unlist(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logout(name)
}
