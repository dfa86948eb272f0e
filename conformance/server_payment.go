package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
)

var payment = []written{
	{"PAY-2", "The text of a payment comes to no client, neither on its connection nor at the port that it named.", 2, notPassedOn},
	{"PAY-5", "A payment is booked once when its sender closes in the same moment.", 2, bookedOnce},
	{"PAY-5", "A payment is booked once when its sender is gone as soon as the program has read it.", 2, bookedOnceWhenGone},
	{"PAY-6", "A payment whose payee's name was cut short changes no balance.", 2, cutNameCostsNothing},
}

// notPassedOn is PAY-2: the clients listen where they say they do, and neither there
// nor on their connections does the text of the payment arrive as a line.
func notPassedOn(ctx context.Context, st *play.Stage) error {
	parties := []string{"alice", "bob"}
	ports := make([]*net.TCPListener, len(parties))
	for i, name := range parties {
		port, err := listen(st)
		if err != nil {
			return play.Unjudged("no port to be paid at: %v", err)
		}
		defer port.Close()
		ports[i] = port
		if err := st.Do(ctx, "given "+name+" registered"); err != nil {
			return err
		}
		a, err := st.Ask(ctx, name, fmt.Sprintf("%s#%d", name, port.Addr().(*net.TCPAddr).Port))
		if err != nil {
			return err
		}
		if a.List() == nil {
			return play.Setup("LOG-1", st.Unlike(ctx, name, a, "a list"))
		}
	}
	if err := st.Say(ctx, "bob", "alice#100#bob"); err != nil {
		return err
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	for i, name := range parties {
		conn, err := st.Conn(ctx, name)
		if err != nil {
			return err
		}
		if err := noPaymentIn(ctx, st, name, "connection", conn.Raw()); err != nil {
			return err
		}
		data, err := delivered(ports[i])
		if err != nil {
			return play.Unjudged("the port of a client: %v", err)
		}
		if err := noPaymentIn(ctx, st, name, "port", data); err != nil {
			return err
		}
	}
	return nil
}

func noPaymentIn(ctx context.Context, st *play.Stage, name, where string, data []byte) error {
	text := st.Fresh("alice") + "#100#" + st.Fresh("bob")
	for _, line := range wire.Lines(data) {
		if strings.TrimSpace(line.Text) == text {
			at := line.Stop - len(line.End) - len(line.Text)
			return st.Fail(ctx, name, "nothing with the text of the payment", data, at, fmt.Sprintf("the payment was passed on to %s's %s", name, where))
		}
	}
	return nil
}

// listen opens the port that a client names at login, four digits long as all are.
func listen(st *play.Stage) (*net.TCPListener, error) {
	var err error
	for range 100 { // some may be taken
		var l *net.TCPListener
		if l, err = net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: st.Env.Port()}); err == nil {
			return l, nil
		}
	}
	return nil, err
}

// delivered reads what has come to a port so far. A connection of our own marks the
// end of the queue: whoever came before it is there.
func delivered(port *net.TCPListener) ([]byte, error) {
	mark, err := net.DialTCP("tcp4", nil, port.Addr().(*net.TCPAddr))
	if err != nil {
		return nil, err
	}
	defer mark.Close()
	var data []byte
	for {
		conn, err := port.AcceptTCP()
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		if conn.RemoteAddr().String() == mark.LocalAddr().String() {
			return data, nil
		}
		// What was sent lies here already; the bound is for one who has sent nothing.
		var buf [4096]byte
		if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			return nil, err
		}
		n, err := conn.Read(buf[:])
		if err != nil && n == 0 && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
			return nil, err
		}
		data = append(append(data, buf[:n]...), '\n')
	}
}

// bookedOnce is PAY-5 where payment and end are on their way together.
func bookedOnce(ctx context.Context, st *play.Stage) error {
	return eachPays(ctx, st, func(payee string) error {
		if err := st.Say(ctx, payee, "alice#100#"+payee); err != nil {
			return err
		}
		conn, err := st.Conn(ctx, payee)
		if err != nil {
			return err
		}
		if err := conn.Close(); err != nil {
			return play.Unjudged("closing: %v", err)
		}
		return st.Do(ctx, payee+" closes") // so that the stage knows of it
	})
}

// bookedOnceWhenGone is PAY-5 where the end comes when the payment has been read.
func bookedOnceWhenGone(ctx context.Context, st *play.Stage) error {
	verbs := map[string]string{"bob": "closes", "carol": "resets", "dave": "closes"}
	return eachPays(ctx, st, func(payee string) error {
		return st.Do(ctx, payee+" > alice#100#"+payee+"\n"+payee+" "+verbs[payee])
	})
}

// eachPays logs payees in one after another, has alice pay each of them in the way
// given, and holds her balance against it.
func eachPays(ctx context.Context, st *play.Stage, pay func(payee string) error) error {
	// An ordinary payment goes first: where that fails, PAY-1 does.
	if err := given(ctx, st, "PAY-1", "given alice bob online\nalice has {a}\nbob > alice#50#bob\nalice has {a-50}"); err != nil {
		return err
	}
	for i, payee := range []string{"bob", "carol", "dave"} {
		if i > 0 {
			if err := joins(ctx, st, payee, "online", "VAN-5"); err != nil {
				return err
			}
		}
		if err := pay(payee); err != nil {
			return err
		}
		if err := stillRuns(ctx, st); err != nil {
			return play.Setup("VAN-1", err)
		}
		if err := st.Do(ctx, fmt.Sprintf("alice has {a-%d}", 50+100*(i+1))); err != nil {
			return err
		}
	}
	return nil
}

// cutNameCostsNothing is PAY-6: a payment that ends inside its payee's name, as the
// connection does, is one to a name that nobody has registered, or none at all.
func cutNameCostsNothing(ctx context.Context, st *play.Stage) error {
	if err := st.Do(ctx, "given alice online\nalice has {a}"); err != nil {
		return err
	}
	for i := range len(st.Fresh("bob")) - 1 {
		payee := []string{"bob", "carol", "dave", "erin", "frank"}[i]
		if err := joins(ctx, st, payee, "online", "VAN-5"); err != nil {
			return err
		}
		conn, err := st.Conn(ctx, payee)
		if err != nil {
			return err
		}
		text, err := st.Wrapped(ctx, payee, st.Fresh("alice")+"#100#"+st.Fresh(payee)[:i+1])
		if err != nil {
			return err
		}
		if err := conn.Send([]byte(text)); err != nil {
			return play.Setup("FRM-1", st.Fail(ctx, payee, "a connection that takes requests", nil, -1, "the connection was closed"))
		}
		if err := st.Do(ctx, payee+" closes"); err != nil {
			return err
		}
		if err := stillRuns(ctx, st); err != nil {
			return play.Setup("FRM-8", err)
		}
		if err := st.Do(ctx, "alice has {a}"); err != nil {
			return err
		}
	}
	return nil
}
