package secure

import (
	"bufio"
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// ErrChanged is the error of a server that shows another key than before.
var ErrChanged = errors.New("the server's key has changed")

// A Known is a file of the servers that were met, one a line: address, space,
// fingerprint. It is made when the first is.
type Known string

// Check remembers the key of a server that was not met before, and refuses another
// one of a server that was. It says whether the server is new.
func (k Known) Check(address string, key *rsa.PublicKey) (isNew bool, err error) {
	shown := Fingerprint(key)
	before, err := k.find(address)
	switch {
	case err != nil:
		return false, err
	case before == shown:
		return false, nil
	case before != "":
		return false, fmt.Errorf("%w: %s showed %s before and %s now; if that is right, remove its line from %s",
			ErrChanged, address, short(before), short(shown), string(k))
	}
	return true, k.add(address, shown)
}

func (k Known) find(address string) (fingerprint string, err error) {
	f, err := os.Open(string(k))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == address {
			return fields[1], nil
		}
	}
	return "", lines.Err()
}

func (k Known) add(address, fingerprint string) error {
	f, err := os.OpenFile(string(k), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s\n", address, fingerprint)
	return errors.Join(err, f.Close())
}

// short is as much of a fingerprint as a person compares.
func short(fingerprint string) string { return fingerprint[:min(16, len(fingerprint))] }
