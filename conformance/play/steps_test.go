package play_test

import (
	"strings"
	"testing"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/spec/edition"
)

// Each kind of step, against a server that is right, holds.
func TestStepsHold(t *testing.T) {
	tests := map[string]string{
		"a registration":      "alice > REGISTER#alice\nalice < 100 OK",
		"a refusal":           "given alice registered\nbob > REGISTER#alice\nbob < 210 FAIL",
		"a login":             "given alice registered\nalice > alice#{alice.port}\nalice < (list)",
		"a login refused":     "alice > alice#5000\nalice < 220 AUTH_FAIL",
		"an exit":             "given alice online\nalice > Exit\nalice < Bye",
		"either":              "given alice online\nalice > Exit\nalice < (list) / Bye / (closed)",
		"no list":             "alice > List\nalice < (no list)",
		"any":                 "alice > List\nalice < (any)",
		"silence":             "alice connects\nalice < (nothing)",
		"silence behind":      "given alice online\nalice > List\nalice < (list)\nalice < (nothing)",
		"the rest of a line":  "alice > List\nalice < Please {_}",
		"names by their own":  "given al registered\nalice > REGISTER#alice\nalice < 100 OK",
		"a payment, no reply": "given alice bob online\nbob > alice#100#bob\nbob < (nothing)",

		"a list line by line": "given alice bob online\nalice > List\nalice < 10000\n| {key}\n| 2\n| alice#{alice.ip}#{alice.port}\n| bob#{bob.ip}#{bob.port}",
		"entries as a set":    "given alice bob online\nalice > List\nalice < {n}\n| {key}\n| 2\n| bob#{_}\n| alice#{_}",
		"any key":             "given alice online\nalice > List\nalice < {n}\n| {_}\n| 1\n| alice#{_}",
		"the ports given":     "given alice online\nalice > List\nalice < {n}\n| {key}\n| 1\n| alice#127.0.0.1#5001",

		"a balance":           "given alice online\nalice has 10000",
		"captured and equal":  "given alice online\nalice has {a}\nalice has {a}",
		"less":                "given alice bob online\nalice has {a}\nbob has {b}\nbob > alice#100#bob\nalice has {a-100}\nbob has {b+100}",
		"the sum of values":   "given alice bob online\nalice has {a}\nbob has {b}\nbob > alice#{a}#bob\nalice has 0\nbob has {b+a}",
		"the rest of values":  "given alice bob online\nalice has {a}\nbob > alice#100#bob\nbob has {b}\nalice has {m}\nbob has {b}\nalice has {b-200}",
		"captured in a list":  "given alice online\nalice > List\nalice < {a}\n| {key}\n| {n}\n| alice#{_}\nalice has {a}",
		"captured, then paid": "given alice bob online\nalice has {a}\nbob > alice#{a+1}#bob\nalice has {a}",

		"sees":         "given alice bob online\nalice sees bob\nalice sees alice",
		"sees no":      "given alice bob online\nbob > Exit\nbob < (any)\nalice sees no bob\nalice sees no ghost",
		"sees no part": "given alice online\ngiven al registered\nalice sees no al\nalice sees no ali",
		"soon sees no": "given alice bob online\nbob closes\nalice soon sees no bob",
		"soon has":     "given alice bob online\nbob > alice#100#bob\nalice soon has 9900",

		"raw bytes":       `given alice online` + "\n" + `alice sends "List\x00stale"` + "\nalice < (list)",
		"a name in bytes": `alice sends "REGISTER#{alice}{end}"` + "\nalice < 100 OK\nbob > REGISTER#alice\nbob < 210 FAIL",
		"many bytes":      `alice sends "REGISTER#{x*4096}"` + "\nalice < (any)",
		"a port in bytes": `given alice registered` + "\n" + `alice sends "{alice}#{alice.port}"` + "\nalice < (list)\nalice sees alice",

		"connects":              "alice connects\nalice connects\nalice > REGISTER#alice\nalice < 100 OK",
		"from another address":  "alice connects from 127.0.0.2\nalice > REGISTER#alice\nalice < (any)\nalice > alice#{alice.port}\nalice < {n}\n| {key}\n| 1\n| alice#{alice.ip}#{alice.port}\n",
		"closes and comes back": "given alice online\nalice closes\nalice > alice#{alice.port}\nalice < (list)",
		"resets, comes back":    "given alice online\nalice resets\nalice > alice#{alice.port}\nalice < (list)",
		"half-closes":           "given alice online\nalice half-closes\nalice < (closed)",
		"ends that are over":    "alice closes\nalice resets\nalice half-closes\nalice > List\nalice < (any)",

		"news":                  "given alice bob online\nbob > alice#100#bob\nalice < Transfer OK!",
		"news, twice":           "given alice bob online\nbob > alice#1#bob\nbob > alice#2#bob\nalice < Transfer OK!\nalice < Transfer OK!",
		"bad news":              "given alice bob online\nbob > alice#10001#bob\nalice < Transfer Fail!",
		"news of either kind":   "given alice bob online\nbob > alice#10001#bob\nalice < Transfer Fail! / Transfer OK!",
		"news is set aside":     "given alice bob online\nbob > alice#100#bob\nalice > List\nalice < (list)\nalice < Transfer OK!",
		"news is not an answer": "given alice bob online\nbob > alice#100#bob\nalice < (nothing)",
		"news of two":           "given alice bob online\nbob > alice#1#bob\nalice > bob#10002#alice\nbob < Transfer Fail!\nalice < Transfer OK!",

		"a signal":        "server gets SIGINT\nserver exits",
		"a signal, later": "given alice online\nserver gets SIGTERM\nserver exits",
		"starts again":    "given alice online\nserver gets SIGINT\nserver exits\nserver starts\nbob > REGISTER#bob\nbob < 100 OK\nalice > REGISTER#alice\nalice < 100 OK",
		"killed, started": "given alice registered\nserver gets SIGKILL\nserver exits\nserver starts\nalice > List\nalice < (any)",
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			r := played(t, fake{}, steps)
			if r.Outcome != play.Held || r.Why != "" || r.Finding != nil || r.By != "" {
				t.Errorf("%+v\n%s", r, r.Transcript)
			}
		})
	}
}

// What programs do in form is not the business of a check of something else.
func TestStepsHoldInAnyForm(t *testing.T) {
	steps := strings.Join([]string{
		"given alice bob online", "alice has {a}", "bob > alice#100#bob", "alice > List", "alice < {a-100}", "| {_}", "| 2", "| alice#{_}", "| bob#{_}",
		"alice < (nothing)", "bob < (nothing)", "alice < Transfer OK!", "bob > Exit", "bob < Bye / (nothing)", "bob closes", "alice sees no bob",
		"carol > carol#{carol.port}", "carol < 220 AUTH_FAIL", "carol < (nothing)",
	}, "\n")
	pad := func(n int) string { return strings.Repeat("\x00", n) }
	tests := map[string]fake{
		"LF":                     {End: "\n"},
		"one NUL":                {Pad: "\x00"},
		"padded":                 {End: "\n", Pad: pad(1000)},
		"an empty line":          {Pad: "\r\n"},
		"LF LF":                  {End: "\n", Pad: "\n"},
		"no key":                 {NoKey: true},
		"a key in PEM":           {Key: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"},
		"a key like a number":    {Key: "65537"},
		"worded":                 {Count: "%d users online", Balance: "Account balance: %d"},
		"no end behind an entry": {End: "\n", On: map[string][]string{"Exit": {"offline", "say Bye"}}},
		"a greeting":             {Greeting: "Connection success\n"},
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			env := envOf(newHost(t, f))
			env.Profile.Dialect.Greeting = f.Greeting
			r := playedIn(t, env, steps)
			if r.Outcome != play.Held {
				t.Errorf("%+v\n%s", r, r.Transcript)
			}
		})
	}
}

// A message is rendered in the edition and the dialect; the transcript shows how.
func TestRendering(t *testing.T) {
	steps := "given alice online\nalice has {a}\nalice > alice#5#alice\nalice > Exit\nalice < (any)"
	tests := []struct {
		edition string
		ending  dialect.Ending
		want    []string
	}{
		{"2021", dialect.NUL, []string{`REGISTER#qalice\0`, `qalice#5001\0`, `List\0`, `qalice#5#qalice\0`, `Exit\0`}},
		{"2021", dialect.Bare, []string{`REGISTER#qalice`, `qalice#5001`, `List`, `qalice#5#qalice`, `Exit`}},
		{"2020", dialect.CRLF, []string{`REGISTER#qalice#10000\r\n`, `qalice#5001\r\n`, `List\r\n`, `qalice#5#qalice\r\n`, `Exit\r\n`}},
	}
	for _, test := range tests {
		e, err := edition.Named(test.edition)
		if err != nil {
			t.Fatal(err)
		}
		env := envOf(newHost(t, fake{NoKey: !e.KeyLine}))
		env.Profile = play.Profile{Edition: e, Dialect: dialect.Dialect{Ending: test.ending}}
		r := playedIn(t, env, steps)
		var sent []string
		for _, line := range strings.Split(r.Transcript.String(), "\n") {
			if text, ok := strings.CutPrefix(line, "alice > "); ok {
				sent = append(sent, text)
			}
		}
		if r.Outcome != play.Held || strings.Join(sent, " ") != strings.Join(test.want, " ") {
			t.Errorf("%s, %s: %s, sent %q", test.edition, test.ending.Name, r.Outcome, sent)
		}
	}
}

// In an edition without a key line, that line of an expectation falls away.
func TestKeyLineFallsAway(t *testing.T) {
	e, err := edition.Named("2020")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"{key}", "{_}"} {
		env := envOf(newHost(t, fake{NoKey: true}))
		env.Profile = play.Profile{Edition: e, Dialect: dialect.Dialect{Ending: dialect.CRLF}}
		r := playedIn(t, env, "given alice online\nalice > List\nalice < {a}\n| "+key+"\n| 1\n| alice#{_}\nalice has {a}")
		if r.Outcome != play.Held {
			t.Errorf("%s: %+v", key, r)
		}
	}
}

// Segments are read one by one, each as one read, however quickly they are sent.
func TestSegmentsArePaced(t *testing.T) {
	f := fake{On: map[string][]string{
		"REG": {"sleep 3"}, "ISTER#": {"sleep 3"}, "qalice": {"say 100 OK\r\n"},
		"REGISTER#": {"say joined\r\n"}, "REGISTER#qalice": {"say joined\r\n"}, "ISTER#qalice": {"say joined\r\n"},
	}}
	for range 10 {
		if r := played(t, f, `alice sends "REG" "ISTER#" "{alice}"`+"\nalice < 100 OK"); r.Outcome != play.Held {
			t.Fatalf("%+v\n%s", r, r.Transcript)
		}
	}
}

// The limit goes to the host, and places that it cannot set are filled.
func TestLimit(t *testing.T) {
	h := newHost(t, fake{Places: 1})
	r := playedIn(t, envOf(h), strings.Join([]string{
		"given limit 1", "given alice registered", "alice > REGISTER#bob", "alice < (any)", "alice > alice#{alice.port}", "alice < (list)",
		"bob > bob#{bob.port}", "bob < (nothing) ~ {_}", "bob < (nothing)", "alice > Exit", "alice < Bye", "alice closes", "bob < (list)",
	}, "\n"))
	if r.Outcome != play.Held || h.limit != 1 {
		t.Errorf("limit %d: %+v\n%s", h.limit, r, r.Transcript)
	}
	h = newHost(t, fake{Places: 3})
	h.fill = 2
	r = playedIn(t, envOf(h), "given alice online\nbob connects\nbob > REGISTER#bob\nbob < (nothing)\nalice > List\nalice < 10000\n| {key}\n| 3\n| alice#{_}\n| idle1#{_}\n| idle2#{_}")
	if r.Outcome != play.Held {
		t.Errorf("%+v\n%s", r, r.Transcript)
	}
}
