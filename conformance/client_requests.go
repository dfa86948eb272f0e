package conformance

import (
	"context"

	"paycheck/conformance/counter"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// What a client sends to the server, and when.
var clientRequests = []writtenClient{
	{"CLI-1", "A client that was told another address than 127.0.0.1 sends its first request there.", otherServer},
	{"CLI-2", "A server that says nothing gets the first request.", unasked},
	{"CLI-4", "The port of a login is the one that was typed, or one at which the client listens.", portAsTyped},
	{"CLI-10", "What the user sees of a refused registration is not what is seen of one that succeeds.", refusalDiffers},
	{"CLI-11", "After a refused login nobody is paid.", paysNobody},
	{"CLI-13", "After a payment has reached the payee, the server has not got its text.", keptFromServer},
}

// otherServer is the second part of CLI-1: an address that is written into a program is
// the usual one.
func otherServer(ctx context.Context, st *play.ClientStage) error {
	st.Address = another
	return st.Do(ctx, "user registers alice\nserver < (any)")
}

// unasked is CLI-2. How the client needs to be spoken to was found out before: without
// the greeting that it waits for it would not even show its menu.
func unasked(ctx context.Context, st *play.ClientStage) error {
	if st.Env.Manner.Greeting != "" {
		st.Tolerate("the first request without a word of the server", nil, -1)
	}
	return st.Do(ctx, "user registers alice\nserver < (any)")
}

// portAsTyped is the "port" of CLI-4: a number that is not the one that was typed, such
// as the same in another base or byte order, is one of the client's own choice only if a
// peer can reach the client there.
func portAsTyped(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice registered"); err != nil {
		return err
	}
	typed := st.Fill("{alice.port}")
	if err := st.Do(ctx, "user logs in alice\nserver < alice#{alice.port}"); err != nil {
		return err
	}
	sent := st.Fill("{alice.port}")
	if sent == typed {
		return nil
	}
	if err := st.Do(ctx, "bob connects"); err != nil {
		came := st.Came("server")
		return st.Fail(ctx, "server", st.Fresh("alice")+"#"+typed, came[0].Raw, -1,
			"port "+typed+" was typed and "+sent+" was sent, where nobody listens")
	}
	return nil
}

// refusalDiffers is the "show" of CLI-10. What a client says of it is its own; that it
// says the same as of a success is wrong.
func refusalDiffers(ctx context.Context, st *play.ClientStage) error {
	// The refusal first: some clients go on to the login after a success.
	if err := st.Do(ctx, "user registers bob\nserver < (any)\nserver > "+edition.Fail); err != nil {
		return err
	}
	bad, err := shown(ctx, st, "bob")
	if err != nil {
		return err
	}
	if err := st.Do(ctx, "user registers alice\nserver < (any)"); err != nil {
		return err
	}
	good, err := shown(ctx, st, "alice")
	if err != nil {
		return err
	}
	if good == bad {
		return st.Fail(ctx, "server", "the user is told that the registration failed", nil, -1,
			"the screen shows after "+edition.Fail+" what it shows after "+edition.OK)
	}
	return nil
}

// paysNobody is CLI-11: whoever pays then, and would not before, believes to be logged
// in.
func paysNobody(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice registered"); err != nil {
		return err
	}
	if paid, err := triesToPay(ctx, st); err != nil {
		return err
	} else if len(paid) > 0 {
		return play.Inapplicable("the client pays without any login, so nothing follows from a payment")
	}
	if err := st.Do(ctx, "user logs in alice\nserver < (any)\nserver > "+edition.AuthFail); err != nil {
		return err
	}
	paid, err := triesToPay(ctx, st)
	switch {
	case err != nil:
		return err
	case len(paid) > 0:
		return st.Fail(ctx, "bob", "nobody is paid before a login", paid[0].Raw, 0, "a payment was made after the login was refused")
	}
	if _, dead := st.Session.Death(); dead {
		return play.Setup("CLI-21", st.Died()) // that it can't pay is what it has to tell
	}
	return nil
}

// triesToPay has the person pay bob, if the client has a menu for it, and gives what
// bob gets. Whatever list the client asks for names him, whether it is asked for before
// the person has said who is paid, or after.
func triesToPay(ctx context.Context, st *play.ClientStage) ([]counter.Event, error) {
	st.Counter.Publish(true)
	defer st.Counter.Publish(false)
	if err := st.Operate(ctx, driver.Pay, "bob", 100); err != nil {
		return nil, err
	}
	err := st.Rest(ctx, true)
	return st.Came("bob"), err
}

// keptFromServer is CLI-13.
func keptFromServer(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice online\nuser pays bob 100"); err != nil {
		return err
	}
	if err := givenClient(ctx, st, "CLI-12", "bob < (any)"); err != nil {
		return err
	}
	if err := st.Rest(ctx, true); err != nil {
		return err
	}
	for _, e := range st.Came("server") {
		if e.Request.Is(scenario.Payment) {
			return st.Fail(ctx, "server", "no text of a payment of the client's own", e.Raw, 0, "the payer sent the payment to the server")
		}
	}
	return nil
}
