package wire

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"paycheck/conformance/transcript"
)

var serverConfig = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
})

// veiled is a connection in TLS, and its other end as TCP has it.
func veiled(t *testing.T, most int, reset bool) (*Conn, *net.TCPConn) {
	t.Helper()
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	to := listener.Addr().(*net.TCPAddr).AddrPort()
	config := &tls.Config{InsecureSkipVerify: true}
	c, err := DialCut(t.Context(), netip.AddrPortFrom(to.Addr(), to.Port()), "alice", config, transcript.NewRecorder(), make(chan struct{}, 1), most, reset)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Discard)
	far, err := listener.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	_ = far.SetDeadline(time.Now().Add(20 * time.Second))
	return c, far
}

// until waits for something to become true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came true that %s", what)
		}
	}
}

// counting counts what passes under TLS.
type counting struct {
	net.Conn
	read, written uint64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read += uint64(n)
	return n, err
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written += uint64(n)
	return n, err
}

// What is sent before the handshake waits for it, the counts are those of TCP, and the
// bytes those inside.
func TestVeiled(t *testing.T) {
	c, tcp := veiled(t, 0, false)
	if err := c.Send([]byte("first")); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := c.State(); ok || err != nil {
		t.Errorf("a handshake with nobody: %v, %v", ok, err)
	}
	under := &counting{Conn: tcp}
	far := tls.Server(under, serverConfig())
	got := make([]byte, 100)
	if n, err := far.Read(got); err != nil || string(got[:n]) != "first" {
		t.Fatalf("%q, %v", got[:n], err)
	}
	if err := c.Send([]byte("second")); err != nil {
		t.Fatal(err)
	}
	if n, err := far.Read(got); err != nil || string(got[:n]) != "second" {
		t.Fatalf("%q, %v", got[:n], err)
	}
	if _, err := io.WriteString(far, "answer\r\n"); err != nil {
		t.Fatal(err)
	}
	until(t, "the answer is there", func() bool { return string(c.Unread()) == "answer\r\n" })
	until(t, "both ends agree", func() bool { return c.Received() == under.written && c.Sent() == under.read })
	if _, ok, err := c.State(); !ok || err != nil || !c.Secure() {
		t.Errorf("after the handshake: %v, %v", ok, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := far.Read(got); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("the end: %d, %v", n, err)
	}
}

// An end without close_notify is told from one with it.
func TestVeiledEnds(t *testing.T) {
	for _, notified := range []bool{true, false} {
		c, tcp := veiled(t, 0, false)
		far := tls.Server(tcp, serverConfig())
		if err := far.Handshake(); err != nil {
			t.Fatal(err)
		}
		if notified {
			_ = far.CloseWrite()
		}
		_ = tcp.CloseWrite()
		until(t, "the end is seen", c.Over)
		if c.Truncated() == notified {
			t.Errorf("with close_notify %v: truncated %v", notified, c.Truncated())
		}
		if err := c.Cut(); err != nil {
			t.Fatal(err)
		}
		if _, err := far.Read(make([]byte, 1)); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			t.Errorf("the cut: %v", err)
		}
	}
}

// A client that vanishes does so after that many bytes.
func TestDialCut(t *testing.T) {
	for _, most := range []int{1, 5, 100} {
		c, tcp := veiled(t, most, false)
		came, err := io.ReadAll(tcp)
		if err != nil || len(came) != most || !bytes.HasPrefix(came, []byte{22}) {
			t.Errorf("%d: %d bytes, %v", most, len(came), err)
		}
		until(t, "it is gone", c.Deaf)
		until(t, "it and FIN are counted", func() bool { return c.Sent() == uint64(most)+1 })
	}
}

// What the program says in the clear ends the handshake.
func TestVeiledFails(t *testing.T) {
	c, tcp := veiled(t, 0, false)
	if _, err := io.WriteString(tcp, "100 OK\r\n"); err != nil {
		t.Fatal(err)
	}
	until(t, "it has failed", func() bool { _, _, err := c.State(); return err != nil })
	until(t, "it is over", c.Over)
}
