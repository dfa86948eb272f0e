package target_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
)

// bound is how long a test waits for an event before it fails.
const bound = 30 * time.Second

var (
	server string // testdata/server.c, built
	kernel *target.Kernel
	ports  *target.Ports
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "target-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	server = filepath.Join(dir, "server")
	out, err := exec.Command("cc", "-Wall", "-O1", "-pthread", "-o", server, "testdata/server.c").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "building testdata/server.c: %v\n%s", err, out)
		return 1
	}
	if kernel, err = target.OpenKernel(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer kernel.Close()
	ports = target.NewPorts(uint64(os.Getpid()))
	return m.Run()
}

// with is the recipe of the server with one habit.
func with(habit string) target.Recipe {
	return target.Recipe{Path: server, Args: []string{"{port}", habit}}
}

// try starts a program and leaves its end to the test's. Between the choice of a port
// and its use another suite on this machine may take it: then on another port.
func try(t *testing.T, r target.Recipe) (p *target.Program, err error) {
	t.Helper()
	for range 3 {
		var port int
		if port, err = ports.Free(); err != nil {
			t.Fatal(err)
		}
		p, err = r.Start(t.Context(), kernel, 1, t.TempDir(), port, 2)
		if err == nil {
			t.Cleanup(p.Stop)
		}
		if err == nil || !strings.Contains(err.Error(), "Address already in use") {
			return p, err
		}
	}
	return p, err
}

func start(t *testing.T, habit string) *target.Program {
	t.Helper()
	p, err := try(t, with(habit))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A client is one connection, and what is told when something comes on it.
type client struct {
	*wire.Conn
	wake chan struct{}
}

func connect(t *testing.T, p *target.Program) client {
	t.Helper()
	wake := make(chan struct{}, 1)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(p.Port))
	conn, err := wire.Dial(t.Context(), to, "", "alice", transcript.NewRecorder(), wake)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Discard)
	return client{conn, wake}
}

func (c client) send(t *testing.T, text string) {
	t.Helper()
	if err := c.Send([]byte(text)); err != nil {
		t.Error(err)
	}
}

// settle waits for the program to be quiet. Only the end of the test is an error.
func (c client) settle(t *testing.T, p *target.Program, patient bool) target.Settled {
	t.Helper()
	s, err := p.Settle(t.Context(), target.Wait{Scale: 1, Links: []target.Link{c}, Wake: c.wake, Patient: patient})
	if err != nil {
		t.Error(err)
	}
	return s
}

// load keeps every processor busy until the test has ended.
func load(t *testing.T, n int) {
	t.Helper()
	for range n {
		busy := exec.Command(server, "0", "spins before")
		if err := busy.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = busy.Process.Kill()
			_ = busy.Wait() // it was killed, which is no news
		})
	}
}
