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
// connection measures. After a NUL the rest of the same read is dropped: it is
// padding, or what an earlier request left in the sender's buffer.
//
// After its first line end a connection is a stream: only CRLF and LF end a
// request, however the bytes are spread over reads.
//
// A request of more than [MaxRequest] bytes is given out as soon as it is too
// long, cut short there, and what follows is dropped up to its end. Cut short it
// is still malformed, so it gets its answer at once and costs no more memory.
type Framer struct {
	held   []byte // an unfinished request, at most tooLong bytes
	over   bool   // held was given out already: the rest is dropped
	stream bool
	skip   string // bytes that, coming next, still belong to the last ending
}

// tooLong is how much of a request is held: MaxRequest, the CR of its ending, and
// one byte that makes it too long.
const tooLong = MaxRequest + len("\r") + 1

// Feed takes what one read returned and gives the requests that it ends.
func (f *Framer) Feed(read []byte) (requests []string) {
	for len(read) > 0 {
		if len(f.held) == 0 {
			if read = bytes.TrimLeft(read, f.skip); len(read) == 0 {
				break
			}
		}
		f.skip = ""
		end := bytes.IndexAny(read, f.ends())
		if end < 0 {
			requests = append(requests, f.hold(read)...)
			break
		}
		requests = append(requests, f.hold(read[:end])...)
		requests = append(requests, f.take()...)
		if read[end] == 0 {
			f.skip = "\x00\r\n"
			break // the rest of this read is padding
		}
		f.stream = true
		f.skip = "\x00" // of a sender that pads, or sends the NUL of its string
		read = read[end+1:]
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
		f.skip = "\x00\r\n"
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
