package target

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Kernel answers what the sockets of this machine are doing, by
// NETLINK_SOCK_DIAG (sock_diag(7)): one exact look-up takes some ten microseconds,
// where reading /proc/net/tcp takes milliseconds. It is safe for use by several
// goroutines.
type Kernel struct {
	mu  sync.Mutex
	fd  int
	seq uint32
	buf [8192]byte

	space *Namespace // where programs run; nil: beside the suite
}

// OpenKernel opens the window on the machine's sockets.
func OpenKernel() (*Kernel, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("target: asking the kernel about sockets: %w", err)
	}
	return &Kernel{fd: fd}, nil
}

// Close closes the window.
func (k *Kernel) Close() error { return unix.Close(k.fd) }

// Sizes and numbers of linux/inet_diag.h and linux/sock_diag.h.
const (
	sockDiagByFamily = 20
	diagInfo         = 2 // INET_DIAG_INFO: TCP_INFO as an attribute
	requestSize      = unix.SizeofNlMsghdr + 56
	messageSize      = 72 // struct inet_diag_msg
	stateListen      = 10 // TCP_LISTEN
)

// ended are the states of the other side having ended its output: TCP_TIME_WAIT,
// TCP_CLOSE, TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_CLOSING (net/tcp_states.h).
var ended = []byte{6, 7, 8, 9, 11}

// done are those of the program having ended its own: TCP_FIN_WAIT1, TCP_FIN_WAIT2,
// TCP_TIME_WAIT, TCP_CLOSE, TCP_LAST_ACK, TCP_CLOSING.
var done = []byte{4, 5, 6, 7, 9, 11}

var errNoSocket = errors.New("no such socket")

// Listening reports whether somebody listens on the port of the loopback address.
func (k *Kernel) Listening(port int) (bool, error) {
	local := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
	message, err := k.ask(local, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
	if errors.Is(err, errNoSocket) {
		return false, nil
	}
	return err == nil && message[1] == stateListen, err
}

// Socket looks at the end of a connection whose own address is local. It returns
// false if there is none any more.
func (k *Kernel) Socket(local, remote netip.AddrPort) (Socket, bool, error) {
	message, err := k.ask(local, remote)
	if errors.Is(err, errNoSocket) || err == nil && message[1] == stateListen {
		return Socket{}, false, nil
	}
	if err != nil {
		return Socket{}, false, err
	}
	s := Socket{
		Unread:   uint64(binary.NativeEndian.Uint32(message[56:])),
		Unsent:   uint64(binary.NativeEndian.Uint32(message[60:])),
		Accepted: binary.NativeEndian.Uint32(message[68:]) != 0, // it has an inode
		Ended:    slices.Contains(ended, message[1]),
		Closed:   slices.Contains(done, message[1]),
	}
	info, ok := attribute(message[messageSize:], diagInfo)
	if !ok {
		return Socket{}, false, nil // a socket in TIME_WAIT has nothing left to tell
	}
	s.Received = info.Bytes_received
	s.Sent = info.Bytes_sent - info.Bytes_retrans
	return s, true, nil
}

// ask looks one socket up and returns its struct inet_diag_msg and attributes.
func (k *Kernel) ask(local, remote netip.AddrPort) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seq++
	request := make([]byte, requestSize)
	binary.NativeEndian.PutUint32(request[0:], requestSize)
	binary.NativeEndian.PutUint16(request[4:], sockDiagByFamily)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST)
	binary.NativeEndian.PutUint32(request[8:], k.seq)
	body := request[unix.SizeofNlMsghdr:]
	body[0], body[1], body[2] = unix.AF_INET, unix.IPPROTO_TCP, 1<<(diagInfo-1)
	binary.NativeEndian.PutUint32(body[4:], ^uint32(0)) // in any state
	binary.BigEndian.PutUint16(body[8:], local.Port())
	binary.BigEndian.PutUint16(body[10:], remote.Port())
	localIP, remoteIP := local.Addr().Unmap().As4(), remote.Addr().Unmap().As4()
	copy(body[12:], localIP[:])
	copy(body[28:], remoteIP[:])
	binary.NativeEndian.PutUint64(body[48:], ^uint64(0)) // INET_DIAG_NOCOOKIE
	if err := unix.Sendto(k.fd, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, fmt.Errorf("target: sock_diag: %w", err)
	}
	n, _, err := unix.Recvfrom(k.fd, k.buf[:], 0)
	if err != nil {
		return nil, fmt.Errorf("target: sock_diag: %w", err)
	}
	return answer(k.buf[:n])
}

func answer(data []byte) ([]byte, error) {
	if len(data) < unix.SizeofNlMsghdr+4 {
		return nil, fmt.Errorf("target: sock_diag: an answer of %d bytes", len(data))
	}
	body := data[unix.SizeofNlMsghdr:]
	if binary.NativeEndian.Uint16(data[4:]) == unix.NLMSG_ERROR {
		errno := unix.Errno(-int32(binary.NativeEndian.Uint32(body)))
		if errno == unix.ENOENT {
			return nil, errNoSocket
		}
		return nil, fmt.Errorf("target: sock_diag: %w", errno)
	}
	if len(body) < messageSize {
		return nil, fmt.Errorf("target: sock_diag: a message of %d bytes", len(body))
	}
	return append([]byte(nil), body...), nil
}

// attribute finds one netlink attribute and reads it as TCP_INFO; an older kernel's
// is shorter, and the rest stays zero.
func attribute(data []byte, kind uint16) (info unix.TCPInfo, ok bool) {
	for len(data) >= unix.SizeofNlAttr {
		size := int(binary.NativeEndian.Uint16(data))
		if size < unix.SizeofNlAttr || size > len(data) {
			return info, false
		}
		if binary.NativeEndian.Uint16(data[2:]) == kind {
			raw := (*[unsafe.Sizeof(info)]byte)(unsafe.Pointer(&info))
			copy(raw[:], data[unix.SizeofNlAttr:size])
			return info, true
		}
		data = data[min(len(data), (size+3)&^3):]
	}
	return info, false
}
