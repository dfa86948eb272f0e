package conformance

import (
	"context"
	"fmt"

	"paycheck/conformance/play"
	"paycheck/spec/edition"
)

var registration = []written{
	{"REG-6", "Names of 1 to 16 letters and digits are registered, log in and are listed letter for letter.", 2, namesListed},
}

// names are at both ends of the length that is promised, and of every kind: small
// and capital letters, digits alone, digits first, words that are almost a verb. No
// two are one when letter case is ignored, and none begins another of its length.
var names = []string{
	"x", "Q", "7", "aB", "42", "List1", "REGISTER1",
	"abcdefghijklmno", "ABCDEFGHIJKLMNOP", "mNoPqRsTuVwXyZab", "0123456789012345", "9lives9lives9liv",
}

// namesListed is REG-6. Bob looks, so that it does not matter whether a list names
// its asker.
func namesListed(ctx context.Context, st *play.Stage) error {
	if !st.Env.Host.Owns() {
		return play.Inapplicable("names of one letter may be taken at a server that was not started by paycheck")
	}
	deposit := ""
	if e := st.Env.Profile.Edition; e.Deposit {
		deposit = fmt.Sprintf("#%d", e.InitialBalance)
	}
	// An ordinary name goes first: where that fails, more than names is wrong.
	if err := given(ctx, st, "LST-6", "given bob online\ngiven alice online\nbob sees alice"); err != nil {
		return err
	}
	if err := leave(ctx, st, "alice"); err != nil {
		return err
	}
	for i, name := range names {
		who := fmt.Sprintf("u%d", i) // each of them comes on a connection of its own
		if err := st.Do(ctx, fmt.Sprintf("%s sends \"REGISTER#%s%s{end}\"\n%[1]s < (any)\n%[1]s sends \"%[2]s#{%[1]s.port}{end}\"", who, name, deposit)); err != nil {
			return err
		}
		a, err := st.Hear(ctx, who)
		if err != nil {
			return err
		}
		if a.List() == nil {
			return st.Unlike(ctx, who, a, fmt.Sprintf("a list, for the name %s has been registered", name))
		}
		a, err = st.Ask(ctx, "bob", edition.List)
		if err != nil {
			return err
		}
		l := a.List()
		if l == nil {
			return play.Setup("LST-1", st.Unlike(ctx, "bob", a, "a list"))
		}
		if len(l.Find(name)) != 1 {
			at := l.Lines[len(l.Lines)-len(l.Entries)-1].Stop // where the entries begin
			return st.Fail(ctx, "bob", "a list that names "+name, a.Reply.Raw, at, "the list does not have the name letter for letter")
		}
		if err := leave(ctx, st, who); err != nil {
			return err
		}
	}
	return nil
}
