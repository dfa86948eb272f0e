package pair

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A capture keeps what passes over the loopback device (packet(7)), which takes the
// capability CAP_NET_RAW. So the links between clients are seen whatever is said on them.
type capture struct {
	fd      int
	running sync.WaitGroup
	stop    chan struct{}

	mu    sync.Mutex
	flows map[flow]*stream
	lost  bool // packets, or bytes of a stream
}

// roomWanted is how much the kernel keeps of what was not read yet, in bytes.
const roomWanted = 32 << 20

// lookOut is how often a reader that waits for packets sees whether it is to end.
const lookOut = 100 * time.Millisecond

// openCapture begins to listen to the loopback device.
func openCapture() (*capture, error) {
	device, err := net.InterfaceByName("lo")
	if err != nil {
		return nil, fmt.Errorf("pair: the loopback device: %w", err)
	}
	const ip = unix.ETH_P_IP<<8&0xff00 | unix.ETH_P_IP>>8 // in the order of the network
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, ip)
	if err != nil {
		return nil, fmt.Errorf("pair: listening to the loopback device: %w", err)
	}
	every := unix.NsecToTimeval(lookOut.Nanoseconds())
	err = errors.Join(
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &every),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: ip, Ifindex: device.Index}),
	)
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("pair: listening to the loopback device: %w", err)
	}
	// Root may have as much room as is wanted; with less, what is lost is noticed.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, roomWanted) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, roomWanted)
	}
	c := &capture{fd: fd, stop: make(chan struct{}), flows: map[flow]*stream{}}
	c.running.Go(c.listen)
	return c, nil
}

// listen takes packets until it is told to stop and none is left.
func (c *capture) listen() {
	packet := make([]byte, 1<<17)
	for {
		n, from, err := unix.Recvfrom(c.fd, packet, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil: // none has come for a while
			select {
			case <-c.stop:
				return
			default:
			}
			if !errors.Is(err, unix.EAGAIN) {
				c.lose()
				return
			}
			continue
		}
		// On this device each packet is seen on its way out and on its way in.
		if link, ok := from.(*unix.SockaddrLinklayer); ok && link.Pkttype != unix.PACKET_OUTGOING {
			c.take(packet[:n])
		}
	}
}

func (c *capture) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = true
}

// take reads the headers of IP and TCP.
func (c *capture) take(p []byte) {
	const protocol, source, destination = 9, 12, 16 // RFC 791, 3.1
	if len(p) < 20 || p[0]>>4 != 4 || p[protocol] != unix.IPPROTO_TCP {
		return
	}
	head, whole := int(p[0]&15)*4, int(binary.BigEndian.Uint16(p[2:]))
	if whole >= head && whole <= len(p) { // 0 where the kernel leaves the length to the device
		p = p[:whole]
	}
	if len(p) < head+20 {
		return
	}
	from, to := netip.AddrFrom4([4]byte(p[source:])), netip.AddrFrom4([4]byte(p[destination:]))
	t := p[head:]
	offset := int(t[12]>>4) * 4 // RFC 9293, 3.1
	if offset < 20 || offset > len(t) {
		return
	}
	key := flow{
		from: netip.AddrPortFrom(from, binary.BigEndian.Uint16(t)),
		to:   netip.AddrPortFrom(to, binary.BigEndian.Uint16(t[2:])),
	}
	const syn = 2
	c.mu.Lock()
	defer c.mu.Unlock()
	if t[13]&syn != 0 && len(c.flows) < mostFlows {
		c.flows[key] = &stream{next: binary.BigEndian.Uint32(t[4:]) + 1}
	}
	if s := c.flows[key]; s != nil && len(t) > offset {
		s.put(binary.BigEndian.Uint32(t[4:]), t[offset:])
	}
}

// close ends the capture when all that was sent so far has been read, and gives it.
func (c *capture) close() (flows map[flow]*stream, lost bool) {
	close(c.stop)
	c.running.Wait()
	stats, err := unix.GetsockoptTpacketStats(c.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	_ = unix.Close(c.fd)
	return c.flows, c.lost || err != nil || stats.Drops > 0
}
