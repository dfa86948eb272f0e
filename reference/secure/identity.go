// Package secure is the encryption of the reference pair (protocol.md, section SEC).
//
// An [Identity] is a private key with its certificate, kept in two files and made at
// first use. [Identity.Server] and [Client] give the settings of TLS for the two ends
// of a connection. [Seal] and [Identity.Open] are the second layer, around a payment.
// A [Known] remembers the keys of servers, and [Blocks] the payments that have come.
package secure

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"
)

// The sizes of keys, in bits: what is made and the least that is taken, and the most
// (protocol.md, section SEC, "Certificates" and "A payment").
const (
	MinBits = 2048
	MaxBits = 4096
)

// ErrKey is in the chain of every error about a key or certificate that is no good.
var ErrKey = errors.New("no usable key")

// An Identity is a private key and the certificate that shows its public half.
type Identity struct {
	Certificate tls.Certificate
	key         *rsa.PrivateKey
}

// Files names where an identity is kept.
type Files struct {
	Cert string // PEM, for everybody
	Key  string // PEM, mode 0600
}

// Load reads an identity, and makes what is missing of it: a key of MinBits, or only
// a certificate for the key that there is. It says whether it made the key. Several
// programs may do so at once: they end up with the same.
func Load(f Files) (id *Identity, made bool, err error) {
	key, made, err := loadKey(f.Key)
	if err != nil {
		return nil, false, err
	}
	der, err := loadCert(f.Cert, key)
	if err != nil {
		return nil, false, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %s: %w", ErrKey, f.Cert, err)
	}
	if shown, ok := cert.PublicKey.(*rsa.PublicKey); !ok || !shown.Equal(&key.PublicKey) {
		return nil, false, fmt.Errorf("%w: %s is not the certificate of %s", ErrKey, f.Cert, f.Key)
	}
	return &Identity{
		Certificate: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: cert},
		key:         key,
	}, made, nil
}

// Public is the public key.
func (id *Identity) Public() *rsa.PublicKey { return &id.key.PublicKey }

func loadKey(file string) (key *rsa.PrivateKey, made bool, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if key, err = rsa.GenerateKey(rand.Reader, MinBits); err != nil {
			return nil, false, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, false, err
		}
		if made, err = create(file, "PRIVATE KEY", der, 0o600); err != nil || made {
			return key, made, err
		}
		text, err = os.ReadFile(file) // somebody else was first
		if err != nil {
			return nil, false, err
		}
	} else if err != nil {
		return nil, false, err
	}
	if err := private(file); err != nil {
		return nil, false, err
	}
	key, err = parseKey(text)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %s: %w", ErrKey, file, err)
	}
	return key, false, nil
}

// private sees that nobody else can read a key.
func private(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%w: others can get at %s (mode %04o); try chmod 600 %[2]s", ErrKey, file, mode)
	}
	return nil
}

// parseKey reads a key as openssl writes them.
func parseKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("it is not in PEM")
	}
	if block.Type == "RSA PRIVATE KEY" {
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		return key, Fits(&key.PublicKey)
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("it is no RSA key")
	}
	return key, Fits(&key.PublicKey)
}

// Fits says what is wrong with the size of a key.
func Fits(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < MinBits || bits > MaxBits {
		return fmt.Errorf("%w: it has %d bits, and %d to %d are taken", ErrKey, bits, MinBits, MaxBits)
	}
	return nil
}

func loadCert(file string, key *rsa.PrivateKey) (der []byte, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if der, err = sign(key); err != nil {
			return nil, err
		}
		made, err := create(file, "CERTIFICATE", der, 0o644)
		if err != nil || made {
			return der, err
		}
		text, err = os.ReadFile(file)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%w: %s is no certificate in PEM", ErrKey, file)
	}
	return block.Bytes, nil
}

// lifetime is how long a certificate says that it is good. Nobody looks, since
// nobody else vouches for it.
const lifetime = 10 * 365 * 24 * time.Hour

// sign makes the certificate of a key, signed by itself.
func sign(key *rsa.PrivateKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "p2p micropayment"},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(lifetime),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	return x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
}

// create makes a file that is whole from the moment that it is there, unless there
// is one already.
func create(file, kind string, der []byte, mode fs.FileMode) (made bool, err error) {
	temporary := fmt.Sprintf("%s.%d", file, os.Getpid())
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return false, err
	}
	defer os.Remove(temporary)
	if err := errors.Join(pem.Encode(f, &pem.Block{Type: kind, Bytes: der}), f.Close()); err != nil {
		return false, err
	}
	err = os.Link(temporary, file)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}
