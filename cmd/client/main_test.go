package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// bound is how long a test waits for what must happen.
const bound = 10 * time.Second

// asClient makes the test binary the client, so that its signals, its exit status
// and its terminal are real.
const asClient = "TEST_AS_CLIENT"

func TestMain(m *testing.M) {
	if os.Getenv(asClient) != "" {
		main()
	}
	os.Exit(m.Run())
}

func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asClient+"=1")
	return c
}

// exitStatus waits for the program to end.
func exitStatus(t *testing.T, c *exec.Cmd) int {
	t.Helper()
	late := time.AfterFunc(bound, func() { _ = c.Process.Kill() })
	defer late.Stop()
	err := c.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode()
}

// A server reads each request with one read and answers from a table.
func server(t *testing.T, answers map[string]string) (port string, requests <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	seen := make(chan string, 100)
	go func() {
		defer close(seen)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, 1024)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			request := string(buffer[:n])
			seen <- request
			answer, ok := answers[request]
			if !ok {
				return // closes
			}
			_, _ = io.WriteString(conn, answer)
		}
	}()
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port, seen
}

func TestUsage(t *testing.T) {
	const more = " (client --help tells more)\n"
	tests := []struct {
		args string
		want string
	}{
		{"", "client: want a server ip and a server port, got 0 arguments" + more},
		{"127.0.0.1", "client: want a server ip and a server port, got 1 arguments" + more},
		{"127.0.0.1 8888 9", "client: want a server ip and a server port, got 3 arguments" + more},
		{"127.0.0.1 x", `client: "x" is no port, which is 1 to 65535` + more},
		{"127.0.0.1 0", `client: "0" is no port, which is 1 to 65535` + more},
		{"127.0.0.1 65536", `client: "65536" is no port, which is 1 to 65535` + more},
		{"--edition 1999 127.0.0.1 1", `client: no edition "1999"; there are 2021, 2020` + more},
		{"--colour 127.0.0.1 1", "client: unknown flag: --colour" + more},
	}
	for _, test := range tests {
		var out, errs bytes.Buffer
		status := run(strings.Fields(test.args), strings.NewReader(""), &out, &errs)
		if status != exitUsage || out.String() != "" || errs.String() != test.want {
			t.Errorf("%q: status %d, stdout %q, stderr %q, want %q", test.args, status, out.String(), errs.String(), test.want)
		}
	}
	var out, errs bytes.Buffer
	if status := run([]string{"--help"}, nil, &out, &errs); status != exitOK || !strings.HasPrefix(out.String(), "Usage: client [--edition 2021|2020] ") || errs.Len() > 0 {
		t.Errorf("--help: status %d, %q, %q", status, out.String(), errs.String())
	}
}

func TestExitStatus(t *testing.T) {
	answers := map[string]string{"REGISTER#alice": "100 OK\r\n", "Exit": "Bye\r\n", "REGISTER#alice#5\r\n": "100 OK\r\n", "Exit\r\n": "Bye\r\n"}
	tests := []struct {
		name, edition, input string
		status               int
		requests, out        string
	}{
		{"end of input", "2021", "", exitOK, "Exit", "The server says: Bye\n"},
		{"exit", "2021", "register alice\nexit\nlist\n", exitOK, "REGISTER#alice|Exit", "Registered alice.\n"},
		{"edition 2020", "2020", "1 alice 5", exitOK, "REGISTER#alice#5\r\n|Exit\r\n", "Registered alice.\n"},
		{"lost", "2021", "list\nlist\n", exitLost, "List", "Lost: the server is gone: it closed the connection.\n"},
	}
	for _, test := range tests {
		port, requests := server(t, answers)
		var out, errs bytes.Buffer
		status := run([]string{"127.0.0.1", port, "--edition", test.edition}, strings.NewReader(test.input), &out, &errs)
		if status != test.status || errs.Len() > 0 || !strings.Contains(out.String(), test.out) {
			t.Errorf("%s: status %d, stdout %q, stderr %q", test.name, status, out.String(), errs.String())
		}
		var seen []string
		for request := range requests {
			seen = append(seen, request)
		}
		if got := strings.Join(seen, "|"); got != test.requests {
			t.Errorf("%s: sent %q, want %q", test.name, got, test.requests)
		}
	}
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	host, port, _ := net.SplitHostPort(address)
	var out, errs bytes.Buffer
	status := run([]string{host, port}, strings.NewReader(""), &out, &errs)
	if want := "client: cannot reach the server at " + address + ": connection refused\n"; status != exitLost || out.Len() > 0 || errs.String() != want {
		t.Errorf("status %d, stdout %q, stderr %q, want %q", status, out.String(), errs.String(), want)
	}
}

// A user at a terminal: the menu, a wrong choice, and Ctrl-C, which says Exit.
func TestTerminal(t *testing.T) {
	port, requests := server(t, map[string]string{"REGISTER#alice": "Transfer OK!\r\n210 FAIL\r\n", "Exit": "Bye\r\n"})
	client := command("127.0.0.1", port)
	terminal, err := pty.Start(client)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var screen []byte
	shows := func(want string) {
		t.Helper()
		buffer := make([]byte, 1024)
		for !bytes.Contains(screen, []byte(want)) {
			_ = terminal.SetReadDeadline(time.Now().Add(bound))
			n, err := terminal.Read(buffer)
			screen = append(screen, buffer[:n]...)
			if err != nil && !bytes.Contains(screen, []byte(want)) {
				t.Fatalf("no %q but %v in\n%s", want, err, screen)
			}
		}
		_, screen, _ = bytes.Cut(screen, []byte(want))
	}
	types := func(text string) {
		t.Helper()
		if _, err := io.WriteString(terminal, text); err != nil {
			t.Fatal(err)
		}
	}
	shows("1) register   2) login   3) list   4) pay   5) exit\r\n> ")
	types("zz\n")
	shows(`There is no command "zz". Try help.`)
	shows("\r\n> ")
	types("1\n")
	shows("1\r\nName: ")
	types("alice\n")
	shows("The server says: Transfer OK!\r\n")
	shows("register failed: the server says: 210 FAIL (the name is taken).\r\n")
	shows("\r\n> ")
	types("\x03")
	shows("\r\nThe server says: Bye\r\n")
	shows("Wrote ")
	if status := exitStatus(t, client); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	for _, want := range []string{"REGISTER#alice", "Exit"} {
		if got := <-requests; got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
	}
}

// Ctrl-C ends it while it waits for an answer, too.
func TestInterruptWhileWaiting(t *testing.T) {
	port, requests := server(t, map[string]string{"REGISTER#alice": ""})
	client := command("127.0.0.1", port)
	client.Stdin = strings.NewReader("register alice\n")
	var out bytes.Buffer
	client.Stdout = &out
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	<-requests
	if err := client.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, client); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	if !strings.Contains(out.String(), "No goodbye: an earlier request is unanswered.\n") {
		t.Errorf("output %q", out.String())
	}
	if request, more := <-requests; more {
		t.Errorf("sent %q", request)
	}
}
