package driver_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
)

// A person presses keys, and looks at the screen before each line.
type person struct {
	t     *testing.T
	ctx   context.Context
	r     *driver.Recording
	w     *world
	clear bool // types everything wrong at first
}

// sits puts a person at a client. What the person's own terminal shows goes to screen.
func sits(t *testing.T, path string, d dialect, args string, screen *bytes.Buffer) *person {
	t.Helper()
	p := &person{t: t, ctx: within(t), w: newWorld(t, d, "alice", "bob", 137)}
	var err error
	p.r, err = driver.Record(p.ctx, kernel, target.Recipe{Path: path}, 1, t.TempDir(), args, p.w, screen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.r.Stop)
	return p
}

// sees waits until the client wants a line and shows what is looked for.
func (p *person) sees(wait string) bool {
	p.t.Helper()
	for {
		state, err := p.r.Session.Idle(p.ctx)
		if err != nil {
			p.t.Fatalf("%q was never to be seen:\n%s", wait, p.r.Session.Screen())
		}
		if state.Doing == target.HasEnded {
			return false
		}
		if state.Doing == target.WantsLine && regexp.MustCompile(wait).MatchString(p.r.Session.Text()) {
			return true
		}
		time.Sleep(time.Millisecond) // the bound is that of the context
	}
}

// types presses the keys of a line one after the other, with a slip.
func (p *person) types(line string) {
	p.t.Helper()
	keys := line + "\r"
	if len(line) > 2 {
		keys = line[:2] + "\x1b[Dx\x7f" + line[2:] + "\r"
	} else if p.clear {
		keys = "wrong\x15" + keys
	}
	for _, key := range []byte(keys) {
		if err := p.r.Keys([]byte{key}); err != nil {
			p.t.Fatal(err)
		}
	}
}

// does performs an operation as the steps say, with the values of the person's world.
func (p *person) does(op driver.Op, steps []driver.Step) {
	p.t.Helper()
	v := p.w.values
	fill := strings.NewReplacer("{host}", v.Host, "{port}", strconv.Itoa(v.Port), "{name}", v.Name, "{lport}", strconv.Itoa(v.LoginPort),
		"{payee}", v.Payee, "{payee_ip}", v.PayeeIP, "{payee_port}", strconv.Itoa(v.PayeePort), "{amount}", strconv.Itoa(v.Amount),
		"{payee_index}", strconv.Itoa(v.PayeeIndex), "{payee_index0}", strconv.Itoa(v.PayeeIndex-1), "{deposit}", "500")
	before := len(p.w.Heard())
	for _, step := range steps {
		if step.Optional {
			p.sees("")
			if !regexp.MustCompile(step.Wait).MatchString(p.r.Session.Text()) {
				continue
			}
		}
		if !p.sees(step.Wait) {
			p.t.Fatalf("%s: the client has ended:\n%s", op, p.r.Session.Screen())
		}
		p.types(fill.Replace(step.Type))
	}
	if op == "" {
		return
	}
	if err := p.w.await(p.ctx, op, before); err != nil {
		p.t.Fatalf("%s: %v\n%s", op, err, p.r.Session.Screen())
	}
}

// leaves waits for the end of the client.
func (p *person) leaves() {
	select {
	case <-p.r.Session.Done():
	case <-p.ctx.Done():
		p.t.Error("it does not end")
	}
}

// A person uses each client once. The driver inferred from that performs everything
// again with other values.
func TestRecord(t *testing.T) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			path := client(t, c.name)
			t.Parallel()
			own, err := driver.Load(filepath.Join("testdata/clients", c.name+".toml"))
			if err != nil {
				t.Fatal(err)
			}
			var screen bytes.Buffer
			p := sits(t, path, c.dialect, own.Args, &screen)
			p.does("", own.Begin)
			for _, op := range []driver.Op{driver.Register, driver.Login, driver.Pay, driver.List, driver.Pay, driver.Exit} {
				p.does(op, own.Ops[op])
			}
			p.leaves()
			draft := p.r.Draft()
			t.Logf("%s\n%q", draft.Driver.Text(), draft.Questions)
			if len(draft.Missing) > 0 || !draft.Driver.Ends(driver.Exit) {
				t.Errorf("missing: %v", draft.Missing)
			}
			if err := draft.Driver.Validate(); err != nil {
				t.Error(err)
			}
			if guess := guesser(t, path, c.dialect).Check(p.ctx, draft.Driver); len(guess.Verified) != len(driver.Ops()) {
				t.Errorf("%s: %v", guess.Sure(), guess.Missing)
			}
		})
	}
}

// What goes wrong in a recording does not come into the driver, and what did not happen
// is asked for.
func TestRecordSlips(t *testing.T) {
	var screen bytes.Buffer
	p := sits(t, client(t, "numbers"), dialect{}, "{host} {port}", &screen)
	p.clear = true
	menu := "choice: $"
	for _, turn := range []struct{ wait, line string }{
		{menu, "9"},
		{menu, "x"},
		{menu, "1"},
		{"Username", p.w.values.Name},
		{menu, "2"},
		{"Username", p.w.values.Name},
		{"Port", strconv.Itoa(p.w.values.LoginPort)},
		{menu, "4"}, // nobody of that name
		{"Payee", "nobody"},
		{"Amount", "137"},
		{menu, "4"},
		{"Payee", p.w.values.Payee},
		{"Amount", "137"},
		{menu, "8"},
	} {
		p.sees(turn.wait)
		p.types(turn.line)
	}
	p.sees(menu)
	draft := p.r.Draft()
	if want := []driver.Op{driver.List, driver.Exit}; !slices.Equal(draft.Missing, want) {
		// The list that paying nobody asked for belongs to no operation.
		t.Errorf("missing: %v, not %v\n%s", draft.Missing, want, draft.Driver.Text())
	}
	lines := map[driver.Op][]string{}
	for op, steps := range draft.Driver.Ops {
		for _, step := range steps {
			lines[op] = append(lines[op], step.Type)
		}
	}
	want := "map[login:[2 {name} {lport}] pay:[4 {payee} {amount}] register:[1 {name}]]"
	if got := fmt.Sprint(lines); got != want {
		t.Errorf("inferred %s, not %s", got, want)
	}
	if len(draft.Questions) != 2 || !strings.Contains(draft.Questions[0], "Nothing was seen for list") {
		t.Errorf("the questions are %q", draft.Questions)
	}
	p.r.Stop()
	if !strings.Contains(screen.String(), "wrong\b \b") || !strings.Contains(screen.String(), "Enter your choice: ") {
		t.Errorf("the person saw %q", screen.String())
	}
}
