package wire

import "golang.org/x/sys/unix"

// quickAck asks for immediate acknowledgements, again before every read since it
// does not last: a delayed one would hold a program's second small write back for
// 40 ms (Nagle's algorithm) while every thread of it sleeps.
func (c *Conn) quickAck() {
	raw, err := c.tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
}
