package target

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// shared are the directories that everybody may write to. Programs get empty ones of
// their own, in memory, which go with the namespace.
var shared = []string{"/tmp", "/var/tmp", "/dev/shm"}

// sharedSize is how much each of them holds.
const sharedSize = "64m"

// mount makes what the programs see of the machine's files read-only, but for Root.
// It needs Linux 5.12 (mount_setattr(2)).
func (o opening) mount() error {
	steps := []struct {
		what string
		do   func() error
	}{
		{"keeping mounts apart", func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") }},
		{"mounting " + o.Root, func() error { return unix.Mount(o.Root, o.Root, "", unix.MS_BIND, "") }},
		{"making the rest read-only", func() error { return readOnly("/", unix.AT_RECURSIVE, true) }},
		{"keeping " + o.Root + " writable", func() error { return readOnly(o.Root, 0, false) }},
		{"mounting " + strings.Join(shared, ", "), o.cover},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
	}
	return nil
}

func readOnly(path string, flags uint, yes bool) error {
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if !yes {
		attr = &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY}
	}
	return unix.MountSetattr(unix.AT_FDCWD, path, flags, attr)
}

// cover mounts the shared directories, and puts back what has to be seen in them.
func (o opening) cover() error {
	type held struct {
		path string
		fd   int
		dir  bool
	}
	var hold []held
	for _, path := range append([]string{o.Root}, o.Shown...) {
		path, within := withinShared(path)
		if !within {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		hold = append(hold, held{path, fd, info.IsDir()})
	}
	for _, dir := range shared {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
			continue // it is not there, or leads to another of them
		}
		if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777,size="+sharedSize); err != nil {
			return err
		}
	}
	for _, h := range hold {
		if err := point(h.path, h.dir); err != nil {
			return err
		}
		if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", h.fd), h.path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
	}
	return nil
}

// withinShared tells whether a path lies in a shared directory, and what has to be
// seen there: the directory that a file is in, with what lies beside it, unless that
// is the shared one itself.
func withinShared(path string) (string, bool) {
	for _, dir := range shared {
		if !strings.HasPrefix(path, dir+"/") {
			continue
		}
		if info, err := os.Stat(path); err == nil && !info.IsDir() && filepath.Dir(path) != dir {
			path = filepath.Dir(path)
		}
		return path, true
	}
	return path, false
}

// point makes something to mount on.
func point(path string, dir bool) error {
	if dir {
		return os.MkdirAll(path, 0o755) //nolint:gosec // what is mounted there has its own mode
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as above
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
