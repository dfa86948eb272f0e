package target

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

// Attach looks at a server that already runs on this machine. Its process is found by
// its socket and only looked at; where that is not allowed, waits are windows.
func Attach(kernel *Kernel, address string) (*Program, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no host:port, such as 127.0.0.1:8888", address)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return nil, fmt.Errorf("%q is no port", text)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s is not this machine; the server must listen on a loopback address", host)
	}
	listening, err := kernel.Listening(port)
	if err != nil {
		return nil, err
	}
	if !listening {
		return nil, fmt.Errorf("nobody listens on %s; start the server first", address)
	}
	p := &Program{Port: port, kernel: kernel, restless: map[int]bool{}, polls: map[int]bool{}, done: make(chan struct{})}
	if owner := kernel.owner(port); owner != os.Getpid() { // whoever looks is not at rest
		p.pid = owner
	}
	p.watch()
	return p, nil
}
