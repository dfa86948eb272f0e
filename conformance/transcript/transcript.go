// Package transcript holds what was sent and seen in one conversation: the
// evidence of a verdict. A [Recorder] collects [Event]s as they happen; the text
// form is the notation of the scenarios, with every byte visible.
package transcript

import (
	"sync"
	"time"
)

// An Event is one thing that happened on one connection, or to the program.
type Event struct {
	At    time.Duration `json:"at"`              // since the conversation began
	Who   string        `json:"who"`             // the client; "server" for the program itself
	Kind  Kind          `json:"kind"`            // what happened
	Bytes []byte        `json:"bytes,omitempty"` // of Sent and Received
	Text  string        `json:"text,omitempty"`  // of Act and Note: as the notation has it
	Wrong bool          `json:"wrong,omitempty"` // the verdict rests on this event
}

// A Kind says what an event is.
type Kind string

// The kinds of event.
const (
	Sent     Kind = "sent"     // by the suite, in one segment
	Received Kind = "received" // by the suite, in one read
	Ended    Kind = "ended"    // the program closed the connection
	Reset    Kind = "reset"    // the program reset it
	Act      Kind = "act"      // the suite did something else: a connect, a close, a signal
	Note     Kind = "note"     // what the suite saw or decided
)

// A Transcript is the events of one conversation, in order.
type Transcript []Event

// A Recorder collects the events of one conversation. It is safe for use by
// several goroutines.
type Recorder struct {
	mu     sync.Mutex
	start  time.Time
	events Transcript
	count  int
}

// NewRecorder starts a conversation.
func NewRecorder() *Recorder { return &Recorder{start: time.Now()} }

// Add records an event now. Bytes are kept up to [MaxBytes].
func (r *Recorder) Add(e Event) {
	e.At = time.Since(r.start)
	if len(e.Bytes) > MaxBytes {
		e.Bytes = e.Bytes[:MaxBytes:MaxBytes]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	if len(r.events) < maxEvents {
		r.events = append(r.events, e)
	}
}

// Count is how many events there were so far, with those that are not kept.
func (r *Recorder) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// MarkWrong marks the newest event of that client as what the verdict rests on.
func (r *Recorder) MarkWrong(who string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.events) - 1; i >= 0; i-- {
		if r.events[i].Who == who {
			r.events[i].Wrong = true
			return
		}
	}
}

// Transcript returns what was recorded so far.
func (r *Recorder) Transcript() Transcript {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(Transcript(nil), r.events...)
}

// What is kept of one event, and of one conversation: a program that floods must
// not fill the suite's memory.
const (
	MaxBytes  = 4096
	maxEvents = 4000
)
