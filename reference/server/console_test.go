package server

import (
	"errors"
	"strings"
	"testing"
)

func TestLevels(t *testing.T) {
	tests := []struct {
		level   Level
		want    []string
		without []string
	}{
		{Events, []string{"alice registered\n", "alice logged in from 127.0.0.1@", "port 5001: 1 online\n", "alice logged out: 0 online\n"}, []string{"[", "New client", "alice#"}},
		{Lists, []string{"alice registered\n", "port 5001: 1 online\n  alice#127.0.0.1#5001  10000\n"}, []string{"[", "New client"}},
		{Everything, []string{"New client 127.0.0.1@", "[REGISTER#alice] from 127.0.0.1@", "[List] from", "[Exit] from", "  alice#127.0.0.1#5001  10000\n"}, nil},
	}
	for _, test := range tests {
		r := serve(t, setting{level: &test.level})
		c := r.login("alice", 5001)
		c.balance()
		c.send("Exit\r\n").expect("Bye").closed()
		r.prints("alice logged out")
		for _, want := range test.want {
			r.prints(want)
		}
		for _, without := range test.without {
			if strings.Contains(r.printed.String(), without) {
				t.Errorf("level %d prints %q:\n%s", test.level, without, r.printed)
			}
		}
	}
}

func TestPrintable(t *testing.T) {
	tests := []struct{ in, want string }{
		{"alice#1#bob", "alice#1#bob"},
		{`"quoted" \ text`, `"quoted" \ text`},
		{"\x1b[2J", `\x1b[2J`},
		{"a\r\nb\x00", `a\r\nb\x00`},
		{"\xff", `\xff`},
		{"é", `\u00e9`},
	}
	for _, test := range tests {
		if got := printable(test.in); got != test.want {
			t.Errorf("printable(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// An output that fails is no reason to stop.
func TestBrokenConsole(t *testing.T) {
	r := serve(t, setting{console: writerFunc(func([]byte) (int, error) { return 0, errors.New("broken") })})
	c := r.login("alice", 5001)
	for range 3 * queued {
		c.balance()
	}
}
