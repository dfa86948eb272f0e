package secure

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// An Again asks for a second handshake within the first, which crypto/tls never does
// (SEC-17): it seals one record by itself, with the keys of a connection that crypto/tls
// has made. That is TLS 1.2 with AES-128-GCM and SHA-256 (RFC 5246 and RFC 5288).
type Again struct {
	*tls.Config
	mu   sync.Mutex
	keys bytes.Buffer // as KeyLogWriter has them
}

// NewAgain gives the settings of the first handshake.
func NewAgain() *Again {
	a := &Again{Config: NewClient(Settings{Most: tls.VersionTLS12}).Config}
	a.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
	a.KeyLogWriter = a
	return a
}

// Write takes a line of the key log.
func (a *Again) Write(line []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.keys.Write(line)
}

// The kinds of records and of handshake messages that matter here.
const (
	changeCipher    = 20
	handshakeRecord = 22
	clientHello     = 1
	serverHello     = 2
	sessionTicket   = 4
)

var errShort = errors.New("secure: the handshake can't be followed")

// Record is what asks for a second handshake, given all that has passed over TCP in the
// first. Nothing else may have been sent after that.
func (a *Again) Record(sent, received []byte) ([]byte, error) {
	ours, theirs := messages(sent), messages(received)
	if len(ours) < 2 || ours[0][0] != clientHello || len(ours[0]) < 38 || len(theirs) < 2 || theirs[0][0] != serverHello || len(theirs[0]) < 38 {
		return nil, errShort
	}
	master, err := a.master()
	if err != nil {
		return nil, err
	}
	transcript := sha256.New()
	transcript.Write(ours[0])
	for _, m := range theirs {
		if m[0] != sessionTicket { // it follows our Finished
			transcript.Write(m)
		}
	}
	for _, m := range ours[1:] {
		transcript.Write(m)
	}
	verify := prf(master, "client finished", transcript.Sum(nil), 12)
	hello, err := renewed(ours[0], verify)
	if err != nil {
		return nil, err
	}
	clientRandom, serverRandom := ours[0][6:38], theirs[0][6:38]
	block := prf(master, "key expansion", slices.Concat(serverRandom, clientRandom), 40)
	return seal(block[:16], block[32:36], hello)
}

// Begun reports whether the other end has begun a second handshake: after its Finished,
// which is the first record of a handshake that is encrypted, there is one more.
func Begun(received []byte) bool {
	encrypted, n := false, 0
	for kind := range records(received) {
		switch {
		case kind == changeCipher:
			encrypted = true
		case kind == handshakeRecord && encrypted:
			n++
		}
	}
	return n > 1
}

// master is the secret of the connection, from the line CLIENT_RANDOM, random, secret.
func (a *Again) master() ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fields := strings.Fields(a.keys.String())
	if len(fields) != 3 {
		return nil, errShort
	}
	return hex.DecodeString(fields[2])
}

// records walks through what has passed in one direction.
func records(data []byte) func(yield func(kind byte, body []byte) bool) {
	return func(yield func(byte, []byte) bool) {
		const header = 5
		for len(data) >= header {
			end := header + int(binary.BigEndian.Uint16(data[3:]))
			if len(data) < end || !yield(data[0], data[header:end]) {
				return
			}
			data = data[end:]
		}
	}
}

// messages are those of a handshake before it is encrypted, headers included.
func messages(data []byte) (all [][]byte) {
	var stream []byte
	for kind, body := range records(data) {
		if kind != handshakeRecord {
			break
		}
		stream = append(stream, body...)
	}
	const header = 4
	for len(stream) >= header {
		end := header + int(stream[1])<<16 + int(binary.BigEndian.Uint16(stream[2:]))
		if len(stream) < end {
			break
		}
		all, stream = append(all, stream[:end]), stream[end:]
	}
	return all
}

// renewed is a ClientHello for a second handshake: with the verification of the first in
// its extension (RFC 5746, 3.5), which was empty.
func renewed(hello, verify []byte) ([]byte, error) {
	const headers, randoms = 4, 2 + 32
	empty := []byte{0xff, 0x01, 0, 1, 0}
	at := bytes.LastIndex(hello, empty)
	rest := headers + randoms
	rest += 1 + int(hello[rest]) // the session's name
	if at < 0 || len(hello) < rest+2 {
		return nil, errShort
	}
	rest += 2 + int(binary.BigEndian.Uint16(hello[rest:])) // ciphers
	if len(hello) <= rest {
		return nil, errShort
	}
	rest += 1 + int(hello[rest]) // compression
	if len(hello) < rest+2 || at < rest {
		return nil, errShort
	}
	n := len(verify)
	full := slices.Concat(hello[:at], []byte{0xff, 0x01, 0, byte(n + 1), byte(n)}, verify, hello[at+len(empty):])
	binary.BigEndian.PutUint16(full[rest:], binary.BigEndian.Uint16(full[rest:])+uint16(n))
	binary.BigEndian.PutUint16(full[2:], uint16(len(full)-headers))
	return full, nil
}

// seal is the second encrypted record of a client, after its Finished.
func seal(key, salt, message []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("secure: a record of our own: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("secure: a record of our own: %w", err)
	}
	number := binary.BigEndian.AppendUint64(nil, 1)
	about := binary.BigEndian.AppendUint16(append(slices.Clone(number), handshakeRecord, 3, 3), uint16(len(message)))
	body := gcm.Seal(slices.Clone(number), slices.Concat(salt, number), message, about)
	return append(binary.BigEndian.AppendUint16([]byte{handshakeRecord, 3, 3}, uint16(len(body))), body...), nil
}

// prf is the pseudorandom function of TLS 1.2 (RFC 5246, 5).
func prf(secret []byte, label string, seed []byte, n int) (out []byte) {
	seed = append([]byte(label), seed...)
	mac := func(parts ...[]byte) []byte {
		h := hmac.New(sha256.New, secret)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	for a := mac(seed); len(out) < n; a = mac(a) {
		out = append(out, mac(a, seed)...)
	}
	return out[:n]
}
