package ledger

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// lockDir makes sure that no other server opens a database in the same directory.
// The lock is on the directory: on the file it would get in SQLite's way, and a
// file of its own would be left behind by a crash. The kernel drops it when the
// process ends, however it ends.
func lockDir(path string) (io.Closer, error) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		dir.Close()
		return nil, ErrInUse
	}
	return dir, nil // some file systems know no such lock: then there is none
}
