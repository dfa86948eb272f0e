package play_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
)

// done runs a check in Go against a fake.
func done(t *testing.T, f fake, body func(context.Context, *play.Stage) error) play.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	r, err := play.Run(ctx, envOf(newHost(t, f)), body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A check in Go says, hears and asks on the same stage.
func TestGoCheck(t *testing.T) {
	r := done(t, fake{}, func(ctx context.Context, st *play.Stage) error {
		st.Limit(7)
		if err := st.Do(ctx, "given alice bob online\nalice has {a}"); err != nil {
			return err
		}
		if err := st.Say(ctx, "alice", "List"); err != nil {
			return err
		}
		a, err := st.Hear(ctx, "alice")
		if err != nil {
			return err
		}
		if a.List() == nil || a.Text() != "10000" || a.Closed || len(a.List().Find(st.Fresh("bob"))) != 1 {
			t.Errorf("%+v", a)
		}
		a, err = st.Ask(ctx, "alice", "REGISTER#bob")
		if err != nil {
			return err
		}
		if a.List() != nil || a.Text() != "210 FAIL" {
			t.Errorf("%+v", a)
		}
		if err := st.Do(ctx, "bob > alice#100#bob\nalice has {a-100}"); err != nil {
			return err
		}
		if news := st.News("alice"); len(news) != 1 || news[0].Text != "Transfer OK!" {
			t.Errorf("the news is %+v", news)
		}
		l, err := st.List(ctx, "bob")
		if err != nil {
			return err
		}
		if l.Balance != 10100 || st.Unserved("bob") || st.Unserved("carol") {
			t.Errorf("%+v", l)
		}
		conn, err := st.Conn(ctx, "carol")
		if err != nil {
			return err
		}
		if err := conn.Send([]byte("List\x00")); err != nil {
			return err
		}
		if err := st.Rest(ctx); err != nil {
			return err
		}
		if news := st.News("carol"); len(news) != 1 || news[0].Text != "Please login first" {
			t.Errorf("carol hears %+v", news)
		}
		return nil
	})
	if r.Outcome != play.Held {
		t.Errorf("%+v\n%s", r, r.Transcript)
	}
}

func TestGoCheckErrors(t *testing.T) {
	tests := []struct {
		name string
		fake fake
		body func(context.Context, *play.Stage) error
		want play.Outcome
		why  string
	}{
		{"steps that are none", fake{}, func(ctx context.Context, st *play.Stage) error { return st.Do(ctx, "alice dances") }, play.Broken, "alice dances: no such act"},
		{"a message that is none", fake{}, func(ctx context.Context, st *play.Stage) error { return st.Say(ctx, "alice", "Hello") }, play.Broken, "none of the five"},
		{"a doubt", fake{}, func(context.Context, *play.Stage) error { return play.Unjudged("no %s here", "light") }, play.Broken, "no light here"},
		{"no matter here", fake{}, func(context.Context, *play.Stage) error { return play.Inapplicable("no %s here", "thread") }, play.NotApplicable, "no thread here"},
		{"an error of any kind", fake{}, func(context.Context, *play.Stage) error { return errors.New("no memory") }, play.Broken, "no memory"},
		{"an error with a cause", fake{}, func(context.Context, *play.Stage) error {
			return fmt.Errorf("while asking: %w", play.Inapplicable("none"))
		}, play.NotApplicable, "none"},
		{"a failure", fake{}, func(ctx context.Context, st *play.Stage) error {
			if err := st.Do(ctx, "alice connects"); err != nil {
				return err
			}
			return st.Fail(ctx, "alice", "a want", []byte("abc"), 1, "a why")
		}, play.Violated, "a why"},
		{"a failure of nobody's", fake{}, func(ctx context.Context, st *play.Stage) error {
			return st.Fail(ctx, "", "a want", nil, -1, "a why")
		}, play.Violated, "a why"},
		{"an answer unlike", fake{}, func(ctx context.Context, st *play.Stage) error {
			a, err := st.Ask(ctx, "alice", "List")
			if err != nil {
				return err
			}
			return st.Unlike(ctx, "alice", a, "a list")
		}, play.Violated, "the answer is not a list"},
		{"a set-up", fake{}, func(ctx context.Context, st *play.Stage) error {
			return play.Setup("LST-1", st.Do(ctx, "alice > List\nalice < (list)"))
		}, play.Blocked, "the answer is not (list)"},
		{"a set-up of a doubt", fake{}, func(context.Context, *play.Stage) error {
			return play.Setup("LST-1", play.Unjudged("no light"))
		}, play.Broken, "no light"},
		{"a list of a stranger", fake{}, func(ctx context.Context, st *play.Stage) error {
			_, err := st.List(ctx, "alice")
			return err
		}, play.Blocked, "the answer is not a list"},
		{"a form", fake{}, func(ctx context.Context, st *play.Stage) error {
			st.Tolerate("a want", []byte("x"), 0)
			st.Tolerate("another want", nil, -1)
			return nil
		}, play.Tolerated, "a want"},
		{"a form and a failure", fake{}, func(ctx context.Context, st *play.Stage) error {
			st.Tolerate("a want", []byte("x"), 0)
			return st.Fail(ctx, "", "b", nil, -1, "worse")
		}, play.Violated, "worse"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := done(t, test.fake, test.body)
			if r.Outcome != test.want || !strings.Contains(r.Why, test.why) || r.Finding != nil && r.Finding.Line != 0 {
				t.Errorf("%+v", r)
			}
			if (r.Outcome == play.Blocked) != (r.By == "LST-1") {
				t.Errorf("by %q", r.By)
			}
		})
	}
	if err := play.Setup("LST-1", nil); err != nil {
		t.Errorf("a set-up that went well: %v", err)
	}
}

// A visitor talks to a server whose process can't be looked at: here one inside the
// test. What rests on an answer is judged, what rests on silence is not.
type visitor struct{ program *target.Program }

func (v visitor) Start(context.Context, int) (*target.Program, int, error) { return v.program, 0, nil }

func (v visitor) Restart(context.Context, *target.Program, int) (*target.Program, error) {
	return nil, play.Inapplicable("not ours")
}
func (v visitor) Release(*target.Program) {}
func (v visitor) Owns() bool              { return false }

func TestBlind(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				for {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					switch text := string(buf[:n]); {
					case strings.HasPrefix(text, "REGISTER"):
						fmt.Fprint(conn, "100 OK\r\n")
					case text == "Exit\x00":
						fmt.Fprint(conn, "By")
					}
				}
			}()
		}
	}()
	p, err := target.Attach(kernel, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		steps string
		want  play.Outcome
		why   string
	}{
		{"alice > REGISTER#alice\nalice < 100 OK", play.Held, ""},
		{"alice > REGISTER#alice\nalice < 210 FAIL", play.Violated, "the answer is not 210 FAIL"},
		{"alice > REGISTER#alice\nalice < 100 OK\nalice < (nothing)", play.Held, ""},
		{"alice > List\nalice < (list)", play.Broken, "can't be looked at"},
		{"alice > Exit\nalice < Bye", play.Broken, "can't be looked at"},
		{"given alice registered\nalice > List\nalice < (any)", play.Broken, "can't be looked at"},
		{"alice > alice#5#bob\nalice < Transfer OK!", play.Broken, "can't be looked at"},
		{"server gets SIGINT\nserver exits", play.NotApplicable, "not started by paycheck"},
	}
	for _, test := range tests {
		r := playedIn(t, envOf(visitor{p}), test.steps)
		if r.Outcome != test.want || !strings.Contains(r.Why, test.why) {
			t.Errorf("%q: %+v\n%s", test.steps, r, r.Transcript)
		}
	}
}
