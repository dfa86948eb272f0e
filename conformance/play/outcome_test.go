package play_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec/scenario"
)

const (
	login = "given alice online\n"
	both  = "given alice bob online\n"
)

// on is a fake that answers one request in its own way.
func on(request string, acts ...string) fake { return fake{On: map[string][]string{request: acts}} }

// What is seen against a program: why, what was wanted, what came, and where it differs.
func TestViolated(t *testing.T) {
	list := "10000\r\npublic key\r\n1\r\nqalice#127.0.0.1#5001\r\n"
	tests := []struct {
		name  string
		fake  fake
		steps string
		line  int // of the step, the title being line 1
		why   string
		want  string
		got   string
		at    int
	}{
		{"another line", on("List", "say 100 OKAY\r\n"), "alice > List\nalice < 100 OK", 3, "the answer is not 100 OK", "100 OK", "100 OKAY\r\n", 6},
		{"less of a line", on("List", "say 100\r\n"), "alice > List\nalice < 100 OK", 3, "the answer is not 100 OK", "100 OK", "100\r\n", 3},
		{"none of two", on("List", "say 210 NO\r\n"), "alice > List\nalice < 100 OK / 210 FAIL", 3, "the answer is not", "100 OK / 210 FAIL", "210 NO\r\n", 4},
		{"nothing", on("List"), "alice > List\nalice < 100 OK", 3, "no answer came", "100 OK", "", -1},
		{"half a list", on("List", "say 10000\r\npublic key\r\n"), "alice > List\nalice < (list)", 3, "the answer is not (list)", "(list)", "10000\r\n", 0},
		{"a line for a list", fake{}, "alice > List\nalice < (list)", 3, "the answer is not (list)", "(list)", "Please login first\r\n", 0},
		{"a list for a line", fake{}, login + "alice > List\nalice < (no list)", 4, "the answer is not (no list)", "(no list)", list, 0},
		{"a list for one line", fake{}, login + "alice > List\nalice < 10000", 4, "the answer is not 10000", "10000", list, 0},
		{"an answer for silence", fake{}, "alice > List\nalice < (nothing)", 3, "the answer is not (nothing)", "(nothing)", "Please login first\r\n", -1},
		{"closed for an answer", on("List", "close"), "alice > List\nalice < (any)", 3, "closed without an answer", "(any)", "", -1},
		{"reset for an answer", on("List", "reset"), "alice > List\nalice < (any)", 3, "closed without an answer", "(any)", "", -1},
		{"closed for silence", on("List", "close"), "alice > List\nalice < (nothing)", 3, "closed without an answer", "(nothing)", "", -1},
		{"an answer for the end", fake{}, "alice > List\nalice < (closed)", 3, "the answer is not (closed)", "(closed)", "Please login first\r\n", -1},
		{"silence for the end", on("Exit"), "alice > Exit\nalice < (closed)", 3, "no answer came", "(closed)", "", -1},
		{"an answer unasked", fake{}, both + "alice > List\nalice < (list)\nbob < (any)", 5, "no answer came", "(any)", "", -1},
		{"twice", on("List", "usual", "usual"), "alice > List\nalice < (any)\nalice < (nothing)", 4, "the answer is not (nothing)", "(nothing)", "Please login first\r\n", -1},

		{"the balance of a list", fake{}, login + "alice > List\nalice < 9\n| {key}\n| 1\n| alice#{_}", 4, "the answer is not", "9\n{key}\n1\nqalice#{_}", list, 0},
		{"the count of a list", fake{}, login + "alice > List\nalice < {n}\n| {key}\n| 2\n| alice#{_}", 4, "the answer is not", "{n}\n{key}\n2\nqalice#{_}", list, 19},
		{"an entry of a list", fake{}, login + "alice > List\nalice < {n}\n| {key}\n| 1\n| bob#{_}", 4, "the answer is not", "{n}\n{key}\n1\nqbob#{_}", list, 22},
		{"one entry too many", fake{}, both + "alice > List\nalice < {n}\n| {key}\n| 2\n| bob#{_}", 4, "the answer is not", "{n}\n{key}\n2\nqbob#{_}", "", 43},
		{"one entry too few", fake{}, login + "alice > List\nalice < {n}\n| {key}\n| 1\n| alice#{_}\n| bob#{_}", 4, "the answer is not", "{n}\n{key}\n1\nqalice#{_}\nqbob#{_}", list, 45},
		{"no key line", fake{NoKey: true}, login + "alice > List\nalice < {n}\n| {key}\n| 1\n| alice#{_}", 4, "the answer is not", "{n}\n{key}\n1\nqalice#{_}", "10000\r\n1\r\nqalice#127.0.0.1#5001\r\n", 7},
		{"two values of one name", fake{}, login + "alice > List\nalice < {n}\n| {key}\n| {n}\n| alice#{_}", 4, "the answer is not", "{n}\n{key}\n{n}\nqalice#{_}", list, 19},

		{"a balance", fake{}, login + "alice has 9", 3, "not so: the balance is 9", "the balance is 9", list, 0},
		{"a balance that stays", on("qalice#100#qbob"), both + "alice has {a}\nbob > alice#100#bob\nalice has {a-100}", 5, "not so: the balance is 9900", "the balance is 9900", "", 0},
		{"no sight", fake{}, login + "alice sees bob", 3, "not so: the list names qbob", "the list names qbob", list, -1},
		{"a sight", fake{}, both + "alice sees no bob", 3, "not so: the list does not name qbob", "the list does not name qbob", "", 22},
		{"not soon", on("end", "sleep 0"), both + "bob closes\nalice soon sees no carol\nalice soon sees no alice", 5, "not so: the list does not name qalice", "the list does not name qalice", "", 22},

		{"no news", on("qalice#100#qbob", "book"), both + "bob > alice#100#bob\nalice < Transfer OK!", 4, "the news of the payment did not come", "Transfer OK!", "", -1},
		{"the other news", fake{}, both + "bob > alice#10001#bob\nalice < Transfer OK!", 4, "the news of the payment did not come", "Transfer OK!", "", -1},
		{"a closed connection", on("List", "say x\r\n", "close"), "alice > List\nalice < (any)\nalice > List\nalice < (any)", 5, "the connection was closed without an answer", "(any)", "", -1},
		{"deaf to a signal", fake{Deaf: true}, "server gets SIGINT\nserver exits", 3, "the server still runs 2s after the signal", "it ends within 2s", "", -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := played(t, test.fake, test.steps)
			f := r.Finding
			if r.Outcome != play.Violated || f == nil || r.By != "" {
				t.Fatalf("%+v\n%s", r, r.Transcript)
			}
			if !strings.Contains(r.Why, test.why) || f.Line != test.line || f.At != test.at || f.Death != nil {
				t.Errorf("%s in line %d, at %d: %+v", r.Why, f.Line, f.At, f)
			}
			if test.want != "" && f.Want != test.want {
				t.Errorf("wanted %q, not %q", f.Want, test.want)
			}
			if test.got != "" && string(f.Got) != test.got {
				t.Errorf("got %q, not %q", f.Got, test.got)
			}
			if step := strings.Split("\n"+test.steps, "\n")[test.line-1]; !strings.HasPrefix(f.Step, step) {
				t.Errorf("the step is %q, not %q", f.Step, step)
			}
			if f.At > len(f.Got) {
				t.Errorf("the mark at %d is behind the %d bytes that came", f.At, len(f.Got))
			}
			marked := 0
			for _, e := range r.Transcript {
				if e.Wrong {
					marked++
				}
			}
			if isServer := strings.HasPrefix(f.Step, "server"); isServer != (marked == 0) || marked > 1 {
				t.Errorf("%d events are marked", marked)
			}
		})
	}
}

// Forms that are accepted, each said once.
func TestTolerated(t *testing.T) {
	tests := []struct {
		name        string
		fake        fake
		requirement string
		steps       string
		want, got   string
		at          int
	}{
		{"another form", on("Exit", "say bye\r\n"), "EXT-1", "alice > Exit\nalice < Bye ~ bye / BYE", "Bye", "bye\r\n", 0},
		{"more text", on("List", "say 210 FAIL so sorry\r\n"), "REG-2", "alice > List\nalice < 210 FAIL ~ 210 FAIL {_}", "210 FAIL", "210 FAIL so sorry\r\n", 8},
		{"the end", on("Exit", "close"), "EXT-3", "alice > Exit\nalice < Bye ~ (closed)", "Bye", "", -1},
		{"silence", on("Exit"), "EXT-3", "alice > Exit\nalice < Bye ~ (nothing)", "Bye", "", -1},
		{"a key in PEM", fake{Key: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"}, "LST-3", login + "alice > List\nalice < {n}\n| {key}\n| 1\n| alice#{_}", "the key as one line", "", 7},
		{"a worded count", fake{Count: "%d online"}, "LST-4", login + "alice > List\nalice < {n}\n| {key}\n| 1\n| alice#{_}", "the count as a bare number", "", 19},
		{"a worded balance", fake{Balance: "You have %d"}, "LST-2", login + "alice has 10000", "the balance as a bare number", "", 0},
		{"other words", fake{Notice: "transfer successful"}, "PAY-3", both + "bob > alice#100#bob\nalice < Transfer OK!", "Transfer OK!", "transfer successful", -1},
		{"told to another", on("qalice#100#qbob", "book", "tell qbob Transfer OK!\r\n"), "PAY-3", both + "bob > alice#100#bob\nalice < Transfer OK!", "Transfer OK!", "Transfer OK!", -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			env := envOf(newHost(t, test.fake))
			env.Requirement = test.requirement
			r := playedIn(t, env, test.steps)
			if r.Outcome != play.Tolerated || r.Finding == nil {
				t.Fatalf("%+v\n%s", r, r.Transcript)
			}
			f := r.Finding
			if f.Want != test.want || r.Why != test.want || f.At != test.at || test.got != "" && string(f.Got) != test.got {
				t.Errorf("%s: %+v", r.Why, f)
			}
		})
	}
}

// What fails in a set-up is another requirement's business, which is named.
func TestBlocked(t *testing.T) {
	tests := []struct {
		name  string
		fake  fake
		steps string
		by    string
		why   string
	}{
		{"no account", on("REGISTER#qalice", "say no\r\n"), login + "alice has 5", "REG-1", "the answer is not 100 OK"},
		{"no word of an account", on("REGISTER#qalice"), "given alice registered\nalice has 5", "REG-1", "no answer came"},
		{"no login", on("qalice#5001", "say no\r\n"), login + "alice has 5", "LOG-1", "the answer is not a list"},
		{"a login that is closed", on("qalice#5001", "close"), login + "alice has 5", "LOG-1", "closed without an answer"},
		{"no list for a balance", on("List", "say no\r\n"), login + "alice has 10000", "LST-1", "the answer is not a list"},
		{"no list for a sight", on("List"), login + "alice sees alice", "LST-1", "no answer came"},
		{"no place", fake{Places: 1}, "given limit 2\ngiven alice bob registered\nalice has 1", "LIM-3", "no answer came"},
		{"death in a set-up", on("qalice#5001", "kill 15"), login + "alice has 5", "LOG-1", "the server is gone: it died of SIGTERM"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := played(t, test.fake, test.steps)
			if r.Outcome != play.Blocked || r.By != test.by || !strings.Contains(r.Why, test.why) || r.Finding == nil {
				t.Errorf("%+v\n%s", r, r.Transcript)
			}
		})
	}
}

// A death is one result: the signal or the status, and what was sent last.
func TestDeath(t *testing.T) {
	tests := []struct {
		name  string
		fake  fake
		steps string
		death target.Death
		line  int
	}{
		{"in place of an answer", on("List", "kill 9"), "alice > List\nalice < (any)", target.Death{Signal: "SIGKILL", LastSent: `List\0`}, 3},
		{"where silence is allowed", on("List", "kill 15"), "alice > List\nalice < (any) / (nothing) / (closed)", target.Death{Signal: "SIGTERM", LastSent: `List\0`}, 0},
		{"where the end is tolerated", on("List", "kill 15"), "alice > List\nalice < (any) ~ (closed)", target.Death{Signal: "SIGTERM", LastSent: `List\0`}, 0},
		{"by its own exit", on("List", "exit 7"), "alice > List\nalice < (any)", target.Death{Exit: 7, LastSent: `List\0`}, 3},
		{"behind an answer", on("List", "usual", "kill 9"), "alice > List\nalice < (any)", target.Death{Signal: "SIGKILL", LastSent: `List\0`}, 0},
		{"at a payment", on("qalice#5#qbob", "kill 15"), both + "bob > alice#5#bob\nbob < (nothing)", target.Death{Signal: "SIGTERM", LastSent: `qalice#5#qbob\0`}, 0},
		{"at a close", on("end", "kill 9"), "alice connects\nalice closes\nbob > REGISTER#bob\nbob < (any)", target.Death{Signal: "SIGKILL"}, 3},
		{"at a reset", on("end", "kill 9"), "alice connects\nalice resets", target.Death{Signal: "SIGKILL"}, 0},
		{"at raw bytes", on("x", "kill 15"), `alice sends "x" "y"` + "\nalice < (any) / (nothing) / (closed)", target.Death{Signal: "SIGTERM", LastSent: "x"}, 0},
		{"before a signal", on("List", "usual", "kill 15"), "alice > List\nalice < (any)\nserver gets SIGINT\nserver exits", target.Death{Signal: "SIGTERM", LastSent: `List\0`}, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := played(t, test.fake, test.steps)
			f := r.Finding
			if r.Outcome != play.Violated || f == nil || f.Death == nil {
				t.Fatalf("%+v\n%s", r, r.Transcript)
			}
			if got := *f.Death; got.Signal != test.death.Signal || got.Exit != test.death.Exit ||
				test.death.LastSent != "" && got.LastSent != test.death.LastSent {
				t.Errorf("%+v, not %+v", got, test.death)
			}
			if !strings.HasPrefix(r.Why, "the server is gone: it ") || f.Want != "the server still runs" || test.line != 0 && f.Line != test.line {
				t.Errorf("%s: %+v", r.Why, f)
			}
			if test.death.Exit != 0 && strings.Join(f.Stderr, "") != "last words" {
				t.Errorf("its last words are %q", f.Stderr)
			}
		})
	}
}

// What this machine or this way of running cannot show is no verdict.
func TestNotApplicable(t *testing.T) {
	tests := []struct {
		name  string
		host  func(*host)
		steps string
		why   string
	}{
		{"an address that is not there", func(*host) {}, "alice connects from 192.0.2.1\nalice > List\nalice < (any)", "can't connect from 192.0.2.1"},
		{"a signal to a stranger", func(h *host) { h.foreign = true }, "server gets SIGINT\nserver exits", "not started by paycheck"},
		{"a restart of a stranger", func(h *host) { h.foreign = true }, "server starts", "not started by paycheck"},
		{"a limit that can't be set", func(h *host) { h.err = play.Inapplicable("no limit of %d", 2) }, "given limit 2\nalice connects", "no limit of 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t, fake{})
			test.host(h)
			r := playedIn(t, envOf(h), test.steps)
			if r.Outcome != play.NotApplicable || !strings.Contains(r.Why, test.why) || r.Finding != nil {
				t.Errorf("%+v\n%s", r, r.Transcript)
			}
		})
	}
}

// Where the suite is at fault, or cannot tell, the program is not.
func TestBroken(t *testing.T) {
	tests := []struct {
		name  string
		host  func(*host)
		steps string
		why   string
	}{
		{"a step for clients", func(*host) {}, "user lists", "is for checks of a client"},
		{"a reply of the suite", func(*host) {}, "server > 100 OK", "is for checks of a client"},
		{"a set-up for clients", func(*host) {}, "given bob listed\nalice connects", "is for checks of a client"},
		{"nothing to expect on", func(*host) {}, "alice < (any)", "no connection"},
		{"a value that nobody captured, sent", func(*host) {}, "bob > alice#{a}#bob", "{a} is used before it was captured"},
		{"a value that nobody captured, wanted", func(*host) {}, login + "alice has {a-100}", "{a-100} is used before it was captured"},
		{"a value that nobody captured, in a reply", func(*host) {}, "alice > List\nalice < {a+1}", "{a+1} is used before it was captured"},
		{"a hole that can't be sent", func(*host) {}, `alice sends "{_}"`, "{_} can't be sent"},
		{"no such signal", func(*host) {}, "server gets SIGNIFICANT\nserver exits", "no signal SIGNIFICANT"},
		{"no process", func(h *host) { h.err = errors.New("no directory") }, "alice connects", "no directory"},
		{
			"a process that does not come up",
			func(h *host) { h.err = &target.StartError{Why: "it waits"} }, "alice connects", "the program did not come up: it waits",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t, fake{})
			test.host(h)
			r := playedIn(t, envOf(h), test.steps)
			if r.Outcome != play.Broken || !strings.Contains(r.Why, test.why) || r.Finding != nil {
				t.Errorf("%+v\n%s", r, r.Transcript)
			}
		})
	}
}

// A program that does not start again on its port is at fault: here somebody has
// taken its directory away, and with it the start.
func TestNotStartedAgain(t *testing.T) {
	h := newHost(t, fake{})
	env := envOf(h)
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	r, err := play.Run(ctx, env, func(ctx context.Context, st *play.Stage) error {
		if err := st.Do(ctx, "given alice online\nserver gets SIGINT\nserver exits"); err != nil {
			return err
		}
		h.recipe.Env = []string{fakeVariable + "=x"}
		return st.Do(ctx, "server starts")
	})
	if err != nil || r.Outcome != play.Violated || !strings.Contains(r.Why, "it does not start again: it ended before it listened: it exited with status 2") {
		t.Errorf("%+v, %v", r, err)
	}
}

// The end of the run is neither a fault of the program nor one of the suite.
func TestInterrupted(t *testing.T) {
	s, err := scenario.Parse("# A test.\nalice > List\nalice < (any)")
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	h := newHost(t, on("List", "sleep 60000"))
	env := envOf(h)
	env.Port = func() int { cancel(why); return 5001 } // as soon as somebody appears
	r, err := play.Scenario(ctx, env, s)
	if !errors.Is(err, why) || r.Outcome != play.Broken || r.Why != "the run was interrupted" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, p := range h.started {
		if _, dead := p.Death(); !dead {
			t.Error("its process is left")
		}
	}
}
