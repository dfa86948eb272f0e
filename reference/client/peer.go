package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"paycheck/reference/wire"
)

// accept serves peers until the client is closed, each in a goroutine of its own,
// so that none can keep another waiting.
func (c *Client) accept(listener net.Listener) {
	context.AfterFunc(c.ctx, func() { _ = listener.Close() })
	c.peers.Go(func() {
		for {
			conn, err := listener.Accept()
			switch {
			case err == nil:
				c.peers.Go(func() { c.serve(c.asPeer(metered{conn, &c.Traffic})) })
			case errors.Is(err, net.ErrClosed):
				return
			default:
				time.Sleep(AcceptPause)
			}
		}
	})
}

// serve reads payments from a peer until it leaves, is silent for too long, or
// sends something else.
func (c *Client) serve(conn net.Conn) {
	defer context.AfterFunc(c.ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	if err := greet(c.ctx, conn); err != nil {
		c.config.Tell(Event{Kind: Ignored, Text: fmt.Sprintf("a peer at %s: %v", conn.RemoteAddr(), cause(err))})
		return
	}
	var framer wire.Framer
	buffer := make([]byte, 2*wire.MaxRequest)
	for {
		limit := PeerIdle
		if framer.Pending() {
			limit = wire.Pause
		}
		_ = conn.SetReadDeadline(time.Now().Add(limit)) // fails only once it is closed
		n, err := conn.Read(buffer)
		messages := framer.Feed(buffer[:n])
		paused := errors.Is(err, os.ErrDeadlineExceeded) && framer.Pending()
		if err != nil {
			messages = append(messages, framer.Paused()...)
		}
		for _, text := range messages {
			if err := c.paid(text); err != nil {
				c.config.Tell(Event{Kind: Ignored, Text: fmt.Sprintf("%v, from %s: %.40q", err, conn.RemoteAddr(), text)})
				return
			}
		}
		if err != nil && !paused {
			return
		}
	}
}

// paid passes a payment on to the server, as it came.
func (c *Client) paid(text string) error {
	text, err := c.unseal(text)
	if err != nil {
		return err
	}
	request, err := wire.Parse(text, c.config.Edition)
	payment, ok := request.(wire.Payment)
	switch {
	case text == "":
		return nil // an ending, or padding, that came late
	case err != nil || !ok || payment.Amount == 0:
		return errors.New("no payment")
	case payment.Payee != c.name:
		return errors.New("not for me")
	}
	if err := c.link.forward(c.ctx, payment); err != nil {
		return fmt.Errorf("not passed on: %w", err)
	}
	c.config.Tell(Event{Kind: Paid, Payment: payment})
	return nil
}
