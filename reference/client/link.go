package client

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"paycheck/reference/secure"
	"paycheck/reference/wire"
	"paycheck/spec/edition"
)

// ErrLost is in the chain of every error that the end of the server's connection
// causes.
var ErrLost = errors.New("the server is gone")

// A link is the connection to the server. It is in lock-step: whoever writes has
// the turn, and gives it back when the answer has come. So no request is ever
// behind another that the server may not have read.
type link struct {
	conn    net.Conn
	key     *rsa.PublicKey // that payments are sealed with; nil: they are not
	edition edition.Edition
	tell    func(Event)
	opened  time.Time
	turn    chan struct{} // holds one token, unless somebody has the turn
	gone    chan struct{} // closed when the connection has ended

	mu     sync.Mutex
	answer chan<- wire.Reply // where the next reply goes; nil: nothing is asked
	asked  wire.Request
	err    error // why it has ended
}

// newLink starts to read from a server.
func newLink(conn net.Conn, e edition.Edition, tell func(Event)) *link {
	l := &link{
		conn: conn, edition: e, tell: tell, opened: time.Now(),
		turn: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	l.giveTurn()
	go l.read()
	return l
}

// ask sends a request and waits for its reply. Where ctx ends the wait, the turn
// is not given back: nothing can be asked any more, since the reply to this is
// still to come.
func (l *link) ask(ctx context.Context, request wire.Request) (wire.Reply, error) {
	if err := l.takeTurn(ctx); err != nil {
		return wire.Reply{}, err
	}
	answer := l.expect(request)
	if err := l.write(request); err != nil {
		return wire.Reply{}, err
	}
	late := time.NewTimer(WaitingAfter)
	defer late.Stop()
	for {
		select {
		case reply := <-answer:
			if request != (wire.Exit{}) { // nothing may follow that
				l.giveTurn()
			}
			return reply, nil
		case <-late.C:
			l.tell(Event{Kind: Waiting})
		case <-l.gone:
			select {
			case reply := <-answer: // came just before the end
				return reply, nil
			default:
				return wire.Reply{}, l.err
			}
		case <-ctx.Done():
			return wire.Reply{}, fmt.Errorf("no answer to %.60q: %w", request.Text(), context.Cause(ctx))
		}
	}
}

// forward sends a payment that a peer made, and waits for nothing: a server does
// not answer the payee. The turn is free again after a [ForwardPause].
func (l *link) forward(ctx context.Context, payment wire.Payment) error {
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	request, err := seal(l.key, payment)
	if err == nil {
		err = l.write(request)
	}
	time.AfterFunc(ForwardPause, l.giveTurn)
	return err
}

// unanswered says whether a request is out.
func (l *link) unanswered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answer != nil
}

func (l *link) takeTurn(ctx context.Context) error {
	select {
	case <-l.turn:
		return nil
	case <-l.gone:
		return l.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *link) giveTurn() { l.turn <- struct{}{} }

// expect makes the next reply the answer to this request.
func (l *link) expect(request wire.Request) <-chan wire.Reply {
	answer := make(chan wire.Reply, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer, l.asked = answer, request
	return answer
}

// write sends one request in one write.
func (l *link) write(request wire.Request) error {
	if _, err := l.conn.Write(wire.Encode(request, l.edition)); err != nil {
		l.lose(err)
		return l.err
	}
	return nil
}

// read delivers replies until the connection ends.
func (l *link) read() {
	reader := wire.NewReplyReader(l.edition)
	buffer := make([]byte, 64<<10)
	for {
		var deadline time.Time
		if reader.Pending() {
			deadline = time.Now().Add(ReplyPause)
		}
		_ = l.conn.SetReadDeadline(deadline) // fails only once the connection is closed
		n, err := l.conn.Read(buffer)
		replies := reader.Feed(buffer[:n])
		if err != nil {
			replies = append(replies, reader.Paused()...)
		}
		l.deliver(replies)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			l.lose(err)
			return
		}
	}
}

// deliver sorts what one read brought: one reply goes to whoever asked, the rest is
// told to the user. The answer is handed over last: it lets the next request out, to
// which nothing of this may be the reply.
func (l *link) deliver(replies []wire.Reply) {
	hand := func() {}
	for _, reply := range replies {
		l.mu.Lock()
		answer := l.answer
		unasked := answer == nil || reply.Notice() || l.greeting(reply)
		if !unasked {
			l.answer = nil
		}
		l.mu.Unlock()
		switch {
		case reply.Notice():
			l.tell(Event{Kind: Notice, Text: reply.Line})
		case unasked:
			l.tell(Event{Kind: Said, Text: reply.Line})
		default:
			hand = func() { answer <- reply }
		}
	}
	hand()
}

// greeting says whether a line is one that a server says of its own accord to a
// client that connects. List and Exit may be refused, or answered, in any words.
func (l *link) greeting(reply wire.Reply) bool {
	switch l.asked.(type) {
	case wire.List, wire.Exit:
		return false
	}
	return !reply.Known() && time.Since(l.opened) < GreetingWindow
}

// lose ends the link, for the first reason that it is given.
func (l *link) lose(reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = fmt.Errorf("%w: %w", ErrLost, cause(reason))
		close(l.gone)
		_ = l.conn.Close() // nothing is to be done about a failure
	}
}

// cause is what matters to a user of an error of package net.
func cause(err error) error {
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it closed the connection")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection was cut")
	case errors.As(err, &errno):
		return errno
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("no answer in time")
	}
	return secure.Reason(err)
}
