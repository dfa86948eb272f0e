package wire

import (
	"bytes"
	"fmt"
	"strings"

	"paycheck/spec/edition"
)

// A ReplyReader cuts what a server sends into replies, however the bytes are
// spread over reads. A line ends in CRLF or LF. A line that is a number begins a
// listing, which ends after as many entries as it counts; every other line is a
// reply of its own. NUL is no part of any text: servers pad with it.
type ReplyReader struct {
	keyLine bool   // of the edition
	held    []byte // an unfinished line, at most MaxLine bytes
	place   place  // of the next line
	reply   Reply  // the unfinished listing, unless the place is outside
	count   int    // of entries that it announced
	keys    int    // lines of its key so far
}

// A place is where in a listing the next line belongs.
type place int

const (
	outside place = iota // of any listing
	inKey                // a key in PEM form goes on
	atKey
	atCount
	atEntry
)

// NewReplyReader reads the replies of an edition.
func NewReplyReader(e edition.Edition) *ReplyReader {
	return &ReplyReader{keyLine: e.KeyLine}
}

// Feed takes what one read returned and gives the replies that it ends.
func (r *ReplyReader) Feed(read []byte) (replies []Reply) {
	for len(read) > 0 {
		line, rest, ended := bytes.Cut(read, []byte("\n"))
		for _, c := range line {
			if c != 0 && len(r.held) < MaxLine {
				r.held = append(r.held, c)
			}
		}
		if ended {
			replies = append(replies, r.take()...)
		}
		read = rest
	}
	return replies
}

// Pending says whether a reply has begun and is not whole.
func (r *ReplyReader) Pending() bool { return len(r.held) > 0 || r.place != outside }

// Paused gives what was pending, when no more of it is to be expected: a last
// line without an end, and a listing with fewer entries than it announced.
func (r *ReplyReader) Paused() (replies []Reply) {
	if len(r.held) > 0 {
		replies = r.take()
	}
	if r.place != outside {
		replies = append(replies, r.finish(r.cut())...)
	}
	return replies
}

// take ends the line that is held.
func (r *ReplyReader) take() []Reply {
	line := string(bytes.TrimSuffix(r.held, []byte("\r")))
	r.held = r.held[:0]
	if r.place == atKey {
		return r.key(line) // whatever it says
	}
	if line == "" {
		return nil
	}
	if one := (Reply{Line: line}); one.Notice() {
		return []Reply{one} // also between the lines of a listing
	}
	switch r.place {
	case inKey:
		return r.moreKey(line)
	case atCount:
		return r.counted(line)
	case atEntry:
		return r.entry(line)
	}
	return r.begin(line)
}

// begin reads a line outside of any listing.
func (r *ReplyReader) begin(line string) []Reply {
	balance, ok := parseBalance(line)
	if !ok {
		return []Reply{{Line: line}}
	}
	r.reply = Reply{Line: line, Listing: &Listing{Balance: balance}}
	r.count, r.keys = 0, 0
	r.place = atCount
	if r.keyLine {
		r.place = atKey
	}
	return nil
}

// key reads the server's key. One in PEM form may have several lines.
func (r *ReplyReader) key(line string) []Reply {
	r.reply.Listing.Key = line
	r.place = atCount
	if strings.HasPrefix(line, "-----BEGIN ") && !strings.Contains(line, "-----END ") {
		r.place = inKey
	}
	return nil
}

// moreKey reads a later line of a key in PEM form. A bare number is the count
// after all: base64 in lines of 64 has none.
func (r *ReplyReader) moreKey(line string) []Reply {
	if _, bare := parseBalance(line); bare || r.keys == maxKey {
		return r.counted(line)
	}
	r.keys++
	r.reply.Listing.Key += "\n" + line
	if strings.HasPrefix(line, "-----END ") {
		r.place = atCount
	}
	return nil
}

// counted reads the number of entries to come.
func (r *ReplyReader) counted(line string) []Reply {
	count, err := parseCount(line)
	if err != nil || count == 0 {
		return r.finish(err)
	}
	r.count, r.place = count, atEntry
	return nil
}

// entry reads one account online.
func (r *ReplyReader) entry(line string) []Reply {
	if e, ok := parseEntry(line); ok {
		r.reply.Listing.Online = append(r.reply.Listing.Online, e)
	} else {
		r.reply.Odd = append(r.reply.Odd, line[:min(len(line), maxEntry)])
	}
	if r.entries() == r.count {
		return r.finish(nil)
	}
	return nil
}

// entries is how many have come.
func (r *ReplyReader) entries() int { return len(r.reply.Listing.Online) + len(r.reply.Odd) }

// cut says how far a listing came that goes no further.
func (r *ReplyReader) cut() error {
	if r.place != atEntry {
		return fmt.Errorf("%w: cut short before the number of users", ErrListing)
	}
	return fmt.Errorf("%w: cut short after %d of %d users", ErrListing, r.entries(), r.count)
}

// finish gives out the listing, whole or with what is wrong with it.
func (r *ReplyReader) finish(err error) []Reply {
	reply := r.reply
	reply.Err = err
	r.reply, r.place = Reply{}, outside
	return []Reply{reply}
}
