package wire

import (
	"bytes"
	"time"
)

// Pause ends a request that nothing else ends: so long without more bytes. A
// sender writes a request in one go, so its parts are far closer together; and
// a person, or a program that waits for its reply, does not notice it.
const Pause = 20 * time.Millisecond

// A Framer cuts what one connection sends into requests. The zero value is ready.
//
// At first the connection is in lock-step: the sender awaits each reply, and a
// request ends at CRLF, LF or NUL, or at a [Pause], which the owner of the
// connection measures. After a NUL, or a line end and a NUL, the rest of the same
// read is dropped: it is padding, or what an earlier request left in the sender's
// buffer.
//
// After its first line end without a NUL a connection is a stream: only CRLF and
// LF end a request, however the bytes are spread over reads.
//
// A request of more than [MaxRequest] bytes is given out as soon as it is too
// long, cut short there, and what follows is dropped up to its end. Cut short it
// is still malformed, so it gets its answer at once and costs no more memory.
type Framer struct {
	held   []byte // an unfinished request, at most tooLong bytes
	over   bool   // held was given out already: the rest is dropped
	late   bool   // a line end or NUL that comes next belongs to the last request
	stream bool
}

// tooLong is how much of a request is held: MaxRequest, the CR of its ending, and
// one byte that makes it too long.
const tooLong = MaxRequest + len("\r") + 1

// Feed takes what one read returned and gives the requests that it ends.
func (f *Framer) Feed(read []byte) (requests []string) {
	if f.late {
		read = bytes.TrimLeft(read, "\r\n\x00")
		f.late = len(read) == 0
	}
	for len(read) > 0 {
		end := bytes.IndexAny(read, f.ends())
		if end < 0 {
			return append(requests, f.hold(read)...)
		}
		requests = append(requests, f.hold(read[:end])...)
		requests = append(requests, f.take()...)
		rest := read[end+1:]
		if read[end] == 0 || !f.stream && len(rest) > 0 && rest[0] == 0 {
			f.late = true
			return requests // the rest is padding
		}
		f.stream = true
		read = rest
	}
	return requests
}

// Pending says whether a [Pause] from now on would end a request.
func (f *Framer) Pending() bool { return !f.stream && len(f.held) > 0 }

// Paused gives the request that a pause or the end of the connection has ended,
// if there is one. A line end that comes after all belongs to that request.
func (f *Framer) Paused() (requests []string) {
	if f.Pending() {
		requests = f.take()
		f.late = true
	}
	return requests
}

// ends lists the bytes that end a request.
func (f *Framer) ends() string {
	if f.stream {
		return "\n"
	}
	return "\n\x00"
}

// hold keeps more of the unfinished request, and gives it out once it is too long.
func (f *Framer) hold(more []byte) (requests []string) {
	room := tooLong - len(f.held)
	f.held = append(f.held, more[:min(len(more), room)]...)
	if len(f.held) == tooLong && !f.over {
		f.over = true
		return []string{string(f.held)}
	}
	return nil
}

// take ends the request that is held, and gives it out unless that was done.
func (f *Framer) take() (requests []string) {
	if !f.over {
		requests = []string{string(bytes.TrimSuffix(f.held, []byte("\r")))}
	}
	f.held, f.over = f.held[:0], false
	return requests
}
