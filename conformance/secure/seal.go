package secure

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // what OAEP means in section SEC
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// ErrNoKey is the error of a program that shows no key that can be sealed with.
var ErrNoKey = errors.New("secure: the program shows no RSA key")

// Key is the public key in the certificate that the program has shown.
func Key(state tls.ConnectionState) (*rsa.PublicKey, error) {
	if len(state.PeerCertificates) == 0 {
		return nil, ErrNoKey
	}
	key, ok := state.PeerCertificates[0].PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, ErrNoKey
	}
	return key, nil
}

// Block encrypts a text with a key (section SEC, "A payment").
func Block(key *rsa.PublicKey, text string) ([]byte, error) {
	block, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, key, []byte(text), nil) //nolint:gosec // see the import
	if err != nil {
		return nil, fmt.Errorf("secure: sealing %q: %w", text, err)
	}
	return block, nil
}

// Line is a block as it is sent.
func Line(block []byte) string { return base64.StdEncoding.EncodeToString(block) }

// Seal is Block as it is sent.
func Seal(key *rsa.PublicKey, text string) (string, error) {
	block, err := Block(key, text)
	return Line(block), err
}

// Stranger is a key that no program has, of 2048 bits.
var Stranger = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})

// A KeyForm is in which form a list shows a key.
type KeyForm int

// The forms.
const (
	NoKey   KeyForm = iota // no key that can be read
	DERLine                // DER in base64, in one line: as SEC-5 has it
	PEM                    // with BEGIN and END, in one line or in several
)

// ReadKey reads the key lines of a list.
func ReadKey(lines []string) (*rsa.PublicKey, KeyForm) {
	text := strings.Join(lines, "\n")
	if key, ok := parse(strings.TrimSpace(text)); ok && len(lines) == 1 {
		return key, DERLine
	}
	// PEM may have come in one line, with spaces or nothing in place of its line ends.
	_, body, begins := strings.Cut(text, "-----BEGIN ")
	_, body, marked := strings.Cut(body, "-----")
	body, _, ends := strings.Cut(body, "-----END ")
	if !begins || !marked || !ends {
		return nil, NoKey
	}
	body = strings.NewReplacer("\n", "", "\r", "", " ", "", `\n`, "").Replace(body)
	if key, ok := parse(body); ok {
		return key, PEM
	}
	return nil, NoKey
}

// parse reads DER in base64: a public key in either form, or a certificate.
func parse(text string) (*rsa.PublicKey, bool) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, false
	}
	if any, err := x509.ParsePKIXPublicKey(der); err == nil {
		key, ok := any.(*rsa.PublicKey)
		return key, ok
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, true
	}
	if cert, err := x509.ParseCertificate(der); err == nil {
		key, ok := cert.PublicKey.(*rsa.PublicKey)
		return key, ok
	}
	return nil, false
}

// HoldsPrivateKey reports whether a file's content is, or contains, a private key in
// PEM.
func HoldsPrivateKey(content []byte) bool {
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return true
		}
	}
	return false
}
