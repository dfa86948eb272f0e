package fuzz

import (
	"slices"
	"strings"
	"testing"

	"paycheck/conformance/dialect"
	"paycheck/fuzz/model"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

// madeUp is a subject of which no program is started.
func madeUp() *Subject {
	s := &Subject{edition: edition.Default(), most: crowd, voice: model.Voice{Bare: true, LineEnd: true}}
	s.env.Profile.Dialect = dialect.Dialect{Ending: dialect.NUL, LineEnd: dialect.CRLF}
	return s
}

func text(acts Acts) string {
	s := scenario.Scenario{Title: "A conversation."}
	for _, a := range acts {
		s.Steps = append(s.Steps, scenario.Step{Act: a})
	}
	return s.String()
}

// A conversation is the same each time, differs from every other, and says in the
// notation what it does.
func TestConversations(t *testing.T) {
	s, seen := madeUp(), map[string]bool{}
	for n := range 200 {
		once, again := text(s.conversation(7, n)), text(s.conversation(7, n))
		if once != again {
			t.Fatalf("conversation %d differs from itself:\n%s\n%s", n, once, again)
		}
		if seen[once] {
			t.Errorf("conversation %d was made before:\n%s", n, once)
		}
		seen[once] = true
	}
	if text(s.conversation(7, 0)) == text(s.conversation(8, 0)) {
		t.Error("two seeds make the same conversation")
	}
}

// What is written down is read again as the same bytes, whatever they are.
func TestConversationsAreWritable(t *testing.T) {
	s := madeUp()
	for n := range 200 {
		acts := s.conversation(3, n)
		f := Finding{Trouble: Trouble{ID: "FRM-8", Why: "a reason\nin two lines", Step: len(acts) - 1}, Script: Script{Acts: acts}}
		for i, a := range acts { // the notation demands an expectation behind each request
			if who, ends := actorOf(a); !ends {
				f.seen = append(f.seen, seen{i, who, "(nothing)"})
			}
		}
		back, err := Read(f.scenario(3))
		if err != nil {
			t.Fatalf("conversation %d: %v\n%s", n, err, f.scenario(3))
		}
		if text(back.Acts) != text(acts) {
			t.Fatalf("conversation %d is read as another:\n%s\n%s", n, text(acts), text(back.Acts))
		}
	}
}

func TestDdmin(t *testing.T) {
	list := make([]int, 100)
	for i := range list {
		list[i] = i
	}
	tried := 0
	got := ddmin(list, func(rest []int) bool {
		tried++
		return slices.Contains(rest, 3) && slices.Contains(rest, 71) && slices.Contains(rest, 72)
	})
	if !slices.Equal(got, []int{3, 71, 72}) {
		t.Errorf("got %v", got)
	}
	if tried > 200 {
		t.Errorf("it took %d tries", tried)
	}
	if got := ddmin([]int{1}, func([]int) bool { return true }); len(got) != 0 {
		t.Errorf("what needs nothing keeps %v", got)
	}
}

func TestCrashFrame(t *testing.T) {
	for _, c := range []struct{ printed, want string }{
		{"", ""},
		{"accept: ok\nbye\n", ""},
		{
			"==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020\nWRITE of size 65\n" +
				"    #0 0x7f in __interceptor_strcpy ../sanitizer_common/x.cpp:1\n    #1 0x55 in add_user /s/server.c:31\n",
			"AddressSanitizer: heap-buffer-overflow on in add_user",
		},
		{
			"WARNING: ThreadSanitizer: data race (pid=9)\n  Write of size 8 at 0x7b by thread T2:\n    #0 list_add /s/server.c:40 (server+0x1)\n",
			"ThreadSanitizer: data race in list_add",
		},
		{"server.c:12:7: runtime error: signed integer overflow: 1 + 2\n", "signed integer overflow: 1 + 2 at server.c:12"},
		{
			"panic: no such message\n\ngoroutine 9 [running]:\npaycheck/reference/server.(*session).read(0xc0)\n\t/x.go:99\n",
			"panic: no such message in paycheck/reference/server.(*session).read",
		},
	} {
		if got := crashFrame(c.printed); got != c.want {
			t.Errorf("crashFrame(%q) = %q, want %q", c.printed, got, c.want)
		}
	}
}

// A finding says which requirement is broken and how sure that is.
func TestScenarioOfAFinding(t *testing.T) {
	f := Finding{
		Trouble: Trouble{ID: "REG-2", Why: "the answer is \"100 OK\"", Want: "210 FAIL", Step: 1},
		Failed:  9, Tried: 10, Number: 12,
	}
	steps, err := scenario.Steps("alice > REGISTER#alice\nbob > REGISTER#alice")
	if err != nil {
		t.Fatal(err)
	}
	f.Acts = Acts{steps[0].Act, steps[1].Act}
	f.seen = []seen{{0, "alice", "100 OK"}, {1, "bob", "100 OK"}}
	got := f.scenario(7)
	for _, want := range []string{
		"# REG-2 is broken: ", "REG-2 (MUST) A server MUST answer", "# seed:        7, conversation 12", "9 of 10 fresh processes",
		"alice > REGISTER#alice\nalice < 100 OK\nbob > REGISTER#alice\nbob < 210 FAIL\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if !f.Steady() {
		t.Error("9 of 10 is not steady")
	}
}
