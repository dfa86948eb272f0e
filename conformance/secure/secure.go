// Package secure is the judge's end of encryption (protocol.md, section SEC): the
// settings of TLS, and payments sealed right and wrong. It shares no code with the
// reference. What is unsafe is here alone, and only where [Settings] ask for it.
package secure

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync/atomic"
)

// Settings are how the suite speaks TLS to a program.
type Settings struct {
	// Old also speaks what SEC-3 wants refused: TLS 1.0 and 1.1, and the ciphers of
	// their time. Such a program can be judged then.
	Old bool
	// Most is the newest version that is offered; 0: the newest that there is.
	Most uint16
	// Least is the oldest; 0: 1.2, or 1.0 if Old.
	Least uint16
	// Bare shows no certificate, even if asked for one.
	Bare bool
}

// A Client is the suite's side of one handshake.
type Client struct {
	*tls.Config
	asked atomic.Bool
}

// NewClient gives the settings for one connection. It trusts everybody: whose
// certificate is shown is what checks look at.
func NewClient(s Settings) *Client {
	c := &Client{}
	c.Config = &tls.Config{
		InsecureSkipVerify:          true, //nolint:gosec // certificates are signed by themselves, and checks look at them
		DynamicRecordSizingDisabled: true, // one message is one record
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			c.asked.Store(true)
			if s.Bare {
				return &tls.Certificate{}, nil
			}
			return own()
		},
	}
	s.apply(c.Config)
	return c
}

// apply chooses versions and ciphers.
func (s Settings) apply(c *tls.Config) {
	c.MinVersion, c.MaxVersion = tls.VersionTLS12, s.Most
	if s.Old {
		c.MinVersion = tls.VersionTLS10
		for _, suites := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
			for _, suite := range suites {
				c.CipherSuites = append(c.CipherSuites, suite.ID)
			}
		}
	}
	if s.Least != 0 {
		c.MinVersion = s.Least
	}
}

// Asked reports whether the program has asked for a certificate, which it then got.
func (c *Client) Asked() bool { return c.asked.Load() }

// mine is the suite's own certificate, for programs that ask for one.
var mine atomic.Pointer[tls.Certificate]

func own() (*tls.Certificate, error) {
	if have := mine.Load(); have != nil {
		return have, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("secure: a key of our own: %w", err)
	}
	template := fresh()
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("secure: a certificate of our own: %w", err)
	}
	mine.Store(&tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key})
	return mine.Load(), nil
}

// VersionName names a version of TLS for people.
func VersionName(version uint16) string { return tls.VersionName(version) }
