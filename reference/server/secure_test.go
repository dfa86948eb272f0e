package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/reference/secure"
)

// identity is shared by the tests: to make a key takes long.
var identity = sync.OnceValues(func() (*secure.Identity, error) {
	dir, err := os.MkdirTemp("", "server")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	id, _, err := secure.Load(secure.Files{Cert: filepath.Join(dir, "c"), Key: filepath.Join(dir, "k")})
	return id, err
})

// serveSecure is a server that speaks TLS.
func serveSecure(t testing.TB, limit int) *rig {
	t.Helper()
	return serve(t, setting{limit: limit, secure: true})
}

// A safe client talks inside TLS.
type safe struct {
	*client
	tls *tls.Conn
	raw *recorded
}

// A recorded connection keeps all bytes that pass.
type recorded struct {
	*net.TCPConn
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (r *recorded) Read(b []byte) (int, error) {
	n, err := r.TCPConn.Read(b)
	r.keep(b[:n])
	return n, err
}

func (r *recorded) Write(b []byte) (int, error) {
	r.keep(b)
	return r.TCPConn.Write(b)
}

func (r *recorded) keep(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bytes.Write(b)
}

func (r *recorded) all() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.bytes.Bytes())
}

// shakes completes a handshake.
func (r *rig) shakes(version uint16) *safe {
	r.t.Helper()
	plain := r.connect()
	raw := &recorded{TCPConn: plain.conn}
	config := secure.Client(nil)
	config.MaxVersion = version
	t := tls.Client(raw, config)
	if err := t.Handshake(); err != nil {
		r.t.Fatal(err)
	}
	plain.in = bufio.NewReader(t)
	return &safe{client: plain, tls: t, raw: raw}
}

func (s *safe) says(text string) *safe {
	s.t.Helper()
	if _, err := io.WriteString(s.tls, text); err != nil {
		s.t.Fatalf("sending %.60q: %v", text, err)
	}
	return s
}

// enters registers and logs in, and returns the key line.
func (s *safe) enters(name string) string {
	s.t.Helper()
	s.says("REGISTER#" + name).expect("100 OK")
	s.says(name + "#5000")
	_, key := s.lists()
	return key
}

// lists reads a list, and returns its balance and key line.
func (s *safe) lists() (balance, key string) {
	s.t.Helper()
	balance, key = s.line(), s.line()
	var n int
	if _, err := fmt.Sscan(s.line(), &n); err != nil {
		s.t.Fatal(err)
	}
	for range n {
		s.line()
	}
	return balance, key
}

func (s *safe) seal(text string) string {
	s.t.Helper()
	key, err := secure.PeerKey(s.tls.ConnectionState())
	if err != nil {
		s.t.Fatal(err)
	}
	sealed, err := secure.Seal(key, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return sealed
}

// Sealed payments count once, and only those that can be opened; none of what was
// said can be read in what was sent.
func TestSecureSession(t *testing.T) {
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			r := serveSecure(t, 10)
			alice, bob := r.shakes(version), r.shakes(version)
			const payer, payee = "alicealicealice", "bobbobbobbobbob"
			key := alice.enters(payer)
			bob.enters(payee)
			shown, err := secure.PeerKey(alice.tls.ConnectionState())
			if err != nil || secure.KeyLine(shown) != key {
				t.Errorf("the key line is not the certificate's key: %v", err)
			}
			text := payer + "#250#" + payee
			block := bob.seal(text)
			bob.says(block)
			alice.expect("Transfer OK!")
			bob.says(block).expect("Transfer Fail!")
			changed := []byte(bob.seal(text))
			changed[7] ^= 1
			for _, bad := range []string{string(changed), block[:340], block + "AAAA", bob.seal("List"), bob.seal("hello")} {
				bob.says(bad).expect("230 Input format error")
			}
			bob.says("List")
			if balance, _ := bob.lists(); balance != "10250" {
				t.Errorf("bob has %s", balance)
			}
			bob.says("Exit").expect("Bye")
			bob.closed() // by close_notify: else the read would fail
			for _, secret := range []string{payer, payee, "REGISTER", "List", "Transfer", block[:40], key[:40]} {
				for _, s := range []*safe{alice, bob} {
					if bytes.Contains(s.raw.all(), []byte(secret)) {
						t.Errorf("%q can be read in what was sent", secret)
					}
				}
			}
			alice.conn.Close() // without close_notify
			r.until("alice is offline", func() bool {
				a, _ := r.server.Ledger.Snapshot(payer)
				return !a.Online
			})
		})
	}
}

// What is no handshake is closed without a word of the protocol, old versions are
// refused, and nobody else notices.
func TestSecureRefuses(t *testing.T) {
	r := serveSecure(t, 10)
	alice := r.shakes(0)
	alice.enters("alice")
	for _, text := range []string{"REGISTER#bob", "List\r\n", "\x16\x03\x01\xff\xff", "\x16\x03\x01\x00\x02\x01\x00", strings.Repeat("\x00", 100)} {
		c := r.connect()
		c.send(text)
		_ = c.conn.CloseWrite()
		if got, _ := io.ReadAll(c.in); bytes.Contains(got, []byte("OK")) || bytes.Contains(got, []byte("\r\n")) {
			t.Errorf("%q is answered with %q", text, got)
		}
	}
	old := secure.Client(nil)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if err := tls.Client(r.connect().conn, old).Handshake(); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	alice.says("List")
	if balance, _ := alice.lists(); balance != "10000" {
		t.Errorf("alice has %s", balance)
	}
	if a, _ := r.server.Ledger.Snapshot("bob"); a.Name != "" {
		t.Error("bob was registered in the clear")
	}
}

// Who goes on with no handshake delays nobody and loses the place.
func TestSecureStalls(t *testing.T) {
	r := serveSecure(t, 2)
	first := r.connect()
	first.send("\x16\x03\x01\x00\x80")
	alice := r.shakes(0)
	alice.enters("alice")
	waiting := r.connect() // both places are taken
	r.prints("waits: all 2 places are taken")
	begun := time.Now()
	if err := tls.Client(waiting.conn, secure.Client(nil)).Handshake(); err != nil {
		t.Fatalf("the stalled client's place is not given on: %v", err)
	}
	if took := time.Since(begun); took > secure.HandshakeTime+bound/2 {
		t.Errorf("it took %v", took)
	}
	if _, err := io.ReadAll(first.in); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the stalled connection is still open")
	}
}

// The command line tool of OpenSSL is a client like any other; it can't renegotiate.
func TestSecureWithOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed here")
	}
	r := serveSecure(t, 10)
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		name := "carl" + strings.TrimLeft(version, "-tls_1")
		cmd := exec.Command("openssl", "s_client", "-connect", r.addr, "-quiet", version)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		out := bufio.NewReader(pipe)
		ask := func(text, want string) {
			t.Helper()
			fmt.Fprint(in, text+"\r\n")
			if line, err := out.ReadString('\n'); line != want+"\r\n" {
				t.Fatalf("%s: %q, %v; want %s", text, line, err, want)
			}
		}
		ask("REGISTER#"+name, "100 OK")
		ask(name+"#5000", "10000")
		for range 3 {
			if _, err := out.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		ask("Exit", "Bye")
		if rest, err := io.ReadAll(out); len(rest) > 0 || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
	}
	// Without -quiet a line R asks for a new handshake, which ends the connection.
	cmd := exec.Command("openssl", "s_client", "-connect", r.addr, "-tls1_2")
	cmd.Stdin = strings.NewReader("R\n")
	ctx, stop := context.WithTimeout(context.Background(), bound)
	defer stop()
	done := make(chan []byte, 1)
	go func() {
		out, _ := cmd.CombinedOutput()
		done <- out
	}()
	select {
	case out := <-done:
		if !bytes.Contains(out, []byte("RENEGOTIATING")) || !bytes.Contains(out, []byte("unexpected message")) {
			t.Errorf("after R: %s", out)
		}
	case <-ctx.Done():
		_ = cmd.Process.Kill()
		t.Error("openssl hangs after R")
	}
}
