package secure

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const payment = "alice#250#bob"

func TestSealed(t *testing.T) {
	id := one()
	block, err := Seal(id.Public(), payment)
	if err != nil {
		t.Fatal(err)
	}
	if !Sealed(block) || len(block) != 344 || strings.Contains(block, "\n") {
		t.Errorf("no block of one line: %q", block)
	}
	for _, text := range []string{"", "List", "Exit", payment, "REGISTER#" + strings.Repeat("x", 500)} {
		if Sealed(text) {
			t.Errorf("%q counts as sealed", text)
		}
	}
	if again, err := Seal(id.Public(), payment); err != nil || again == block {
		t.Errorf("the same payment has the same block twice: %v", err)
	}
	if text, err := id.Open(block); err != nil || text != payment {
		t.Errorf("opened: %q, %v", text, err)
	}
	if _, err := Seal(id.Public(), strings.Repeat("x", 215)); err == nil {
		t.Error("215 bytes fit in a block of 2048 bits")
	}
	if block, err := Seal(id.Public(), strings.Repeat("x", 214)); err != nil {
		t.Error(err)
	} else if text, err := id.Open(block); err != nil || len(text) != 214 {
		t.Errorf("214 bytes: %d, %v", len(text), err)
	}
}

// Whatever is the matter with a block, it is the same error.
func TestOpenRefuses(t *testing.T) {
	id, other := one(), two()
	block, err := Seal(id.Public(), payment)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := Seal(other.Public(), payment)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.StdEncoding.DecodeString(block)
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		if i%50 == 0 || i == len(raw)-1 {
			if text, err := id.Open(base64.StdEncoding.EncodeToString(changed)); !errors.Is(err, ErrSealed) {
				t.Errorf("byte %d changed: %q, %v", i, text, err)
			}
		}
	}
	for _, bad := range []string{
		foreign, "", block[1:], block[:len(block)-1], block[:len(block)-4], block + "====", "!" + block[1:],
		base64.StdEncoding.EncodeToString(raw[:255]), base64.StdEncoding.EncodeToString(append(raw, 0)),
		strings.Repeat("/", len(block)),
	} {
		if text, err := id.Open(bad); !errors.Is(err, ErrSealed) || err.Error() != ErrSealed.Error() {
			t.Errorf("%.40q of %d: %q, %v", bad, len(bad), text, err)
		}
	}
}

// Blocks go to openssl and come from it, for keys of both ends of the range.
func TestSealWithOpenSSL(t *testing.T) {
	for _, bits := range []int{2048, 4096} {
		dir := t.TempDir()
		openssl(t, dir, "", "genrsa", "-out", "x.key", fmt.Sprint(bits))
		id := load(t, files(dir))
		block, err := Seal(id.Public(), payment)
		if err != nil {
			t.Fatal(err)
		}
		raw := openssl(t, dir, block, "base64", "-d", "-A")
		opened := openssl(t, dir, raw, "pkeyutl", "-decrypt", "-inkey", "x.key", "-pkeyopt", "rsa_padding_mode:oaep")
		if opened != payment {
			t.Errorf("%d bits: openssl opens it as %q", bits, opened)
		}
		public, err := base64.StdEncoding.DecodeString(KeyLine(id.Public()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "line.der"), public, 0o600); err != nil {
			t.Fatal(err)
		}
		made := openssl(t, dir, payment+"\r\n\x00", "pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "line.der", "-pkeyopt", "rsa_padding_mode:oaep")
		text, err := id.Open(openssl(t, dir, made, "base64", "-A"))
		if err != nil || text != payment {
			t.Errorf("%d bits: what openssl sealed is %q, %v", bits, text, err)
		}
	}
}

func TestBlocks(t *testing.T) {
	var b Blocks
	for i := range remembered + 5 {
		if b.Again(fmt.Sprint(i)) {
			t.Fatalf("%d has not come before", i)
		}
	}
	if !b.Again("5") || b.Again("0") {
		t.Error("the newest are remembered, the oldest are not")
	}
	if len(b.seen) != remembered || len(b.order) != remembered {
		t.Errorf("%d and %d remembered", len(b.seen), len(b.order))
	}
}

func TestKnown(t *testing.T) {
	first, second := one().Public(), two().Public()
	k := Known(filepath.Join(t.TempDir(), "known"))
	for i, c := range []struct {
		address string
		second  bool
		isNew   bool
		changed bool
	}{
		{"h:1", false, true, false},
		{"h:1", false, false, false},
		{"h:2", true, true, false},
		{"h:1", true, false, true},
		{"h:1", false, false, false},
	} {
		key := first
		if c.second {
			key = second
		}
		isNew, err := k.Check(c.address, key)
		if isNew != c.isNew || errors.Is(err, ErrChanged) != c.changed || err != nil && !c.changed {
			t.Errorf("%d: new %v, %v", i, isNew, err)
		}
	}
}
