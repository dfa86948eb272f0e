package main

import (
	"bytes"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paycheck/reference/secure"
)

// The client shows both keys, remembers the server's, and refuses another one later.
func TestSecure(t *testing.T) {
	ours, theirs := t.TempDir(), t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	// visit has the client connect, say nothing and leave, and gives what it showed.
	visit := func(id *secure.Identity, want int) string {
		t.Helper()
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		c := command("--secure", "127.0.0.1", port)
		c.Dir = ours
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		server := tls.Server(conn, id.Server())
		buffer := make([]byte, 100)
		if n, err := server.Read(buffer); err == nil && string(buffer[:n]) == "Exit" {
			_, _ = server.Write([]byte("Bye\r\n"))
		}
		if code := exitStatus(t, c); code != want {
			t.Errorf("exit %d, want %d: %s", code, want, out.String())
		}
		return out.String()
	}
	load := func(name string) *secure.Identity {
		id, _, err := secure.Load(secure.Files{Cert: filepath.Join(theirs, name+".crt"), Key: filepath.Join(theirs, name+".key")})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	first, second := load("first"), load("second")
	for _, met := range []string{"new, remembered from now on", "known"} {
		if said := visit(first, exitOK); !strings.Contains(said, "The server's key ("+met+"): "+secure.Fingerprint(first.Public())) {
			t.Errorf("it does not say %q: %s", met, said)
		}
	}
	said := visit(second, exitLost)
	if !strings.Contains(said, "the server's key has changed") || !strings.Contains(said, "remove its line from client.known") || strings.Count(said, "\n") != 1 {
		t.Errorf("of another key it says %q", said)
	}
	for _, name := range []string{"client.key", "client.known"} {
		if info, err := os.Stat(filepath.Join(ours, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// What belongs to encryption is refused without it, and a key that is no good too.
func TestSecureRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "my.key"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--cert x 127.0.0.1 1", exitUsage, "--cert is for --secure"},
		{"--known x 127.0.0.1 1", exitUsage, "--known is for --secure"},
		{"--secure --key my.key 127.0.0.1 1", exitLost, "my.key: it is not in PEM"},
	} {
		cmd := command(strings.Fields(c.args)...)
		cmd.Dir = dir
		var out bytes.Buffer
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if code := exitStatus(t, cmd); code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: exit %d, %q; want %d and %q", c.args, code, out.String(), c.code, c.says)
		}
	}
}
