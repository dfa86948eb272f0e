package pair

import "net/netip"

// A flow is one direction of one TCP connection.
type flow struct{ from, to netip.AddrPort }

// A stream is what was sent in one direction, put together from its packets.
type stream struct {
	next  uint32 // the number of the byte that comes next (RFC 9293, 3.4)
	data  []byte
	early map[uint32][]byte // what came before its turn
	lost  bool              // more came than is kept
}

// What is kept of one stream, and how many: no meeting is a tenth as long.
const (
	mostBytes = 1 << 20
	mostEarly = 100
	mostFlows = 10_000
)

// put adds the bytes of a packet.
func (s *stream) put(number uint32, data []byte) {
	if behind := int32(s.next - number); behind > 0 { // sent again
		if int(behind) >= len(data) {
			return
		}
		number, data = s.next, data[behind:]
	}
	if number != s.next {
		if s.lost = s.lost || len(s.early) == mostEarly; !s.lost {
			if s.early == nil {
				s.early = map[uint32][]byte{}
			}
			s.early[number] = append([]byte(nil), data...)
		}
		return
	}
	if s.lost = s.lost || len(s.data)+len(data) > mostBytes; !s.lost {
		s.data = append(s.data, data...)
	}
	s.next += uint32(len(data))
	if later, ok := s.early[s.next]; ok {
		delete(s.early, s.next)
		s.put(s.next, later)
	}
}
