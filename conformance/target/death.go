package target

import (
	"fmt"
	"os"
	"syscall"
)

// A Death is how a program ended.
type Death struct {
	Signal   string `json:"signal,omitempty"` // such as SIGPIPE; empty: it exited
	Exit     int    `json:"exit"`             // its exit status, if it exited
	LastSent string `json:"last_sent,omitempty"`
	// Exceeded is the limit of the suite's that it was ended for, in words, such as "ran
	// more than 128 processes"; empty: it ended by itself.
	Exceeded string `json:"-"`
}

// unknownExit is the status of a process that was not ours to wait for.
const unknownExit = -1

func deathOf(state *os.ProcessState) Death {
	if status, ok := state.Sys().(syscall.WaitStatus); ok {
		return deathBy(status)
	}
	return Death{Exit: state.ExitCode()}
}

func deathBy(status syscall.WaitStatus) Death {
	if status.Signaled() {
		return Death{Signal: signalName(status.Signal())}
	}
	return Death{Exit: status.ExitStatus()}
}

// String says it in words: "it died of SIGPIPE", "it exited with status 1", or
// just that it has ended.
func (d Death) String() string {
	if d.Exceeded != "" {
		return "it was ended because it " + d.Exceeded
	}
	if d.Signal != "" {
		return "it died of " + d.Signal
	}
	if d.Exit == unknownExit {
		return "it has ended"
	}
	return fmt.Sprintf("it exited with status %d", d.Exit)
}
