package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asServer in the environment makes the test binary the server.
const asServer = "PAYCHECK_TEST_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// bound is how long an event may take before a test gives up.
const bound = 20 * time.Second

// command is the server in a directory, not yet started, and killed at the end.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*bound)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asServer+"=1")
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	return cmd
}

// A process is a server that listens.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string
	addr string
	said string    // on standard output, up to the line with the port
	out  io.Closer // its standard output
}

var listening = regexp.MustCompile(`Listening on port (\d+)`)

// start starts a server on a port of its own, and returns when it has printed it.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	return launch(t, command(t, dir, append([]string{"0"}, args...)...))
}

// launch starts a command that becomes a server.
func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: cmd, dir: cmd.Dir, out: stdout}
	t.Cleanup(func() { p.cmd.Process.Kill(); p.cmd.Wait() })
	out := bufio.NewReader(stdout)
	for p.addr == "" {
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("the server ended before it listened: %v", err)
		}
		p.said += line
		if port := listening.FindStringSubmatch(line); port != nil {
			p.addr = "127.0.0.1:" + port[1]
		}
	}
	return p
}

// end sends a signal and checks the exit code and that it comes soon.
func (p *process) end(sig os.Signal) {
	p.t.Helper()
	start := time.Now()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("after %v: %v", sig, err)
	}
	if took := time.Since(start); took > 2*time.Second {
		p.t.Errorf("it took %v to end", took)
	}
}

// A conn is a client.
type conn struct {
	net.Conn
	in *bufio.Reader
}

func (p *process) connect() *conn {
	p.t.Helper()
	c, err := net.Dial("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(2 * bound))
	return &conn{c, bufio.NewReader(c)}
}

// ask sends a request and returns the first line of the answer.
func (c *conn) ask(request string) (string, error) {
	if _, err := io.WriteString(c, request+"\r\n"); err != nil {
		return "", err
	}
	return c.line()
}

func (c *conn) line() (string, error) {
	line, err := c.in.ReadString('\n')
	return strings.TrimSuffix(line, "\r\n"), err
}

// lines is ask for the rest of a list too: n lines.
func (c *conn) lines(t *testing.T, request string, n int) string {
	t.Helper()
	line, err := c.ask(request)
	for got := line; ; n-- {
		if err != nil {
			t.Fatalf("%s: %q, %v", request, got, err)
		}
		if n == 1 {
			return got
		}
		line, err = c.line()
		got += " " + line
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Either signal ends the server soon, with clients connected and waiting, exit code
// 0, and deletes the database; the port can be used again at once.
func TestSignals(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := t.TempDir()
		p := start(t, dir, "2")
		alice, idle, waiter := p.connect(), p.connect(), p.connect()
		alice.lines(t, "REGISTER#alice", 1)
		// The address of an IPv4 client is written as one, though the server listens on all.
		if got := alice.lines(t, "alice#5001", 4); got != "10000 public key 1 alice#127.0.0.1#5001" {
			t.Errorf("login: %q", got)
		}
		io.WriteString(waiter, "List\r\n")
		if got := files(t, dir); len(got) != 3 {
			t.Errorf("files while it runs: %v", got)
		}
		p.end(sig)
		for _, c := range []*conn{alice, idle, waiter} {
			if _, err := c.in.ReadByte(); err == nil {
				t.Error("a client was sent something at the end")
			}
		}
		if got := files(t, dir); len(got) != 0 {
			t.Errorf("left behind after %v: %v", sig, got)
		}
		_, port, _ := net.SplitHostPort(p.addr)
		again := command(t, dir, port)
		out, err := again.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Start(); err != nil {
			t.Fatal(err)
		}
		if !waitFor(out, "Listening on port "+port) {
			t.Error("the port could not be used again at once")
		}
		again.Process.Kill()
		again.Wait()
	}
}

// waitFor reads until a text comes, or the end.
func waitFor(r io.Reader, text string) bool {
	in := bufio.NewScanner(r)
	for in.Scan() {
		if strings.Contains(in.Text(), text) {
			return true
		}
	}
	return false
}

// With --keep-db accounts outlive a restart, and nobody is online after it; without
// it they are gone.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--keep-db")
	alice, bob := p.connect(), p.connect()
	alice.lines(t, "REGISTER#alice", 1)
	alice.lines(t, "alice#5001", 4)
	bob.lines(t, "REGISTER#bob", 1)
	bob.lines(t, "bob#5002", 5)
	io.WriteString(bob, "alice#100#bob\r\n")
	if line, err := alice.line(); line != "Transfer OK!" {
		t.Fatalf("%q, %v", line, err)
	}
	p.end(os.Interrupt)

	p = start(t, dir)
	if got := p.connect().lines(t, "bob#5002", 4); got != "10100 public key 1 bob#127.0.0.1#5002" {
		t.Errorf("bob after a restart: %q", got)
	}
	p.end(os.Interrupt)

	p = start(t, dir)
	if got := p.connect().lines(t, "bob#5002", 1); got != "220 AUTH_FAIL" {
		t.Errorf("bob after a restart without --keep-db: %q", got)
	}
}

// The sqlite3 shell, or what reads like it, sees the accounts while the server runs.
func TestReadMeanwhile(t *testing.T) {
	p := start(t, t.TempDir())
	alice := p.connect()
	alice.lines(t, "REGISTER#alice", 1)
	alice.lines(t, "alice#5001", 4)
	db, err := sql.Open("sqlite3", filepath.Join(p.dir, database))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	read := func() (row string) {
		const query = `SELECT username || ' ' || ip || ' ' || public_port || ' ' || private_port || ' ' || online_status || ' ' || balance FROM client`
		if err := db.QueryRow(query).Scan(&row); err != nil {
			t.Fatal(err)
		}
		return row
	}
	_, own, _ := net.SplitHostPort(alice.LocalAddr().String())
	if got, want := read(), "alice 127.0.0.1 5001 "+own+" 1 10000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	alice.lines(t, "Exit", 1)
	if got := read(); !strings.HasSuffix(got, " 0 10000") {
		t.Errorf("after Exit: %q", got)
	}
}

// Each of these ends at once with one clear line on standard error.
func TestRefused(t *testing.T) {
	busy, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	_, busyPort, _ := net.SplitHostPort(busy.Addr().String())

	locked := t.TempDir()
	db, err := sql.Open("sqlite3", filepath.Join(locked, database)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE t (x)"); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()

	inUse := start(t, t.TempDir()).dir
	noFile := t.TempDir()
	if err := os.Mkdir(filepath.Join(noFile, database), 0o700); err != nil {
		t.Fatal(err)
	}

	tests := []struct {
		name string
		dir  string // empty: a new one
		args []string
		code int
		says string
	}{
		{"no arguments", "", nil, exitUsage, "no port given"},
		{"a port that is none", "", []string{"http"}, exitUsage, `"http" is no port`},
		{"a port too high", "", []string{"65536"}, exitUsage, `"65536" is no port`},
		{"a limit of none", "", []string{"0", "0"}, exitUsage, `"0" is no limit`},
		{"a limit below that", "", []string{"--", "0", "-1"}, exitUsage, `"-1" is no limit`},
		{"a limit that is none", "", []string{"0", "two"}, exitUsage, `"two" is no limit`},
		{"too many arguments", "", []string{"0", "1", "2"}, exitUsage, "too many arguments: 2"},
		{"an unknown flag", "", []string{"0", "--fast"}, exitUsage, "unknown flag: --fast"},
		{"an unknown edition", "", []string{"0", "--edition", "1999"}, exitUsage, `no edition "1999"; there are 2021, 2020`},
		{"a port in use", "", []string{busyPort}, exitFailed, "port " + busyPort + " is already in use"},
		{"a database in use", inUse, []string{"0"}, exitFailed, "server.db: in use by another server"},
		{"a database with a transaction", locked, []string{"0"}, exitFailed, "server.db: locked by another program"},
		{"no database", noFile, []string{"0"}, exitFailed, "server.db: cannot open it: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := test.dir
			if dir == "" {
				dir = t.TempDir()
			}
			before := files(t, dir)
			cmd := command(t, dir, test.args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != test.code {
				t.Errorf("%v, want exit code %d", err, test.code)
			}
			got := stderr.String()
			if !strings.HasPrefix(got, "server: ") || !strings.Contains(got, test.says) || strings.Count(got, "\n") != 1 {
				t.Errorf("standard error %q, want one line that says %q", got, test.says)
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output %q", stdout.String())
			}
			if after := files(t, dir); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("files %v of %v", after, before)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	out, err := command(t, t.TempDir(), "--help").Output()
	if err != nil || string(out) != usage || !strings.Contains(usage, "  server 8888 2 ") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// The limit that is left out is the most that there can be, and one above that is
// lowered to it. Both are said.
func TestMost(t *testing.T) {
	most := regexp.MustCompile(`(?m)^Limit: (\d+) clients`)
	without := start(t, t.TempDir()).said
	above := start(t, t.TempDir(), "999999999").said
	n := most.FindString(without)
	if n == "" || !strings.Contains(above, n) || !strings.Contains(above, "999999999 is more than this machine supports") {
		t.Errorf("without a limit:\n%s\nwith one that is too high:\n%s", without, above)
	}
	if two := start(t, t.TempDir(), "2").said; !strings.Contains(two, "Limit: 2 clients") {
		t.Errorf("with a limit of 2:\n%s", two)
	}
}

// With few descriptors the most is little, and more clients than there are
// descriptors are served in the end, in order of arrival.
func TestFewDescriptors(t *testing.T) {
	cmd := command(t, t.TempDir(), "0")
	cmd.Args = append([]string{"sh", "-c", `ulimit -n 140 && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	var err error
	if cmd.Path, err = exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	p := launch(t, cmd)
	if !strings.Contains(p.said, "Limit: 12 clients") {
		t.Fatalf("with 140 descriptors, of which 64 are its own and 64 for those who wait:\n%s", p.said)
	}
	var clients []*conn
	for range 160 {
		c := p.connect()
		io.WriteString(c, "List\r\n")
		clients = append(clients, c)
	}
	for i, c := range clients {
		if line, err := c.line(); line != "Please login first" {
			t.Fatalf("client %d: %q, %v", i, line, err)
		}
		c.Close()
	}
	p.end(os.Interrupt)
}

// A standard output that nobody reads, or that was closed, holds up nobody, and not
// the end either.
func TestDeafOutput(t *testing.T) {
	for _, how := range []string{"unread", "closed"} {
		p := start(t, t.TempDir())
		if how == "closed" {
			p.out.Close()
		}
		c := p.connect()
		c.lines(t, "REGISTER#alice", 1)
		c.lines(t, "alice#5001", 4)
		for range 4000 { // 140 kB of messages: twice what a pipe takes
			c.lines(t, "List", 4)
		}
		p.end(os.Interrupt)
	}
}

func TestEdition(t *testing.T) {
	p := start(t, t.TempDir(), "--edition", "2020")
	c := p.connect()
	if got := c.lines(t, "REGISTER#alice#42", 1); got != "100 OK" {
		t.Fatal(got)
	}
	if got := c.lines(t, "alice#5001", 3); got != "42 1 alice#127.0.0.1#5001" {
		t.Errorf("login: %q", got)
	}
}
