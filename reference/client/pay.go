package client

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"

	"paycheck/reference/wire"
)

// Pay sends a payment to the payee's client (the hand-out, 2.C(5)), at the address
// that the list has now, and returns that address. It waits for nothing after
// that: the server may tell later what became of it.
func (c *Client) Pay(ctx context.Context, payee string, amount int64) (string, error) {
	if c.name == "" {
		return "", ErrNotLoggedIn
	}
	reply, err := c.List(ctx)
	if err != nil {
		return "", err
	}
	online := reply.Listing.Online
	i := slices.IndexFunc(online, func(e wire.Entry) bool { return e.Name == payee })
	if i < 0 {
		return "", fmt.Errorf("%s is not online", payee)
	}
	address := net.JoinHostPort(online[i].IP, strconv.Itoa(online[i].Port))
	if err := c.send(ctx, address, wire.Payment{Payer: c.name, Amount: amount, Payee: payee}); err != nil {
		return "", fmt.Errorf("cannot reach %s at %s: %w", payee, address, err)
	}
	return address, nil
}

// send makes a connection of its own for one payment.
func (c *Client) send(ctx context.Context, address string, payment wire.Payment) error {
	conn, key, err := c.dialPeer(ctx, address)
	if err != nil {
		return err
	}
	request, err := seal(key, payment)
	if err != nil {
		_ = conn.Close() // nothing was said
		return err
	}
	if _, err := conn.Write(wire.Encode(request, c.config.Edition)); err != nil {
		_ = conn.Close() // the write has failed already
		return cause(err)
	}
	c.peers.Go(func() { drain(conn) })
	return nil
}

// drain ends a connection without resetting it: it says that no more will come,
// and reads until the peer closes too, but no longer than PeerLinger.
func drain(conn halfCloser) {
	_ = conn.CloseWrite() // if it fails, so does the read
	_ = conn.SetReadDeadline(time.Now().Add(PeerLinger))
	_, _ = io.Copy(io.Discard, conn)
	_ = conn.Close()
}
