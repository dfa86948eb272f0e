package server

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// wait returns true when the client's turn has come, and false if the client left
// before. What it sends meanwhile stays unread.
func (s *Server) wait(conn *net.TCPConn, turn turn, client netip.AddrPort) bool {
	select {
	case <-turn:
		return true
	default:
	}
	s.Console.Say(Everything, "%s waits: all %d places are taken", at(client), s.Limit)
	left := make(chan struct{})
	go func() {
		defer close(left)
		watch(conn)
	}()
	select {
	case <-turn:
		conn.SetReadDeadline(time.Now()) // ends the watch
		<-left
		conn.SetReadDeadline(time.Time{})
		s.Console.Say(Everything, "%s is served now", at(client))
		return true
	case <-left:
		s.pool.leave(turn)
		return false
	}
}

// watch returns when the client has closed or reset its connection, or the read
// deadline passes. It looks and reads nothing. A client that has closed its end
// but sent a request before is still waiting for the answer.
func watch(conn *net.TCPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) (left bool) {
		reset, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
		if err != nil || reset != 0 {
			return true
		}
		n, err := peek(fd)
		nothing := errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
		return n < 1 && !nothing
	})
}

// unread says whether bytes have come that nobody has read.
func unread(conn *net.TCPConn) (some bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) {
		n, _ := peek(fd)
		some = n > 0
	})
	return some
}

// peek looks for one byte and leaves it there. It finds none, without an error, at
// the end of what the client sends.
func peek(fd uintptr) (n int, err error) {
	var b [1]byte
	n, _, err = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return n, err
}
