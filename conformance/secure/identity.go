package secure

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // what OAEP means in section SEC
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// An Identity is a key of the suite's own with its certificate, for the ends of it that
// accept connections.
type Identity struct {
	cert tls.Certificate
	key  *rsa.PrivateKey
}

// The identities of the suite are made when they are first needed: to make a key takes
// long.
var (
	Server  = sync.OnceValues(func() (*Identity, error) { return newIdentity(fresh) })
	Payee   = sync.OnceValues(func() (*Identity, error) { return newIdentity(fresh) })
	Another = sync.OnceValues(func() (*Identity, error) { return newIdentity(fresh) }) // of a server whose key has changed
	Expired = sync.OnceValues(func() (*Identity, error) { return newIdentity(expired) })
)

// fresh is a certificate that has just been made.
func fresh() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "paycheck"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}

// expired is one that names another host, in a year that is over.
func expired() *x509.Certificate {
	c := fresh()
	c.Subject.CommonName, c.DNSNames = "elsewhere.invalid", []string{"elsewhere.invalid"}
	c.NotBefore, c.NotAfter = time.Now().AddDate(-2, 0, 0), time.Now().AddDate(-1, 0, 0)
	return c
}

func newIdentity(template func() *x509.Certificate) (*Identity, error) {
	const bits = 2048
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("secure: a key of our own: %w", err)
	}
	t := template()
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("secure: a certificate of our own: %w", err)
	}
	return &Identity{cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, key: key}, nil
}

// Accept gives the settings for connections that are accepted. No tickets follow the
// handshake: nothing comes to a client that it has not asked for.
func (id *Identity) Accept(s Settings) *tls.Config {
	c := &tls.Config{
		Certificates:                []tls.Certificate{id.cert},
		DynamicRecordSizingDisabled: true, // one message is one record
		SessionTicketsDisabled:      true,
	}
	s.apply(c)
	return c
}

// Line is the key as the key line has it (SEC-5).
func (id *Identity) Line() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&id.key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("secure: a key line: %w", err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}

// Public is the public key.
func (id *Identity) Public() *rsa.PublicKey { return &id.key.PublicKey }

// Open reads a block that was sealed for the identity; false: it is none.
func (id *Identity) Open(line string) (text string, ok bool) {
	if len(line) != base64.StdEncoding.EncodedLen(id.key.Size()) {
		return "", false
	}
	block, err := base64.StdEncoding.Strict().DecodeString(line)
	if err != nil || len(block) != id.key.Size() {
		return "", false
	}
	plain, err := rsa.DecryptOAEP(sha1.New(), nil, id.key, block, nil) //nolint:gosec // see the import
	return string(plain), err == nil
}
