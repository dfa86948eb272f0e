package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paycheck/reference/secure"
)

// Key and certificate are made at first use, shown by the fingerprint, and stay.
func TestSecure(t *testing.T) {
	dir := t.TempDir()
	first := start(t, dir, "3", "--secure")
	first.end(os.Interrupt)
	id, made, err := secure.Load(secure.Files{Cert: filepath.Join(dir, "server.crt"), Key: filepath.Join(dir, "server.key")})
	if err != nil || made {
		t.Fatalf("after the first run: made %v, %v", made, err)
	}
	print := "Key fingerprint: " + secure.Fingerprint(id.Public()) + "\n"
	if !strings.Contains(first.said, print) || !strings.Contains(first.said, "Key made: server.key\n") {
		t.Errorf("the first says %q", first.said)
	}
	second := start(t, dir, "--secure")
	second.end(os.Interrupt)
	if !strings.Contains(second.said, print) || !strings.Contains(second.said, "Key found: server.key\n") {
		t.Errorf("the second says %q", second.said)
	}
}

// A key that is no good keeps the server from starting, with its reason; so do flags
// that belong to encryption without it.
func TestSecureRefused(t *testing.T) {
	for _, c := range []struct {
		args string
		key  string
		code int
		says string
	}{
		{"0 --cert x", "", exitUsage, "--cert and --key are for --secure"},
		{"0 --key x", "", exitUsage, "--cert and --key are for --secure"},
		{"0 --secure --key my.key", "hello", exitFailed, "my.key: it is not in PEM"},
		{"0 --secure --key none/my.key", "", exitFailed, "none/my.key"},
	} {
		dir := t.TempDir()
		if c.key != "" {
			if err := os.WriteFile(filepath.Join(dir, "my.key"), []byte(c.key), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := command(t, dir, strings.Fields(c.args)...)
		var out bytes.Buffer
		cmd.Stderr = &out
		_ = cmd.Run() // the code says it
		said := out.String()
		if cmd.ProcessState.ExitCode() != c.code || !strings.Contains(said, c.says) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit %d, %q; want %d and %q", c.args, cmd.ProcessState.ExitCode(), said, c.code, c.says)
		}
		if _, err := os.Stat(filepath.Join(dir, "server.db")); err == nil {
			t.Errorf("%s: there is a database", c.args)
		}
	}
}
