package secure

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A block opens with the key that it was made for, and is as long as that.
func TestSeal(t *testing.T) {
	key, err := Stranger()
	if err != nil {
		t.Fatal(err)
	}
	const text = "alice#250#bob"
	sealed, err := Seal(&key.PublicKey, text)
	if err != nil {
		t.Fatal(err)
	}
	block, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(block) != key.Size() {
		t.Fatalf("a block of %d bytes, %v", len(block), err)
	}
	if got, err := rsa.DecryptOAEP(sha1.New(), nil, key, block, nil); err != nil || string(got) != text {
		t.Errorf("it opens as %q, %v", got, err)
	}
	if _, err := Seal(&key.PublicKey, strings.Repeat("x", 215)); err == nil {
		t.Error("215 bytes fit")
	}
}

// Keys are read in the form of SEC-5 and in those that are tolerated.
func TestReadKey(t *testing.T) {
	key, err := Stranger()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	line := base64.StdEncoding.EncodeToString(der)
	spki := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)}))
	for _, c := range []struct {
		name  string
		lines []string
		want  KeyForm
	}{
		{"as asked for", []string{line}, DERLine},
		{"PEM in lines", strings.Split(strings.TrimSpace(spki), "\n"), PEM},
		{"PEM in one line", []string{strings.ReplaceAll(spki, "\n", "")}, PEM},
		{"PEM with spaces", []string{strings.ReplaceAll(spki, "\n", " ")}, PEM},
		{"PKCS 1", strings.Split(strings.TrimSpace(pkcs1), "\n"), PEM},
		{"a constant", []string{"public key"}, NoKey},
		{"cut", []string{line[:300]}, NoKey},
		{"nothing", nil, NoKey},
		{"base64 in two lines", []string{line[:200], line[200:]}, NoKey},
	} {
		got, form := ReadKey(c.lines)
		if form != c.want || form != NoKey && !got.Equal(&key.PublicKey) {
			t.Errorf("%s: form %d, want %d", c.name, form, c.want)
		}
	}
}

func TestHoldsPrivateKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)})
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if HoldsPrivateKey(public) || HoldsPrivateKey(nil) || HoldsPrivateKey([]byte("PRIVATE KEY")) {
		t.Error("what is no private key is taken for one")
	}
	if !HoldsPrivateKey(private) || !HoldsPrivateKey(append(public, private...)) {
		t.Error("a private key is overlooked")
	}
}

// A second handshake is asked for in a record that the other end can read: crypto/tls
// says what it has read, and grants none.
func TestAgain(t *testing.T) {
	id, err := Server()
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	defer near.Close()
	refused := make(chan error, 1)
	go func() {
		server := tls.Server(far, id.Accept(Settings{}))
		_, err := server.Read(make([]byte, 1))
		refused <- err
	}()
	again := NewAgain()
	raw := &kept{Conn: near}
	if err := tls.Client(raw, again.Config).Handshake(); err != nil {
		t.Fatal(err)
	}
	record, err := again.Record(raw.sent, raw.came)
	if err != nil {
		t.Fatal(err)
	}
	if Begun(raw.came) {
		t.Error("a second handshake has begun by itself")
	}
	go func() { _, _ = io.Copy(io.Discard, near) }() // its alert
	if _, err := near.Write(record); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-refused:
		if err == nil || !strings.Contains(err.Error(), "clientHello") {
			t.Errorf("the server says %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server says nothing")
	}
}

// A kept connection keeps all that passes.
type kept struct {
	net.Conn
	sent, came []byte
}

func (k *kept) Read(b []byte) (int, error) {
	n, err := k.Conn.Read(b)
	k.came = append(k.came, b[:n]...)
	return n, err
}

func (k *kept) Write(b []byte) (int, error) {
	k.sent = append(k.sent, b...)
	return k.Conn.Write(b)
}

// What an identity has opened is what was sealed for it, and nothing else.
func TestOpen(t *testing.T) {
	id, err := Payee()
	if err != nil {
		t.Fatal(err)
	}
	other, err := Stranger()
	if err != nil {
		t.Fatal(err)
	}
	mine, err := Seal(id.Public(), "alice#1#bob")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := Seal(&other.PublicKey, "alice#1#bob")
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := id.Open(mine); !ok || text != "alice#1#bob" {
		t.Errorf("it opens as %q, %v", text, ok)
	}
	for _, bad := range []string{"", theirs, mine[:len(mine)-4], strings.ToLower(mine), "List"} {
		if text, ok := id.Open(bad); ok {
			t.Errorf("%.20q opens as %q", bad, text)
		}
	}
}
