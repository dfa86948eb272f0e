package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// oneGetsTheName is CON-3.
func oneGetsTheName(ctx context.Context, st *play.Stage) error {
	if err := nameIsTaken(ctx, st); err != nil {
		return err
	}
	names := everybody(st)
	for _, name := range names {
		if _, err := st.Conn(ctx, name); err != nil {
			return err
		}
	}
	if err := st.Rest(ctx); err != nil {
		return err
	}
	for i := range 100 {
		for j := range names {
			if err := st.Say(ctx, names[(i+j)%len(names)], fmt.Sprintf("REGISTER#r%d", i)); err != nil {
				return err
			}
		}
		granted, last := 0, names[0]
		var got []byte
		for _, name := range names {
			a, err := st.Hear(ctx, name)
			if err != nil {
				return err
			}
			if wire.Means(a.Text(), edition.OK) {
				granted, last, got = granted+1, name, a.Reply.Raw
			}
		}
		if granted != 1 {
			return st.Fail(ctx, last, "100 OK for one of them", got, -1,
				fmt.Sprintf("of %d clients that registered one free name at the same moment, %d got 100 OK", len(names), granted))
		}
	}
	return nil
}

// moneyKept is CON-4: in each round everybody is paid by somebody at the same
// moment, in every second round all but one by the same. The amounts are small, so
// that nobody runs out of money.
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
	const rounds = 60
	for i := range rounds {
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
		}
		if err := st.Rest(ctx); err != nil { // the next goes when this one has been read
			return err
		}
	}
	off := int64(0)
	var wrong string
	var got []byte
	for _, name := range names {
		l, err := st.List(ctx, name)
		if err != nil {
			return err
		}
		if l.Balance != due[name] && wrong == "" {
			wrong, got = name, []byte(l.Lines[0].Text+l.Lines[0].End)
		}
		off += l.Balance - due[name]
	}
	if wrong == "" {
		return nil
	}
	return st.Fail(ctx, wrong, fmt.Sprintf("the balance %d", due[wrong]), got, 0,
		fmt.Sprintf("after %d payments, %d at a time, %s has a wrong balance; the sum of all is off by %d", rounds*len(names), len(names), wrong, off))
}

// What a client does in turn while another asks for lists; "me" stands for its name.
const (
	isPaid = "alice#1#me"
	leaves = edition.Exit
	enters = "me#{me.port}"
)

// wholeLists is CON-5: alice asks for the list, and at the same moment everybody else
// is paid by her, leaves, or comes back.
func wholeLists(ctx context.Context, st *play.Stage) error {
	names, err := crowd(ctx, st)
	if err != nil {
		return err
	}
	moves := []string{isPaid, leaves, enters}
	// Once in peace: a list that is wrong even then is another requirement's business.
	for _, move := range moves {
		for _, name := range names[1:] {
			if err := st.Say(ctx, name, strings.ReplaceAll(move, "me", name)); err != nil {
				return play.Setup("LOG-4", err)
			}
			if err := moved(ctx, st, name, move); err != nil {
				return err
			}
		}
	}
	l, err := st.List(ctx, "alice")
	if err != nil {
		return err
	}
	if last := l.Lines[len(l.Lines)-1]; last.End == "" {
		return play.Setup("FRM-5", st.Fail(ctx, "alice", "a line end after the list", []byte(last.Text), len(last.Text), "what follows can't be told from the list"))
	}
	if err := newsInOrder(ctx, st, names); err != nil {
		return err
	}
	if err := st.Say(ctx, "alice", edition.List); err != nil {
		return err
	}
	if err := hearWhole(ctx, st, "alice"); err != nil {
		return play.Setup("LST-5", err)
	}
	for i := range 30 * len(moves) {
		move := moves[i%len(moves)]
		order := slices.Clone(names) // alice is the first, and in every second turn the last
		if i/len(moves)%2 == 1 {
			slices.Reverse(order)
		}
		for _, name := range order {
			request := edition.List
			if name != "alice" {
				request = strings.ReplaceAll(move, "me", name)
			}
			if err := st.Say(ctx, name, request); err != nil {
				return err
			}
		}
		if err := hearWhole(ctx, st, "alice"); err != nil {
			return err
		}
		for _, name := range names[1:] {
			if err := moved(ctx, st, name, move); err != nil {
				return err
			}
		}
	}
	return nil
}

// newsInOrder demands that what came unasked so far was notices, each a line. Nothing
// else can be told from the list that it comes before or behind; a payee, who gets no
// list here, may be told in any words.
func newsInOrder(ctx context.Context, st *play.Stage, names []string) error {
	for _, name := range names {
		for _, line := range st.News(name) {
			by := ""
			switch {
			case strings.Contains(line.Text, "#1#"):
				by = "PAY-2"
			case name == "alice" && !wire.Unasked(line.Text):
				by = "FRM-6"
			case !strings.HasSuffix(line.End, "\n"):
				by = "FRM-5"
			}
			if by != "" {
				return play.Setup(by, st.Fail(ctx, name, "nothing but notices, each a line", []byte(line.Text+line.End), 0, "something else came unasked"))
			}
		}
	}
	return nil
}

// moved waits until a move is done.
func moved(ctx context.Context, st *play.Stage, name, move string) error {
	if move == isPaid {
		return st.Rest(ctx)
	}
	a, err := st.Hear(ctx, name)
	switch {
	case err != nil:
		return err
	case move == leaves:
		return st.Do(ctx, name+" closes")
	case a.List() == nil:
		return play.Setup("LOG-4", st.Unlike(ctx, name, a, "a list"))
	}
	return nil
}

// hearWhole takes the reply to List and holds the list against itself.
func hearWhole(ctx context.Context, st *play.Stage, name string) error {
	a, err := st.Hear(ctx, name)
	if err != nil {
		return err
	}
	l := a.List()
	if l == nil {
		return st.Unlike(ctx, name, a, "a whole list")
	}
	raw, head := a.Reply.Raw, l.Lines[1+len(l.Key)] // the line of the count
	if int64(len(l.Entries)) != l.Count {
		return st.Fail(ctx, name, fmt.Sprintf("a list with %d entries, as it counts", l.Count), raw, head.Stop,
			fmt.Sprintf("the list counts %d accounts and has %d entries", l.Count, len(l.Entries)))
	}
	for i, e := range l.Entries {
		if len(l.Find(e.Name)) > 1 {
			at := l.Lines[len(l.Lines)-len(l.Entries)+i-1].Stop
			return st.Fail(ctx, name, "a list with each name once", raw, at, "the list names "+e.Name+" twice")
		}
	}
	return nil
}
