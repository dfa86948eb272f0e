package conformance

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"paycheck/conformance/counter"
	"paycheck/conformance/play"
	"paycheck/conformance/wire"
	"paycheck/spec/edition"
)

// happened reads a log that a test has written: "1 REGISTER#ann" is what came on
// connection 1, "1< 100 OK" what was said there, "1x" its end, "bob ann#5#bob" what came
// to a peer, "carol> carol#7#ann" what a peer paid. Who has logged in follows from it.
func happened(lines ...string) *seen {
	s := &seen{edition: edition.Default()}
	name := ""
	for _, line := range lines {
		who, text, _ := strings.Cut(line, " ")
		raw := []byte(text)
		e := counter.Event{Raw: raw, Request: wire.ReadRequest(raw, s.edition), Name: name}
		switch {
		case strings.HasSuffix(who, "x"):
			e.Kind, e.Visit, name = counter.Left, int(who[0]-'0'), ""
		case who[0] >= '0' && who[0] <= '9' && strings.HasSuffix(who, "<"):
			e.Kind, e.Visit, e.Reply = counter.Told, int(who[0]-'0'), text
		case who[0] >= '0' && who[0] <= '9':
			e.Kind, e.Visit = counter.Asked, int(who[0]-'0')
			if len(e.Request.Fields) == 2 {
				name = e.Request.Fields[0]
			}
		case strings.HasSuffix(who, ">"):
			e.Kind, e.Peer = counter.Pays, strings.TrimSuffix(who, ">")
		default:
			e.Kind, e.Peer = counter.Paid, who
		}
		s.events = append(s.events, e)
	}
	return s
}

func TestSights(t *testing.T) {
	const none = play.Broken // it was not tried
	tests := []struct {
		id     string
		want   play.Outcome
		events []string
	}{
		{"CLI-1", none, nil},
		{"CLI-1", play.Held, []string{"1 nonsense"}},
		{"CLI-3", none, []string{"1 List"}},
		{"CLI-3", play.Held, []string{"1 REGISTER#ann"}},
		{"CLI-3", play.Tolerated, []string{"1 REGISTER#ann\x00"}},
		{"CLI-3", play.Violated, []string{"1 REGISTER ann"}},
		{"CLI-3", play.Violated, []string{"1 REGISTER#ann\n\n"}},
		{"CLI-4", play.Held, []string{"1 REGISTER#ann", "1 ann#5001"}},
		{"CLI-4", play.Held, []string{"1 REGISTER#ann", "1x", "2 ann#5001"}}, // started again
		{"CLI-4", play.Violated, []string{"1 REGISTER#ann", "2 ann#5001"}},
		{"CLI-6", play.Held, []string{"1 List"}},
		{"CLI-6", play.Tolerated, []string{"1 LIST"}},
		{"CLI-6", play.Violated, []string{"1 list"}},
		{"CLI-8", play.Held, []string{"bob ann#5#bob"}},
		{"CLI-10", none, []string{"1 REGISTER#bob", "1< 210 FAIL"}},
		{"CLI-10", play.Held, []string{"1 REGISTER#bob", "1< 210 FAIL", "1 REGISTER#ann"}},
		{"CLI-10", none, []string{"1 REGISTER#bob", "1< 210 FAIL", "1x", "2 REGISTER#ann"}},
		{"CLI-11", play.Held, []string{"1 ann#5001", "1< 220 AUTH_FAIL", "1 REGISTER#ann"}},
		{"CLI-11", play.Violated, []string{"1 ann#5001", "1< 220 AUTH_FAIL", "bob ann#5#bob"}},
		{"CLI-12", play.Held, []string{"bob ann#5#bob"}},
		{"CLI-12", play.Tolerated, []string{"bob ann#5#bob\n"}},
		{"CLI-12", play.Violated, []string{"bob ann#5#carol"}},
		{"CLI-12", play.Violated, []string{"bob pay 5 to bob"}},
		{"CLI-13", none, []string{"1 ann#5001", "1 List"}},
		{"CLI-13", play.Held, []string{"1 ann#5001", "bob ann#5#bob", "1 List"}},
		{"CLI-13", play.Violated, []string{"1 ann#5001", "bob ann#5#bob", "1 ann#5#bob"}},
		{"CLI-14", none, []string{"1 ann#5001", "carol> carol#7#ann"}},
		{"CLI-14", play.Held, []string{"1 ann#5001", "carol> carol#7#ann", "1 carol#7#ann"}},
		{"CLI-14", play.Violated, []string{"1 ann#5001", "carol> carol#7#ann", "1 carol#8#ann"}},
		{"CLI-14", play.Violated, []string{"1 ann#5001", "carol> carol#7#ann", "1 carol#7#ann", "1 carol#7#ann"}},
		{"CLI-15", none, []string{"1 ann#5001", "bob ann#5#bob", "carol> carol#7#ann", "1 carol#7#ann", "bob ann#6#bob"}},
		{"CLI-15", play.Held, []string{
			"1 ann#5001", "bob ann#5#bob", "carol> carol#7#ann", "1 carol#7#ann", "bob ann#6#bob", "bob> bob#8#ann", "1 bob#8#ann",
		}},
		{"CLI-16", none, []string{"1 ann#5001", "bob ann#5#bob"}},
		{"CLI-16", play.Held, []string{"1 ann#5001", "bob ann#5#bob", "1 List"}},
		{"CLI-16", play.Tolerated, []string{"1 ann#5001", "bob ann#5#bob", "1< Transfer OK!", "1 List"}},
		{"CLI-18", none, []string{"1 ann#5001", "1x"}}, // by Ctrl-C, perhaps
		{"CLI-18", play.Held, []string{"1 ann#5001", "1 Exit"}},
		{"CLI-18", play.Tolerated, []string{"1 ann#5001", "1 exit"}},
	}
	for _, test := range tests {
		for _, look := range sights {
			if look.id != test.id {
				continue
			}
			if got := look.judge(happened(test.events...)); got.Outcome != test.want {
				t.Errorf("%s is %s (%s), not %s, of %q", test.id, got.Outcome, got.Why, test.want, test.events)
			}
		}
	}
}

// Whoever uses a client by hand sees requirements hold as they do.
func TestObserve(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	address := make(chan string, 1)
	passed := make(chan string, 100)
	done := make(chan Run, 1)
	go func() {
		run, err := Observe(ctx, Observation{
			Edition: edition.Default(), Host: "127.0.0.1", Scale: 1,
			Opened: func(a string) { address <- a },
			Each: func(g Glimpse) {
				for _, r := range g.Results {
					passed <- fmt.Sprintf("%s %s", r.Check.Requirement.ID, r.Verdict())
				}
			},
		})
		if err != nil {
			t.Error(err)
		}
		done <- run
	}()
	conn, err := net.Dial("tcp4", <-address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	listener, err := net.Listen("tcp4", "127.0.0.1:0") // where carol pays
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	login := fmt.Sprintf("ann#%d", listener.Addr().(*net.TCPAddr).Port)
	say := func(text string, verdicts ...string) {
		t.Helper()
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		for _, want := range verdicts {
			select {
			case got := <-passed:
				if got != want {
					t.Fatalf("after %q: %s, not %s", text, got, want)
				}
			case <-ctx.Done():
				t.Fatalf("after %q: no %s", text, want)
			}
		}
	}
	say("REGISTER#ann\x00", "CLI-1 pass", "CLI-2 pass", "CLI-3 accepted")
	say(login, "CLI-4 pass", "CLI-5 pass") // carol has connected
	say("List", "CLI-6 pass")
	say("carol#7#ann", "CLI-14 pass")
	say("Exit", "CLI-18 pass")
	cancel()
	run := <-done
	if got := run.Exit(GateMust); got != ExitNotJudged { // payments were not tried
		t.Errorf("the exit code is %d, of %d results", got, len(run.Results))
	}
}
