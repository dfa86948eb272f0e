package conformance

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"paycheck/conformance/secure"
	"paycheck/conformance/target"
)

// A keyFile is a file with a key or a certificate that a process has made.
type keyFile struct {
	name    string
	content []byte
	mode    fs.FileMode
}

// longestKey is more than a file with a key and its certificate takes.
const longestKey = 1 << 16

// keep has processes from now on begin with the key and the certificate that one of them
// has made in its directory: to make a key takes a good part of a second, and a program
// has to live with a key that is there. A key that others can read is not kept: a
// program may refuse it.
func (l *launcher) keep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // nothing is kept
	}
	var files []keyFile
	private := false
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > longestKey {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil || !onlyPEM(content) {
			continue
		}
		isKey := secure.HoldsPrivateKey(content)
		if isKey && info.Mode().Perm()&notOwner != 0 {
			return
		}
		private = private || isKey
		files = append(files, keyFile{e.Name(), content, info.Mode().Perm()})
	}
	if private {
		l.keys = files
	}
}

// endow puts what was kept into a fresh directory; what is there stays.
func (l *launcher) endow(dir string) error {
	for _, k := range l.keys {
		path := filepath.Join(dir, k.name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.WriteFile(path, k.content, k.mode); err != nil {
			return err
		}
	}
	return nil
}

// A keyless host starts processes that have to make their keys themselves.
type keyless struct{ *launcher }

// Start is that of the launcher.
func (k keyless) Start(ctx context.Context, limit int) (p *target.Program, fill int, err error) {
	return k.begin(ctx, limit, func(string) error { return nil })
}

// onlyPEM reports whether a file is blocks of PEM and nothing else.
func onlyPEM(content []byte) bool {
	block, rest := pem.Decode(content)
	for block != nil && len(bytes.TrimSpace(rest)) > 0 {
		block, rest = pem.Decode(rest)
	}
	return block != nil && strings.HasPrefix(string(content), "-----BEGIN ")
}

// notOwner are the permissions of everybody but the owner.
const notOwner = 0o077

// openKey names a file below a directory that holds a private key which others can read;
// empty: there is none. What can't be seen is not judged.
func openKey(dir string) (string, error) {
	open := ""
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // what the suite can't see, it does not judge
		}
		info, err := d.Info()
		if err != nil || info.Size() > longestKey || info.Mode().Perm()&notOwner == 0 {
			return nil //nolint:nilerr // it is gone by now
		}
		content, err := os.ReadFile(path)
		if err == nil && secure.HoldsPrivateKey(content) {
			open = fmt.Sprintf("%s has mode %04o", d.Name(), info.Mode().Perm())
		}
		return nil
	})
	return open, err
}
