package conformance

import (
	"context"
	"fmt"

	"paycheck/conformance/play"
	"paycheck/spec/edition"
)

var list = []written{
	{"LST-6", "With as many clients as are served, up to 16, and long names, the list has an entry for each.", 1, longList},
}

// longList is LST-6 for a list that is longer than what many programs lay aside for it.
func longList(ctx context.Context, st *play.Stage) error {
	var names []string
	for i := range plentiful {
		// With its prefix it has as many letters as a name can have.
		name := fmt.Sprintf("m%0*d", edition.MaxName-len(st.Fresh("m")), i)
		if err := st.Do(ctx, "given "+name+" online"); err != nil {
			conn, noConn := st.Conn(ctx, name)
			if noConn != nil {
				return err
			}
			if waits, unknown := st.Program.Waits(conn); unknown != nil || !waits || len(names) == 0 {
				return err
			}
			break // no more are served at once
		}
		names = append(names, name)
	}
	a, err := st.Ask(ctx, names[0], edition.List)
	if err != nil {
		return err
	}
	l := a.List()
	if l == nil {
		return st.Unlike(ctx, names[0], a, fmt.Sprintf("a list of %d accounts", len(names)))
	}
	for _, name := range names {
		if len(l.Find(st.Fresh(name))) == 0 {
			return st.Fail(ctx, names[0], "an entry for "+st.Fresh(name), a.Reply.Raw, len(a.Reply.Raw), fmt.Sprintf("with %d accounts online the list lacks one", len(names)))
		}
	}
	return nil
}
