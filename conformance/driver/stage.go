package driver

import (
	"fmt"
	"strings"
	"time"
)

// A Stage is a server and a payee for one process of a client that nothing is known
// of: polite ones, who take any ending of a request. It is safe for use by several
// goroutines.
type Stage interface {
	// Values are those of this stage: its server's, its payee's, and a name that nobody
	// has registered.
	Values() Values
	// Connected reports whether the client has connected to the server.
	Connected() bool
	// Heard is what the client has sent so far, to the server and to the payee.
	Heard() []Message
	// Nudge is called when the client has waited for a peer for a while, and says to it what
	// it may be waiting for: a greeting, or that a transfer went well. False: there is
	// nothing to say.
	Nudge() bool
	Close()
}

// A Message is what a client has sent at one go, without its ending.
type Message struct {
	At      time.Time
	ToPayee bool
	Text    string
}

// brings reports whether the message is what the operation has to bring.
func (v Values) brings(op Op, m Message) bool {
	switch op {
	case Register:
		return m.Text == "REGISTER#"+v.Name || strings.HasPrefix(m.Text, "REGISTER#"+v.Name+"#")
	case Login:
		return m.Text == fmt.Sprintf("%s#%d", v.Name, v.LoginPort)
	case List:
		return strings.EqualFold(m.Text, "List")
	case Pay:
		return m.ToPayee && strings.Contains(m.Text, fmt.Sprintf("%s#%d#%s", v.Name, v.Amount, v.Payee))
	case Exit:
		return strings.EqualFold(m.Text, "Exit")
	}
	return false
}
