package pair

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	const name = "alicekqzwvbx"
	secrets := secretsOf([]string{name})
	in64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	masked := []byte("REGISTER#" + name)
	for i := range masked {
		masked[i] ^= 0x55
	}
	for _, c := range []struct {
		name, data string
		at         int
	}{
		{"a name", "\x17\x03" + name + "\x00", 2},
		{"half a name", name[:len(name)-1], -1},
		{"a request", "REGISTER#x", 0},
		{"a notice", "....Transfer OK!", 4},
		{"hexadecimal", "??" + hex.EncodeToString([]byte("REGISTER#"+name)), 2 + 2*len("REGISTER#")},
		{"hexadecimal in capitals", strings.ToUpper(hex.EncodeToString([]byte(name))), 0},
		{"base64", in64(name), 0},
		{"base64, one byte on", in64("#" + name + "#7"), 2},
		{"base64, two bytes on", in64("##" + name + "#77"), 3},
		{"base64 of a request", in64("REGISTER#" + name), 12},
		{"masked", string(masked), -1},
		{"nothing", "", -1},
	} {
		if at, length, what := find([]byte(c.data), secrets); at != c.at || at >= 0 && (length == 0 || what == "") {
			t.Errorf("%s: found %q at %d, and has to be at %d", c.name, what, at, c.at)
		}
	}
}

func TestBareWord(t *testing.T) {
	for data, word := range map[string]string{
		"List": "List", "LIST\r\n": "List", "Bye\r\n\x00\x00": "Bye", "100 OK\n": "100 OK", "Exit": "Exit",
		"Lists": "", "": "", "a List": "", "\x17\x03\x03List": "",
	} {
		if got := bareWord([]byte(data)); got != word {
			t.Errorf("%q is taken for %q, and is %q", data, got, word)
		}
	}
}
