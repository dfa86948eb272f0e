package pair

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"paycheck/spec/edition"
)

// A secret is something that nobody on the network may read.
type secret struct {
	bytes []byte
	what  string
}

// longWords are messages, or begin them, that are long enough to be no accident among
// random bytes.
var longWords = []string{
	edition.Register + "#", edition.AuthFail, edition.Malformed, edition.LoginFirst, edition.TransferOK, edition.TransferFail, edition.Fail,
}

// shortWords are messages that count only where one is all that was sent at one go.
var shortWords = []string{edition.List, edition.Exit, edition.OK, edition.Bye}

// secretsOf gives the names, each as it is and in the codes that are taken for encryption
// by mistake, and the words of the protocol.
func secretsOf(names []string) (all []secret) {
	for _, name := range names {
		all = append(
			all, secret{[]byte(name), "the name " + name},
			secret{[]byte(hex.EncodeToString([]byte(name))), "the name " + name + " in hexadecimal"},
			secret{[]byte(strings.ToUpper(hex.EncodeToString([]byte(name)))), "the name " + name + " in hexadecimal"},
		)
		for before := range 3 {
			all = append(all, secret{inBase64(name, before), "the name " + name + " in base64"})
		}
	}
	for _, word := range longWords {
		all = append(all, secret{[]byte(word), word})
	}
	return all
}

// inBase64 is what a text gives in base64, so many bytes behind the beginning of a group
// of three, without the characters that its neighbours have a part in.
func inBase64(text string, before int) []byte {
	code := base64.StdEncoding.EncodeToString(append(make([]byte, before), text...))
	bits := 8 * (before + len(text))
	return []byte(code[(8*before+5)/6 : bits/6])
}

// find gives where a secret stands in bytes; at is -1 if none does.
func find(data []byte, secrets []secret) (at, length int, what string) {
	for _, s := range secrets {
		if at := bytes.Index(data, s.bytes); at >= 0 {
			return at, len(s.bytes), s.what
		}
	}
	return -1, 0, ""
}

// bareWord gives the short message that is all of what was sent at one go, whatever ends
// or pads it; empty: it is none.
func bareWord(data []byte) string {
	text := strings.TrimRight(string(data), "\r\n\x00")
	for _, word := range shortWords {
		if strings.EqualFold(text, word) {
			return word
		}
	}
	return ""
}
