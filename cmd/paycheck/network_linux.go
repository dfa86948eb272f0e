package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"paycheck/conformance"
)

// ownNetwork is the variable that says to a paycheck that it was started in a network of
// its own.
const ownNetwork = "PAYCHECK_OWN_NETWORK"

// inOwnNetwork runs the same command once more in a network namespace of its own, where
// whoever runs it may listen to the loopback device (user_namespaces(7)). It gives the
// exit code; false: this machine does not allow it.
func inOwnNetwork() (code int, ok bool) {
	if os.Getenv(ownNetwork) != "" {
		return 0, false // it has one, and that did not help
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), ownNetwork+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	same := func(id int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: same(os.Getuid()), GidMappings: same(os.Getgid()),
		AmbientCaps: []uintptr{unix.CAP_NET_ADMIN, unix.CAP_NET_RAW},
	}
	if cmd.Start() != nil {
		return 0, false
	}
	err := cmd.Wait() // Ctrl-C reaches it as well
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		if code = exit.ExitCode(); code < 0 { // of a signal
			code = conformance.ExitNotJudged
		}
		return code, true
	}
	return 0, err == nil
}

// furnishNetwork switches the loopback device on, which is off in a new namespace. In
// the machine's own network there is nothing to do.
func furnishNetwork() error {
	if os.Getenv(ownNetwork) == "" {
		return nil
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("the loopback device: %w", err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("the loopback device: %w", err)
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_LOOPBACK)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("the loopback device: %w", err)
	}
	return nil
}
