package client

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"paycheck/reference/secure"
	"paycheck/reference/wire"
)

// showEvent is what the user reads of an event.
func showEvent(e Event) string {
	switch e.Kind {
	case Paid:
		// The server tells the payee nothing, so only the balance can show more.
		return fmt.Sprintf("%s paid you %d. The list shows whether it counts.", e.Payment.Payer, e.Payment.Amount)
	case Waiting:
		return "Waiting for the server, perhaps for a free place."
	case Ignored:
		return "Ignored: " + clean(e.Text)
	}
	return "The server says: " + clean(e.Text)
}

// showList is what the user reads of a list. One line each: balance, key, number
// online, accounts, and what is wrong with it.
func showList(reply wire.Reply, me string) string {
	var b strings.Builder
	list := reply.Listing
	fmt.Fprintf(&b, "Balance: %d\n", list.Balance)
	if list.Key != "" {
		fmt.Fprintf(&b, "Key: %s\n", clean(list.Key))
	}
	fmt.Fprintf(&b, "Online: %d\n", len(list.Online))
	for _, e := range list.Online {
		you := ""
		if e.Name == me {
			you = "  (you)"
		}
		fmt.Fprintf(&b, "  %-16s  %-15s  %5d%s\n", clean(e.Name), clean(e.IP), e.Port, you)
	}
	for _, line := range reply.Odd {
		fmt.Fprintf(&b, "  not understood: %s\n", clean(line))
	}
	if reply.Err != nil {
		fmt.Fprintf(&b, "Careful: %v\n", reply.Err)
	}
	return b.String()
}

// meanings explains the replies that refuse something.
var meanings = map[string]string{
	"210": "the name is taken",
	"220": "nobody has registered that name",
	"230": "it does not understand the request",
}

// showError is what the user reads of a command that failed.
func showError(err error) string {
	var refused *Refused
	if !errors.As(err, &refused) {
		return err.Error()
	}
	text := "the server says: " + clean(refused.Reply.Line)
	if meaning := meanings[refused.Reply.Code()]; meaning != "" {
		text += " (" + meaning + ")"
	}
	return text
}

// showKeys is what the user reads of the keys, which can be compared with what the
// other end says; nothing in the clear.
func showKeys(c *Client) string {
	if c.ServerKey == nil {
		return ""
	}
	met := "known"
	if c.NewServer {
		met = "new, remembered from now on"
	}
	return fmt.Sprintf("\nThe server's key (%s): %s\nMy own key: %s", met,
		secure.Fingerprint(c.ServerKey), secure.Fingerprint(c.config.Identity.Public()))
}

// showTraffic is the last line of a session.
func showTraffic(c *Client) string {
	return fmt.Sprintf("Wrote %d bytes and read %d bytes in %v.",
		c.Traffic.Written.Load(), c.Traffic.Read.Load(), c.Elapsed().Round(time.Millisecond))
}
