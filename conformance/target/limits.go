package target

import (
	"fmt"
	"time"
)

// Limits are what one process of a program may take, with all that it starts. They
// are far above what a server of this protocol takes while it is judged, and low
// enough for any machine.
type Limits struct {
	CPU         time.Duration // processor time
	Memory      int64         // bytes in memory, not only asked for
	Processes   int
	Tasks       int   // processes and threads together
	Descriptors int   // open files and sockets of one process
	File        int64 // bytes of one file
	Disk        int64 // bytes in its directory
	Entries     int   // files and directories there
	Output      int64 // bytes printed
}

// DefaultLimits are the limits of every run; processor time is multiplied by the
// time scale.
func DefaultLimits(scale float64) Limits {
	return Limits{
		CPU:         time.Duration(float64(time.Minute) * scale),
		Memory:      768 << 20,
		Processes:   128,
		Tasks:       512,
		Descriptors: 1024,
		File:        64 << 20,
		Disk:        128 << 20,
		Entries:     10_000,
		Output:      64 << 20,
	}
}

// A load is what a program and all that it has started take at one moment.
type load struct {
	cpu       time.Duration
	memory    int64
	processes int
	disk      int64
	entries   int
}

// exceeded says in words which limit is exceeded; empty if none is.
func (l Limits) exceeded(now load) string {
	switch {
	case now.memory > l.Memory:
		return fmt.Sprintf("took more than %s of memory", size(l.Memory))
	case now.processes > l.Processes:
		return fmt.Sprintf("ran more than %d processes", l.Processes)
	case now.disk > l.Disk:
		return fmt.Sprintf("wrote more than %s to its directory", size(l.Disk))
	case now.entries > l.Entries:
		return fmt.Sprintf("made more than %d files in its directory", l.Entries)
	case now.cpu > l.CPU:
		return fmt.Sprintf("used more than %v of processor time", l.CPU)
	}
	return ""
}

// signalled says which limit of the kernel's a process has died of.
func (l Limits) signalled(signal string) string {
	switch {
	case signal == "SIGXCPU" && l.CPU > 0:
		return fmt.Sprintf("used more than %v of processor time", l.CPU)
	case signal == "SIGXFSZ" && l.File > 0:
		return fmt.Sprintf("wrote a file of more than %s", size(l.File))
	}
	return ""
}

// size gives a number of bytes as a person says it.
func size(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }
