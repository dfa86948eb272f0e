package secure

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // what OAEP means to OpenSSL; its strength does not matter there
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// ErrSealed is the error of whatever could not be opened. Why not is told to nobody:
// the reason would help to guess what is inside.
var ErrSealed = errors.New("cannot be opened")

// Seal encrypts a text for the owner of a key, to be sent as a request.
func Seal(to *rsa.PublicKey, text string) (string, error) {
	block, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, to, []byte(text), nil) //nolint:gosec // see the import
	if err != nil {
		return "", fmt.Errorf("sealing a payment: %w", err)
	}
	return base64.StdEncoding.EncodeToString(block), nil
}

// Sealed says whether a request can only be a sealed payment: base64 of a block as
// long as a key.
func Sealed(text string) bool {
	return len(text) >= base64.StdEncoding.EncodedLen(MinBits/8) && !strings.ContainsAny(text, "# ")
}

// Open decrypts what was sealed for this identity. Line ends and NUL at the end of
// the text are the sender's habit, and no part of it.
func (id *Identity) Open(sealed string) (string, error) {
	block, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil || len(block) != id.key.Size() {
		return "", ErrSealed
	}
	text, err := rsa.DecryptOAEP(sha1.New(), nil, id.key, block, nil) //nolint:gosec // see the import
	if err != nil {
		return "", ErrSealed
	}
	return strings.TrimRight(string(text), "\r\n\x00"), nil
}

// KeyLine is a public key as line 2 of the list has it: DER in base64.
func KeyLine(key *rsa.PublicKey) string {
	return base64.StdEncoding.EncodeToString(der(key))
}

// Fingerprint is the SHA-256 of a public key in DER, in hexadecimal.
func Fingerprint(key *rsa.PublicKey) string {
	sum := sha256.Sum256(der(key))
	return hex.EncodeToString(sum[:])
}

func der(key *rsa.PublicKey) []byte {
	b, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err) // an RSA key always has a DER
	}
	return b
}

// Blocks remembers which sealed payments have come, the newest of them. The zero
// value is ready.
type Blocks struct {
	mu    sync.Mutex
	seen  map[[sha256.Size]byte]bool
	order [][sha256.Size]byte
	next  int
}

// remembered is how many blocks are: two megabytes' worth.
const remembered = 1 << 15

// Again says whether a block has come before, and remembers it.
func (b *Blocks) Again(sealed string) bool {
	sum := sha256.Sum256([]byte(sealed))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen[sum] {
		return true
	}
	if b.seen == nil {
		b.seen = map[[sha256.Size]byte]bool{}
	}
	if len(b.order) < remembered {
		b.order = append(b.order, sum)
	} else {
		delete(b.seen, b.order[b.next])
		b.order[b.next] = sum
		b.next = (b.next + 1) % remembered
	}
	b.seen[sum] = true
	return false
}
