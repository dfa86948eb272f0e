package conformance

import (
	"context"
	"fmt"
	"strings"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/spec/scenario"
)

// How a client pays and is paid.
var clientPayments = []writtenClient{
	{"CLI-12", "A payee at another address than 127.0.0.1 is paid there.", paysThere},
	{"CLI-12", "A payee whose name begins another's in the list is the one who is paid.", paysShorter},
	{"CLI-12", "A payee who has moved to another port since the login is paid at the new one.", paysMoved},
	{"CLI-14", "A payment from a peer comes to the server once, on the connection of the login.", forwardsOnce},
	{"CLI-15", "Two peers that pay at the same time have both payments passed on.", paidTwiceAtOnce},
}

// paysThere is CLI-12: the address in the list counts.
func paysThere(ctx context.Context, st *play.ClientStage) error {
	if err := st.Listed("bob", another); err != nil {
		return err
	}
	return st.Do(ctx, "given alice online\nuser pays bob 100\nbob < alice#100#bob")
}

// paysShorter is CLI-12 for a search that takes the first line with the name in it.
func paysShorter(ctx context.Context, st *play.ClientStage) error {
	return st.Do(ctx, "given bobby bob listed\ngiven alice online\nuser lists\nserver < (any)\nuser pays bob 100\nbob < alice#100#bob")
}

// paysMoved is the "latest" of CLI-12: the user has seen the list in which the payee is
// elsewhere.
func paysMoved(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given bob listed\ngiven alice online"); err != nil {
		return err
	}
	if err := st.Moved("bob"); err != nil {
		return err
	}
	return st.Do(ctx, "user lists\nserver < (any)\nuser pays bob 100\nbob < alice#100#bob")
}

// forwardsOnce is the "once, on its own connection" of CLI-14.
func forwardsOnce(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online\nbob > bob#100#alice\nserver < bob#100#alice"); err != nil {
		return err
	}
	if err := st.Rest(ctx, true); err != nil {
		return err
	}
	var came []counter.Event
	for _, e := range st.Came("server") {
		if e.Request.Is(scenario.Payment) {
			came = append(came, e)
		}
	}
	if len(came) > 1 {
		return st.Fail(ctx, "server", "the payment once", came[1].Raw, 0, "the payment was sent to the server twice")
	}
	if e := came[0]; e.Name != st.Fresh("alice") {
		return st.Fail(ctx, "server", "the payment on the connection of the login", e.Raw, 0, "the payment came on another connection to the server")
	}
	return nil
}

// paidTwiceAtOnce is CLI-15: both have connected before one of them pays.
func paidTwiceAtOnce(ctx context.Context, st *play.ClientStage) error {
	if err := st.Do(ctx, "given alice online\nbob connects\ncarol connects"); err != nil {
		return err
	}
	wanted := map[string]string{"bob": "{bob}#7#{alice}", "carol": "{carol}#8#{alice}"}
	for _, name := range []string{"bob", "carol"} {
		if err := st.Sends(ctx, name, st.Fill(wanted[name])+st.Env.Edition.RequestEnd); err != nil {
			return play.Setup("CLI-14", st.Fail(ctx, name, "the connection takes a payment", nil, -1, "the client has closed the connection"))
		}
	}
	all := func() string {
		var raw strings.Builder
		for _, e := range st.Came("server") {
			raw.Write(e.Raw)
		}
		return raw.String()
	}
	both := func() bool {
		return strings.Contains(all(), st.Fill(wanted["bob"])) && strings.Contains(all(), st.Fill(wanted["carol"]))
	}
	if ok, err := st.Until(ctx, both); err != nil || ok {
		return err
	}
	return st.Fail(ctx, "server", st.Fill(fmt.Sprintf("%s and %s", wanted["bob"], wanted["carol"])), []byte(all()), -1,
		"not both payments were passed on")
}
