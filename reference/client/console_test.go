package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/spec/edition"
)

// A paper is what a console has written so far.
type paper struct {
	t       testing.TB
	mu      sync.Mutex
	text    strings.Builder
	seen    int // what a wait has gone past
	changed chan struct{}
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Write(b)
	select {
	case p.changed <- struct{}{}:
	default:
	}
	return len(b), nil
}

// shows waits for a text after the last one that was waited for.
func (p *paper) shows(want string) {
	p.t.Helper()
	late := time.After(bound)
	for {
		p.mu.Lock()
		rest := p.text.String()[p.seen:]
		i := strings.Index(rest, want)
		if i >= 0 {
			p.seen += i + len(want)
		}
		p.mu.Unlock()
		if i >= 0 {
			return
		}
		select {
		case <-p.changed:
		case <-late:
			p.t.Fatalf("no %q in\n%s", want, rest)
		}
	}
}

func (p *paper) all() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// A seat is a user at a console, with a test for a server.
type seat struct {
	*paper
	keys   *os.File
	server far
	stop   context.CancelFunc // Ctrl-C
	ended  <-chan error
}

// types sends lines to the console.
func (s seat) types(lines ...string) {
	s.t.Helper()
	for _, line := range lines {
		if _, err := io.WriteString(s.keys, line+"\n"); err != nil {
			s.t.Fatalf("typing %q: %v", line, err)
		}
	}
}

// seated is a user whose server is the test.
func seated(t testing.TB, edition string, terminal bool) seat {
	t.Helper()
	listener := listen(t)
	s := sit(t, listener.Addr().String(), edition, terminal)
	s.server = accepted(t, listener)
	return s
}

// sit connects a console to a server.
func sit(t testing.TB, address, name string, terminal bool) seat {
	t.Helper()
	e, err := edition.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	in, keys, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := &paper{t: t, changed: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(t.Context())
	console, err := Connect(ctx, Config{Address: address, Edition: e, PeerHost: "127.0.0.1"}, in, out, terminal)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close(); in.Close() })
	return seat{paper: out, keys: keys, stop: stop, ended: later(func() error { return console.Run(ctx) })}
}

// A whole session of a script, as it reads.
func TestScript(t *testing.T) {
	s := seated(t, "2021", false)
	s.types("# a comment, and an empty line", "", "register alice")
	s.server.hears("REGISTER#alice")
	s.server.says("100 OK\r\n")
	s.types("2 alice 0")
	_, port, _ := strings.Cut(s.server.next(), "#")
	list := fmt.Sprintf("10000\r\npublic key\r\n2\r\nalice#127.0.0.1#%s\r\nbob#10.0.0.7#5002\r\n", port)
	s.server.says(list)
	s.types("LIST")
	s.server.hears("List")
	s.server.says(strings.ReplaceAll(list, "\r", ""))
	s.types("wait 9")
	dialled(t, net.JoinHostPort("127.0.0.1", port)).says("bob#137#alice")
	s.server.hears("bob#137#alice")
	s.shows("Waited for: ")
	s.types("wait 9")
	s.server.says("Transfer OK!\r\n")
	s.shows("Waited for: ")
	s.types("wait 0", "5")
	s.server.hears("Exit")
	s.server.says("Bye\r\n")
	if err := soon(t, s.ended); err != nil {
		t.Error(err)
	}

	want := `Connected to SERVER.
Registered alice.
Logged in as alice, listening on port PORT.
Balance: 10000
Key: public key
Online: 2
  alice             127.0.0.1        PORT  (you)
  bob               10.0.0.7          5002
Balance: 10000
Key: public key
Online: 2
  alice             127.0.0.1        PORT  (you)
  bob               10.0.0.7          5002
bob paid you 137. The list shows whether it counts.
Waited for: bob paid you 137. The list shows whether it counts.
The server says: Transfer OK!
Waited for: The server says: Transfer OK!
wait failed: nothing came in 0s.
The server says: Bye
Wrote 46 bytes and read 163 bytes in TIME.
`
	got := strings.ReplaceAll(s.all(), s.server.conn.LocalAddr().String(), "SERVER")
	got = strings.ReplaceAll(got, fmt.Sprintf("%5s", port), "PORT")
	got = regexp.MustCompile(`(?m)bytes in \S+$`).ReplaceAllString(got, "bytes in TIME.")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What is wrong is said before anything is sent, and the next command works.
func TestScriptMistakes(t *testing.T) {
	tests := []struct{ edition, line, want string }{
		{"2021", "foo", `There is no command "foo". Try help.`},
		{"2021", "6", `There is no command "6". Try help.`},
		{"2021", "regis", `There is no command "regis". Try help.`},
		{"2021", "register", "register failed: usage: register <name>."},
		{"2021", "register alice 5", "register failed: usage: register <name>."},
		{"2020", "register alice", "register failed: usage: register <name> <deposit>."},
		{"2020", "register alice 0", `register failed: "0" is no number from 1 to 2147483647.`},
		{"2021", "register al#ice", "register failed: a name has 1 to 16 letters and digits."},
		{"2021", "register a234567890123456x", "register failed: a name has 1 to 16 letters and digits."},
		{"2021", "register REGISTER", "register failed: REGISTER is no name, it would be read as the request."},
		{"2021", "login alice 65536", `login failed: "65536" is no number from 0 to 65535.`},
		{"2021", "login alice x", `login failed: "x" is no number from 0 to 65535.`},
		{"2021", "pay bob 0", `pay failed: "0" is no number from 1 to 2147483647.`},
		{"2021", "pay bob 2147483648", `pay failed: "2147483648" is no number from 1 to 2147483647.`},
		{"2021", "pay bob -5", `pay failed: "-5" is no number from 1 to 2147483647.`},
		{"2021", "pay bob 5", "pay failed: log in first."},
		{"2021", "wait", "wait failed: usage: wait <seconds>."},
	}
	for _, test := range tests {
		s := seated(t, test.edition, false)
		s.types(test.line)
		s.shows("\n" + test.want + "\n")
		s.types("list")
		if got := strings.TrimSpace(s.server.next()); got != "List" {
			t.Errorf("%q sent %q", test.line, got)
		}
		s.server.says("Please login first\r\n")
		s.shows("list failed: the server says: Please login first.\n")
	}
}

func TestHelp(t *testing.T) {
	s := seated(t, "2020", false)
	s.types("help")
	s.shows("\n1  register <name> <deposit>\n2  login <name> <port>\n3  list\n4  pay <payee> <amount>\n5  exit\n   wait <seconds>\n   help\n")
}

// A menu asks for what it needs, refuses what is wrong, and asks again.
func TestMenu(t *testing.T) {
	s := seated(t, "2021", true)
	const menu = "\n1) register   2) login   3) list   4) pay   5) exit\n> "
	s.shows(menu)
	s.types("9")
	s.shows("There is no command \"9\". Try help.\n\n1) ")
	s.types("1")
	s.shows("Name: ")
	s.types("al ice")
	s.shows("Not so: a name has 1 to 16 letters and digits.\nName: ")
	s.types(" alice ")
	s.server.hears("REGISTER#alice")
	s.server.says("210 FAIL\r\n")
	s.shows("register failed: the server says: 210 FAIL (the name is taken).\n")
	s.shows(menu)
	s.types("4", "")
	s.shows("Payee: pay failed: nothing entered.\n")
	s.types("login bob") // what is given is not asked for
	s.shows("Port to listen on for payments (0: a free one): ")
	s.types("70000")
	s.shows(": ")
	s.types("0")
	s.server.next()
	s.server.says("7\r\nkey\r\n0\r\n")
	s.shows("Logged in as bob, listening on port ")
	s.shows(menu)
	s.server.says("Transfer OK!\r\n") // while the user is asked
	s.shows("\nThe server says: Transfer OK!\n> ")
	s.keys.Close()
	s.server.hears("Exit")
	s.server.says("Bye\r\n")
	s.shows("\nThe server says: Bye\nWrote ")
	if err := soon(t, s.ended); err != nil {
		t.Error(err)
	}
}

// However it ends: by end of input, by Ctrl-C, or by the server.
func TestEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(seat)
		want error
		last string
	}{
		{"end of input", func(s seat) { s.keys.Close(); s.server.hears("Exit"); s.server.says("Bye\r\n") }, nil, "The server says: Bye"},
		{"Ctrl-C", func(s seat) { s.stop(); s.server.hears("Exit"); s.server.says("Bye\r\n") }, nil, "The server says: Bye"},
		{"no Bye", func(s seat) { s.types("exit"); s.server.hears("Exit") }, nil, `No goodbye: no answer to "Exit": waited 2s.`},
		{"close instead of Bye", func(s seat) { s.types("exit"); s.server.hears("Exit"); s.server.conn.Close() }, nil, "No goodbye: the server is gone: it closed the connection."},
		{"Ctrl-C while waiting", func(s seat) { s.types("list"); s.server.hears("List"); s.stop(); s.server.ends() }, nil, "No goodbye: an earlier request is unanswered."},
		{"Ctrl-C in a question", func(s seat) {
			s.types("pay")
			s.shows("Payee: ")
			s.stop()
			s.server.hears("Exit")
			s.server.conn.Close()
		}, nil, "No goodbye: the server is gone: it closed the connection."},
		{"Ctrl-C in wait", func(s seat) { s.types("wait 60"); s.stop(); s.server.next(); s.server.conn.Close() }, nil, "No goodbye: the server is gone: it closed the connection."},
		{"server closes", func(s seat) { s.server.conn.Close() }, ErrLost, "Lost: the server is gone: it closed the connection."},
		{"server resets", func(s seat) { s.server.resets() }, ErrLost, "Lost: the server is gone: connection reset by peer."},
		{"server closes in an answer", func(s seat) { s.types("list"); s.server.hears("List"); s.server.conn.Close() }, ErrLost, "Lost: the server is gone: it closed the connection."},
	}
	for _, test := range tests {
		for _, terminal := range []bool{false, true} {
			if !terminal && strings.HasSuffix(test.name, "question") {
				continue
			}
			t.Run(fmt.Sprintf("%s/%v", test.name, terminal), func(t *testing.T) {
				t.Parallel()
				s := seated(t, "2021", terminal)
				test.end(s)
				if err := soon(t, s.ended); !errors.Is(err, test.want) {
					t.Errorf("Run: %v, want %v", err, test.want)
				}
				lines := strings.Split(strings.TrimSpace(s.all()), "\n")
				if last := strings.TrimPrefix(lines[len(lines)-2], "> "); last != test.last {
					t.Errorf("last line %q, want %q", last, test.last)
				}
				if last := lines[len(lines)-1]; !strings.HasPrefix(last, "Wrote ") {
					t.Errorf("no traffic in %q", last)
				}
			})
		}
	}
}

// A list of any size is shown whole, and what others wrote cannot play with the
// terminal.
func TestShowList(t *testing.T) {
	for _, users := range []int{0, 1, 50, 10_000} {
		s := seated(t, "2021", false)
		s.types("list")
		s.server.hears("List")
		var list strings.Builder
		fmt.Fprintf(&list, "7\r\n\x1b[2J%s\r\n%d\r\n", strings.Repeat("k", 500), users)
		for i := range users {
			fmt.Fprintf(&list, "user%d#127.0.0.1#%d\r\n", i, i+1)
		}
		s.server.says(list.String())
		s.shows(fmt.Sprintf("Balance: 7\nKey: ?[2J%s...\nOnline: %d\n", strings.Repeat("k", 56), users))
		for i := range users {
			s.shows(fmt.Sprintf("  %-16s  127.0.0.1        %5d\n", fmt.Sprintf("user%d", i), i+1))
		}
	}
}
