package target

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// users is how many users a run has, each for one process at a time.
const users = 1000

// Where no other program looks for users: above all that systemd assigns, or where a
// container knows no numbers so high, where it assigns them for a moment only
// (systemd's UIDS-GIDS.md).
const (
	highUsers = 1_900_000_000
	lowUsers  = 61_184
)

// openRoot lets other users pass through the root, and no more. The error says that
// they do not come so far.
func (n *Namespace) openRoot() error {
	if err := closed(filepath.Dir(n.root)); err != nil {
		return err
	}
	return os.Chmod(n.root, 0o711) //nolint:gosec // each directory in it is closed to all but its owner
}

// closed says which directory on the way to a path is closed to other users.
func closed(path string) error {
	for ; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Mode()&0o001 == 0 {
			return fmt.Errorf("%s is closed to other users", path)
		}
		if path == filepath.Dir(path) {
			return nil
		}
	}
}

// admit copies the files that a command names, where programs' users can't come to
// them.
func (n *Namespace) admit(paths []string) error {
	n.moved = map[string]string{}
	for i, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || info.Mode()&0o001 != 0 && closed(filepath.Dir(path)) == nil {
			continue
		}
		dir := filepath.Join(n.root, fmt.Sprintf("word%d", i+1))
		to := filepath.Join(dir, filepath.Base(path))
		if err = copyFile(path, to, info.Mode()); err == nil {
			err = errors.Join(os.Chmod(dir, 0o755), os.Chmod(to, info.Mode().Perm()|0o555)) //nolint:gosec // for all of the programs' users
		}
		if err != nil {
			return fmt.Errorf("target: copying %s to where another user can come to it: %w", path, err)
		}
		n.moved[path] = to
	}
	return nil
}

// reached gives the path by which a program's user comes to a file.
func (n *Namespace) reached(path string) string {
	if to, ok := n.moved[path]; ok {
		return to
	}
	return path
}

// house gives a directory to a user of its own, or finds whom it was given to when
// the program ran in it before.
func (n *Namespace) house(dir string) (user int, err error) {
	if n.first == 0 {
		return 0, nil
	}
	var info unix.Stat_t
	if err := unix.Lstat(dir, &info); err != nil {
		return 0, fmt.Errorf("target: %s: %w", dir, err)
	}
	if user = int(info.Uid); user >= n.first && user < n.first+users {
		return user, nil
	}
	user = n.first + int(n.made.Add(1))%users
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, user, user)
	})
	if err != nil {
		return 0, fmt.Errorf("target: giving %s to the program's user: %w", dir, err)
	}
	return user, nil
}
