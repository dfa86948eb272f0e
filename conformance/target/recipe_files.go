package target

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What lies beside a program is copied without being asked for if it is at most so
// much: every process gets a copy, and there are hundreds.
const (
	besideFiles = 100
	besideBytes = 4 << 20
)

// everything is all that lies beside the program.
var everything = []string{"."}

// Beside gives the Files of a program that nothing is known of: all that lies beside
// it, such as certificates or a database, if that is little; else nothing.
func Beside(path string) (files []string, little bool) {
	var n, size int64
	err := walkBeside(filepath.Dir(path), ".", path, func(_ string, info fs.FileInfo) error {
		if n, size = n+1, size+info.Size(); n > besideFiles || size > besideBytes {
			return errTooMuch
		}
		return nil
	})
	switch {
	case errors.Is(err, errTooMuch):
		return []string{}, false
	case err != nil || n == 0:
		return []string{}, true // what can't be read can't be copied either
	}
	return everything, true
}

var errTooMuch = errors.New("target: more than is copied without being asked for")

// Present demands that the recipe's files are there. The error names the one that is
// not.
func (r Recipe) Present() error {
	for _, name := range r.Files {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(filepath.Dir(r.Path), name)
		}
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("no such file for the program: %s", path)
		}
	}
	return nil
}

// Furnish copies the recipe's files into dir. The error names the file.
func (r Recipe) Furnish(dir string) error {
	base := filepath.Dir(r.Path)
	for _, name := range r.Files {
		root, to := base, dir
		if !filepath.IsLocal(name) { // from elsewhere: under its last name
			if !filepath.IsAbs(name) {
				name = filepath.Join(base, name)
			}
			root, name = filepath.Split(name)
		}
		err := walkBeside(root, name, r.Path, func(rel string, info fs.FileInfo) error {
			return copyFile(filepath.Join(root, rel), filepath.Join(to, rel), info.Mode())
		})
		if err != nil {
			return fmt.Errorf("target: copying what the program needs: %w", err)
		}
	}
	return nil
}

// walkBeside calls each with every regular file at or below name, seen from root, but
// for the program itself and its recipe, and for hidden directories (a repository, an editor's).
func walkBeside(root, name, program string, each func(rel string, info fs.FileInfo) error) error {
	return filepath.WalkDir(filepath.Join(root, name), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != filepath.Clean(name) && strings.HasPrefix(d.Name(), ".") {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := os.Stat(path) // a link counts as what it leads to
		if err != nil || !info.Mode().IsRegular() || path == program || d.Name() == RecipeFile {
			return nil //nolint:nilerr // a link that leads nowhere is no file
		}
		return each(rel, info)
	})
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode.Perm()|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
