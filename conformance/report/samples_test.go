package report

import (
	"strings"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/spec"
)

// requirement makes one up.
func requirement(id string, level spec.Level, mark spec.Mark, sentence string) spec.Requirement {
	return spec.Requirement{
		ID: id, Section: id[:3], Sentence: sentence, Level: level, Mark: mark,
		Role: spec.Server, Phase: 2, Basis: "hand-out 2.C(1); the manual, for what \"not successful\" means",
	}
}

var (
	reg1 = requirement("REG-1", spec.Must, spec.Basic, "A server MUST answer `REGISTER#<name>` with `100 OK` if no account of that name exists.")
	reg2 = func() spec.Requirement {
		r := requirement("REG-2", spec.Must, spec.Basic, "A server MUST answer `REGISTER#<name>` with `210 FAIL` if an account of that name exists.")
		r.Pitfalls = []string{
			"The new name is compared with the accounts that are online only, so a name whose owner is away can be taken a second time.",
			"The answer of the INSERT is not looked at: SQLite refuses the second row, and the program says 100 OK all the same.",
		}
		return r
	}()
	log1 = requirement("LOG-1", spec.Must, spec.Basic, "A server MUST answer `<name>#<port>` of a registered account with the list.")
	log2 = requirement("LOG-2", spec.Must, spec.Basic, "A server MUST answer a login of a name that nobody registered with `220 AUTH_FAIL`.")
	lst1 = requirement("LST-1", spec.Must, spec.Basic, "A server MUST answer `List` of a client that is logged in with the list.")
	lst2 = requirement("LST-2", spec.Must, spec.Basic, "Line 1 of the list MUST be the asker's own balance.")
	lst3 = requirement("LST-3", spec.Must, spec.Basic, "Line 2 of the list MUST be the server's public key.")
	frm4 = requirement("FRM-4", spec.Should, spec.Bonus, "A server that reads a line end SHOULD read requests as a stream of bytes.")
	frm5 = func() spec.Requirement {
		r := requirement("FRM-5", spec.Must, spec.Basic, "Every line of a reply MUST end in CRLF.")
		r.Tolerated = "a line that ends in LF"
		return r
	}()
	lim7 = requirement("LIM-7", spec.Should, spec.Bonus, "A server SHOULD serve waiting clients in the order in which they came.")
	van3 = requirement("VAN-3", spec.Must, spec.Bonus, "A client that is gone before its replies are written MUST NOT end the server.")
	ops1 = requirement("OPS-1", spec.Must, spec.Basic, "A server that is started with a port MUST listen on it.")
)

func check(r spec.Requirement, number int, title string) *conformance.Check {
	return &conformance.Check{Requirement: r, Number: number, Title: title, Line: 100 + number}
}

func result(c *conformance.Check, outcome play.Outcome, why string) conformance.Result {
	return conformance.Result{
		Check: c, Elapsed: 12 * time.Millisecond,
		Result: play.Result{Outcome: outcome, Why: why},
	}
}

func passed(rs ...spec.Requirement) []conformance.Result {
	var all []conformance.Result
	for _, r := range rs {
		res := result(check(r, 1, "What is asked is done."), play.Held, "")
		res.Transcript = transcript.Transcript{
			{Who: "alice", Kind: transcript.Sent, Bytes: []byte("REGISTER#k3alice\x00")},
			{Who: "alice", Kind: transcript.Received, Bytes: []byte("100 OK\r\n"), At: 3 * time.Millisecond},
		}
		all = append(all, res)
	}
	return all
}

func blocked(by string, rs ...spec.Requirement) []conformance.Result {
	var all []conformance.Result
	for _, r := range rs {
		res := result(check(r, 1, "What is asked is done."), play.Blocked, by+" does not hold")
		res.By = by
		all = append(all, res)
	}
	return all
}

// taken is a failure of REG-2 with a wrong byte.
func taken() conformance.Result {
	r := result(check(reg2, 1, "The second to ask for a name is refused."), play.Violated, "the answer is not 210 FAIL")
	r.Transcript = transcript.Transcript{
		{Kind: transcript.Act, Text: "given alice registered"},
		{Who: "bob", Kind: transcript.Act, Text: "bob connects"},
		{Who: "bob", Kind: transcript.Sent, Bytes: []byte("REGISTER#k3alice\x00"), At: time.Millisecond},
		{Who: "bob", Kind: transcript.Received, Bytes: []byte("100 OK\r\n"), At: 2 * time.Millisecond, Wrong: true},
		{Kind: transcript.Note, Text: "the server has read all that was sent"},
	}
	r.Finding = &play.Finding{
		Line: 104, Step: "bob < 210 FAIL ~ 210 FAIL {_}", Want: "210 FAIL", Got: []byte("100 OK\r\n"), At: 0,
		Doing:  "your server has read all 17 bytes and waits for more in recv()",
		Stderr: []string{"[REGISTER#k3alice] from 127.0.0.1@50211", "warning: UNIQUE constraint failed: client.username"},
	}
	return r
}

// takenAgain is another failure of REG-2, with a longer conversation.
func takenAgain() conformance.Result {
	r := taken()
	r.Check = check(reg2, 2, "A name stays taken when its owner has left.")
	r.Transcript = append(r.Transcript[:len(r.Transcript):len(r.Transcript)], transcript.Event{Kind: transcript.Note, Text: "again"})
	return r
}

// died is a failure of VAN-3 by the death of the program.
func died() conformance.Result {
	r := result(check(van3, 1, "A client that resets before its list is written does not end the server."), play.Violated, "The server ended while alice was gone.")
	r.Transcript = transcript.Transcript{
		{Kind: transcript.Act, Text: "given alice online"},
		{Who: "alice", Kind: transcript.Sent, Bytes: []byte("List\x00")},
		{Who: "alice", Kind: transcript.Act, Text: "alice resets"},
		{Who: "alice", Kind: transcript.Ended},
		{Who: "server", Kind: transcript.Note, Text: "the program ended"},
	}
	r.Finding = &play.Finding{
		Want: "(any) / (closed)", At: -1, Death: &target.Death{Signal: "SIGPIPE", LastSent: `alice > List\0`},
		Stderr: []string{"線上人數: 1", "\x1b[31mred\x1b[0m and a bell \a"},
	}
	return r
}

func run(results ...[]conformance.Result) conformance.Run {
	r := conformance.Run{
		Program: "./bin/server", SHA256: strings.Repeat("8d4f", 16), Recipe: "./bin/server {port} {limit}",
		Dialect: "a request ends in one NUL; replies end in LF; the payer is told of a payment",
		Edition: "2021", Seed: 2882343476, Scale: 1,
		Started: time.Date(2021, 12, 24, 18, 0, 0, 0, time.UTC), Elapsed: 4200 * time.Millisecond,
	}
	for _, some := range results {
		r.Results = append(r.Results, some...)
	}
	return r
}

func one(results ...conformance.Result) []conformance.Result { return results }

// samples are the runs that each renderer is tried on.
func samples() map[string]conformance.Run {
	lf := result(check(frm5, 1, "Each line of each reply ends in CRLF."), play.Tolerated, "14 of 14 lines end in LF alone.")
	bye := result(check(requirement("EXT-1", spec.Must, spec.Basic, "A server MUST answer `Exit` with `Bye`."), 1, "Exit is answered."), play.Tolerated, "Bye")
	bye.Finding = &play.Finding{Want: "Bye", Got: []byte("bye\n"), At: 0}
	unordered := result(check(lim7, 1, "Three that wait are served in the order in which they came."), play.Violated, "carol was served before bob, who came first.")
	noStream := result(check(frm4, 1, "Two requests in one segment get two replies."), play.NotApplicable, "The program does not read a line end.")
	broken := result(check(ops1, 1, "It listens on the port that it is given."), play.Broken, "The kernel does not show which process listens here.")
	interrupted := run(passed(reg1), one(taken(), result(check(log1, 1, "A registered account logs in."), play.Broken, "the run was interrupted")))
	interrupted.Incomplete = true
	slow := run(passed(frm5, reg1, reg2, log1, log2, lst1, lst2, lst3, lim7, van3, ops1), one(noStream))
	slow.Scale = 3
	slow.Notes = []string{"This machine gives no second address of its own: what needs one is not judged."}
	return map[string]conformance.Run{
		"pass":        slow,
		"caret":       run(one(lf), passed(reg1), one(taken(), takenAgain()), passed(log1, log2), one(unordered, noStream), passed(ops1)),
		"death":       run(passed(frm5, reg1, reg2, log1), one(died())),
		"blocked":     run(passed(frm5, reg1), one(taken()), one(badLogin()), blocked("LOG-1", log2, lst1, lst2, lst3, van3), blocked("OPS-1", lim7), blocked("FRM-5", van3), blocked("XYZ-1", van3), one(broken)),
		"accepted":    run(one(lf, bye), passed(reg1)),
		"nothing":     run(),
		"interrupted": interrupted,
		"hostile":     hostile(),
	}
}

// badLogin is a failure in the middle of a list of many lines.
func badLogin() conformance.Result {
	r := result(check(log1, 1, "A registered account logs in and gets the list."), play.Violated, "Line 3 says 2, and 1 entry follows.")
	list := "10000\r\npublic key\r\n2\r\nk3alice#127.0.0.1#5001\r\n"
	r.Transcript = transcript.Transcript{
		{Who: "alice", Kind: transcript.Sent, Bytes: []byte("k3alice#5001\x00")},
		{Who: "alice", Kind: transcript.Received, Bytes: []byte(list), Wrong: true},
	}
	r.Finding = &play.Finding{Want: "10000\n(the key line)\n1\nk3alice#127.0.0.1#5001", Got: []byte(list), At: 19}
	return r
}

// hostile is a run in which everything is as long and as foul as it can be.
func hostile() conformance.Run {
	long := strings.Repeat("very/long/path/", 12) + "server"
	r := run()
	r.Program, r.Recipe = "/"+long, "/"+long+" {port}"
	r.Dialect = "\x1b]0;owned\a" + strings.Repeat("x", 300)
	flood := append(append([]byte(strings.Repeat("A", 500)), make([]byte, 1021)...), []byte(strings.Repeat("中", 200)+"\r\n\x1b[2J\xff")...)
	res := result(check(reg2, 1, strings.Repeat("長", 90)), play.Violated, strings.Repeat("w", 200)+"\x1b[2J")
	for range 60 {
		res.Transcript = append(res.Transcript, transcript.Event{Who: "alice", Kind: transcript.Received, Bytes: flood})
	}
	res.Transcript[30].Wrong = true
	res.Finding = &play.Finding{
		Want: strings.Repeat("x", 400), Got: flood, At: 1010,
		Doing: strings.Repeat("d", 100), Death: &target.Death{Exit: 139, LastSent: strings.Repeat(`\x00`, 100)},
		Stderr: []string{strings.Repeat("漢", 100), "\x1b[2J\x1b[H", "\xff\xfe"},
	}
	r.Results = one(res)
	return r
}
