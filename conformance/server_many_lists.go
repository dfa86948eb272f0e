package conformance

import (
	"context"
	"fmt"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// moneyKept is CON-4: in each round everybody is paid by somebody at the same
// moment, in every second round all by the same. The sums are small, so that nobody
// runs out of money.
func moneyKept(ctx context.Context, st *play.Stage) error {
	names, err := crowd(ctx, st)
	if err != nil {
		return err
	}
	if err := given(ctx, st, "PAY-1", "alice has {a}\nbob > alice#1#bob\nalice has {a-1}"); err != nil {
		return err
	}
	due := map[string]int64{}
	for _, name := range names {
		l, err := st.List(ctx, name)
		if err != nil {
			return err
		}
		due[name] = l.Balance
	}
	sent := 0
	for i := range 60 {
		for j, payee := range names {
			payer, amount := names[(j+1)%len(names)], int64(1+(i+j)%5)
			if host := names[i/2%len(names)]; i%2 == 0 && payee != host {
				payer = host
			}
			if err := st.Say(ctx, payee, fmt.Sprintf("%s#%d#%s", payer, amount, payee)); err != nil {
				return err
			}
			due[payer] -= amount
			due[payee] += amount
			sent++
		}
		if err := st.Rest(ctx); err != nil { // in lock-step the next goes when this one was read
			return err
		}
	}
	wrong, sum := "", int64(0)
	var got []byte
	for _, name := range names {
		a, err := st.Ask(ctx, name, edition.List)
		if err != nil {
			return err
		}
		l := a.List()
		if l == nil {
			return play.Setup("LST-1", st.Unlike(ctx, name, a, "a list"))
		}
		sum += l.Balance - due[name]
		if wrong == "" && l.Balance != due[name] {
			wrong, got = name, a.Reply.Raw
		}
	}
	if wrong == "" {
		return nil
	}
	return st.Fail(ctx, wrong, fmt.Sprintf("the balance %d", due[wrong]), got, 0,
		fmt.Sprintf("after %d payments, %d at a time, %s's balance is wrong, and the sum of all is off by %d", sent, len(names), wrong, sum))
}

// wholeLists is CON-5: alice asks, the others come and go, with a payment of hers
// between. In each round all act at the same moment.
func wholeLists(ctx context.Context, st *play.Stage) error {
	names, err := crowd(ctx, st)
	if err != nil {
		return err
	}
	others := names[1:]
	// Once in peace: a list that is wrong even then is another requirement's business.
	for _, other := range others {
		if err := given(ctx, st, "LOG-4", left4(other)+other+" > "+other+"#{"+other+".port}\n"+other+" < (list)"); err != nil {
			return err
		}
	}
	if err := play.Setup("LST-5", asksWhole(ctx, st)); err != nil {
		return err
	}
	for i := range 40 * len(moves) {
		var acting []string
		for j, other := range others {
			request := fmt.Sprintf(moves[(i+j)%len(moves)], other)
			first := i/len(moves)%2 == 0
			if first {
				err = st.Say(ctx, other, request)
			}
			if err == nil && j == 0 {
				err = st.Say(ctx, "alice", edition.List)
			}
			if err == nil && !first {
				err = st.Say(ctx, other, request)
			}
			if err != nil {
				return err
			}
			acting = append(acting, request)
		}
		if err := hearsWhole(ctx, st); err != nil {
			return err
		}
		for j, other := range others {
			if err := settled(ctx, st, other, acting[j]); err != nil {
				return err
			}
		}
	}
	return nil
}
