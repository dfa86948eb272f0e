package client

import (
	"net"
	"sync/atomic"
)

// Traffic counts the bytes of all connections of a client, to the server and to
// peers.
type Traffic struct {
	Written, Read atomic.Int64
}

// A metered connection counts its bytes.
type metered struct {
	net.Conn
	traffic *Traffic
}

// CloseWrite says that no more will come.
func (m metered) CloseWrite() error { return m.Conn.(*net.TCPConn).CloseWrite() }

// Read counts what it returns.
func (m metered) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.traffic.Read.Add(int64(n))
	return n, err
}

// Write counts what was written.
func (m metered) Write(p []byte) (int, error) {
	n, err := m.Conn.Write(p)
	m.traffic.Written.Add(int64(n))
	return n, err
}
