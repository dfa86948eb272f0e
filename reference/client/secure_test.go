package client

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

	"paycheck/reference/ledger"
	"paycheck/reference/secure"
	"paycheck/reference/server"
	"paycheck/spec/edition"
)

// identities are shared by the tests: to make a key takes long.
var ours, theirs = sync.OnceValue(newIdentity), sync.OnceValue(newIdentity)

func newIdentity() *secure.Identity {
	dir, err := os.MkdirTemp("", "client")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	id, _, err := secure.Load(secure.Files{Cert: filepath.Join(dir, "c"), Key: filepath.Join(dir, "k")})
	if err != nil {
		panic(err)
	}
	return id
}

// A tapped connection keeps all that is read, as it came over the network.
type tapped struct {
	net.Conn
	mu   sync.Mutex
	came bytes.Buffer
}

func (c *tapped) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.came.Write(b[:n])
	return n, err
}

func (c *tapped) holds(text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Contains(c.came.Bytes(), []byte(text))
}

// safely is a client in TLS, logged in as alice at a server that the test plays.
func safely(t *testing.T) (client *Client, server far, raw *tapped, told *log, address string) {
	t.Helper()
	listener, told := listen(t), newLog()
	config := Config{
		Address: listener.Addr().String(), Edition: edition.Default(), PeerHost: "127.0.0.1", Tell: told.tell,
		Identity: ours(), Known: secure.Known(filepath.Join(t.TempDir(), "known")),
	}
	dialled := later(func() (err error) {
		client, err = Dial(t.Context(), config)
		return err
	})
	plain := accepted(t, listener)
	told.wait(t, Waiting) // a server without a free place leaves the handshake waiting
	raw = &tapped{Conn: plain.conn}
	server = far{t, tls.Server(raw, theirs().Server())}
	if err := server.conn.(*tls.Conn).Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := soon(t, dialled); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	answered := later(func() error {
		_, _, err := client.Login(t.Context(), "alicealicealice", 0)
		return err
	})
	_, port, _ := strings.Cut(strings.TrimSpace(server.next()), "#")
	server.says("7\r\nkey\r\n0\r\n")
	if err := soon(t, answered); err != nil {
		t.Fatal(err)
	}
	return client, server, raw, told, net.JoinHostPort("127.0.0.1", port)
}

func sealedFor(t *testing.T, id *secure.Identity, text string) string {
	t.Helper()
	block, err := secure.Seal(id.Public(), text)
	if err != nil {
		t.Fatal(err)
	}
	return block
}

// What a peer seals goes on to the server, sealed for that; once, and nothing else.
func TestSecurePayee(t *testing.T) {
	_, server, raw, told, address := safely(t)
	const text = "bob#137#alicealicealice"
	dialled(t, address).says(text) // in the clear
	told.wait(t, Ignored)
	stalled := dialled(t, address) // delays nobody
	stalled.says("\x16\x03\x01")
	pay := func(block string) {
		t.Helper()
		conn, err := tls.Dial("tcp", address, secure.Client(nil))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		far{t, conn}.says(block)
	}
	block := sealedFor(t, ours(), text)
	changed := []byte(block)
	changed[3] ^= 1
	for _, bad := range []string{string(changed), block[:300], sealedFor(t, theirs(), text), sealedFor(t, ours(), "bob#1#carl")} {
		pay(bad)
		told.wait(t, Ignored)
	}
	pay(block)
	if got, err := theirs().Open(server.next()); err != nil || got != text {
		t.Errorf("the server gets %q, %v", got, err)
	}
	told.wait(t, Paid)
	pay(block)
	told.wait(t, Ignored)
	if raw.holds("alicealicealice") {
		t.Error("her name can be read")
	}
}

// A payment is sealed with the key that the payee shows, and cannot be read.
func TestSecurePayer(t *testing.T) {
	client, server, _, _, _ := safely(t)
	listener := listen(t)
	paid := later(func() error {
		_, err := client.Pay(t.Context(), "bobbobbobbob", 250)
		return err
	})
	server.hears("List")
	server.says(fmt.Sprintf("7\r\nkey\r\n1\r\nbobbobbobbob#127.0.0.1#%d\r\n", listener.Addr().(*net.TCPAddr).Port))
	raw := &tapped{Conn: accepted(t, listener).conn}
	payee := far{t, tls.Server(raw, theirs().Server())}
	block := payee.next()
	if text, err := theirs().Open(block); err != nil || text != "alicealicealice#250#bobbobbobbob" {
		t.Errorf("the payee gets %q, %v", text, err)
	}
	if err := soon(t, paid); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{"alicealicealice", "bobbobbobbob", block[:40]} {
		if raw.holds(secret) {
			t.Errorf("%q can be read", secret)
		}
	}
}

// A server whose key has changed is refused before anything is said to it; so is one
// that does not speak TLS.
func TestSecureServerChanged(t *testing.T) {
	known := secure.Known(filepath.Join(t.TempDir(), "known"))
	listener := listen(t)
	dial := func(ends func(net.Conn)) error {
		t.Helper()
		done := later(func() error {
			c, err := Dial(t.Context(), Config{
				Address: listener.Addr().String(), Edition: edition.Default(), Tell: func(Event) {}, Identity: ours(), Known: known,
			})
			if err == nil {
				c.Close()
			}
			return err
		})
		ends(accepted(t, listener).conn)
		return soon(t, done)
	}
	shows := func(id *secure.Identity) func(net.Conn) {
		return func(conn net.Conn) { _ = tls.Server(conn, id.Server()).Handshake() }
	}
	if err := dial(shows(theirs())); err != nil {
		t.Errorf("the first time: %v", err)
	}
	if err := dial(shows(theirs())); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if err := dial(shows(ours())); !errors.Is(err, secure.ErrChanged) {
		t.Errorf("another key: %v", err)
	}
	err := dial(func(conn net.Conn) { _, _ = io.WriteString(conn, "welcome\r\n") })
	if err == nil || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("a plain server: %v", err)
	}
}

// The reference pair pays inside TLS.
func TestSecurePair(t *testing.T) {
	accounts, err := ledger.Open(filepath.Join(t.TempDir(), "server.db"))
	if err != nil {
		t.Fatal(err)
	}
	listener := listen(t)
	console := server.NewConsole(io.Discard, server.Events)
	s := server.New(server.Config{Edition: edition.Default(), Ledger: accounts, Console: console, Limit: 9, Identity: theirs()})
	ctx, stop := context.WithCancel(context.Background())
	served := later(func() error { return s.Serve(ctx, listener) })
	t.Cleanup(func() {
		stop()
		if err := soon(t, served); err != nil {
			t.Error(err)
		}
		console.Close()
		if err := accounts.Remove(); err != nil {
			t.Error(err)
		}
	})
	enter := func(name string, id *secure.Identity) (*Client, *log) {
		told := newLog()
		c, err := Dial(t.Context(), Config{
			Address: listener.Addr().String(), Edition: edition.Default(), PeerHost: "127.0.0.1", Tell: told.tell,
			Identity: id, Known: secure.Known(filepath.Join(t.TempDir(), "known")),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		if err := c.Register(t.Context(), name, 0); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Login(t.Context(), name, 0); err != nil {
			t.Fatal(err)
		}
		return c, told
	}
	alice, aliceTold := enter("alice", ours())
	bob, bobTold := enter("bob", newIdentity())
	for range 3 {
		if _, err := alice.Pay(t.Context(), "bob", 100); err != nil {
			t.Fatal(err)
		}
		bobTold.wait(t, Paid)
		aliceTold.wait(t, Notice)
	}
	if reply, err := bob.List(t.Context()); err != nil || reply.Listing.Balance != 10300 {
		t.Errorf("bob has %+v, %v", reply.Listing, err)
	}
}

// The client speaks to openssl s_server, and to a key of 4096 bits.
func TestSecureWithOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed here")
	}
	dir := t.TempDir()
	made := exec.Command("openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-subj", "/CN=any", "-keyout", "s.key", "-out", "s.crt")
	made.Dir = dir
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		free := listen(t)
		address := free.Addr().String()
		free.Close()
		cmd := exec.Command("openssl", "s_server", "-accept", address, "-key", "s.key", "-cert", "s.crt", "-quiet", "-naccept", "1", version)
		cmd.Dir = dir
		in, _ := cmd.StdinPipe()
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		config := Config{
			Address: address, Edition: edition.Default(), Tell: func(Event) {},
			Identity: ours(), Known: secure.Known(filepath.Join(t.TempDir(), "known")),
		}
		ctx, stop := context.WithTimeout(t.Context(), bound)
		var client *Client
		for client == nil && ctx.Err() == nil { // until it listens
			client, err = Dial(ctx, config)
		}
		stop()
		if client == nil {
			t.Fatal(err)
		}
		done := later(func() error { return client.Register(t.Context(), "alice", 0) })
		text := make([]byte, len("REGISTER#alice"))
		if _, err := io.ReadFull(bufio.NewReader(out), text); err != nil || string(text) != "REGISTER#alice" {
			t.Errorf("%s: it hears %q, %v", version, text, err)
		}
		fmt.Fprint(in, "100 OK\r\n")
		if err := soon(t, done); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		client.Close()
	}
}
