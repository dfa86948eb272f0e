package server

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// writeTime is how long a client may leave its replies unread when the kernel can
// take no more of them. Then it is taken for one that never reads, and cut off.
const writeTime = 2 * time.Second

// write writes one reply or notice, with one write and after the one before. If it
// cannot be written the session is over.
func (s *session) write(line []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	rest := line
	if s.Identity == nil {
		rest = line[writeNow(s.conn, line):]
	}
	if len(rest) == 0 {
		return nil
	}
	// The client has not read for long, or is gone, or there is TLS.
	s.conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, err := s.link.Write(rest)
	s.conn.SetWriteDeadline(time.Time{})
	if err != nil {
		s.lost(err)
		s.conn.Close() // ends read
	}
	return err
}

// writeNow writes what the kernel takes at once, and returns how much that is: as
// good as always all of it. A deadline for each reply would start and stop a clock
// that is hardly ever needed, which costs a tenth of the speed (BenchmarkList).
func writeNow(conn *net.TCPConn, b []byte) (n int) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Write(func(fd uintptr) (done bool) {
		n, _ = syscall.Write(int(fd), b) // write says what is wrong, if anything is
		return true
	})
	return max(n, 0)
}

// lost says why a reply could not be written.
func (s *session) lost(err error) {
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
		s.Console.Say(Everything, "SIGPIPE: %s left before its reply was written", s.at)
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.Console.Say(Everything, "%s does not read its replies: closed", s.at)
	}
}
