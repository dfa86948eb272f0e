package pair

import "testing"

// A packet is bytes at their place in a stream.
type packet struct {
	number uint32
	data   string
}

func TestStream(t *testing.T) {
	for _, c := range []struct {
		name    string
		packets []packet
	}{
		{"in order", []packet{{1, "abc"}, {4, "def"}}},
		{"one again", []packet{{1, "abc"}, {1, "abc"}, {4, "def"}}},
		{"one again and longer", []packet{{1, "abc"}, {2, "bcdef"}}},
		{"the second first", []packet{{4, "def"}, {1, "abc"}}},
		{"the last first", []packet{{6, "f"}, {4, "de"}, {1, "abc"}}},
		{"the next of an early one", []packet{{4, "d"}, {5, "ef"}, {1, "abc"}}},
		{"an empty one", []packet{{1, ""}, {1, "abcdef"}}},
	} {
		s := &stream{next: 1}
		for _, p := range c.packets {
			s.put(p.number, []byte(p.data))
		}
		if string(s.data) != "abcdef" || s.lost {
			t.Errorf("%s: it is %q, lost: %v", c.name, s.data, s.lost)
		}
	}
	around := &stream{next: 0xffff_fffe}
	around.put(0xffff_fffe, []byte("abcd"))
	around.put(2, []byte("ef"))
	if string(around.data) != "abcdef" {
		t.Errorf("where the numbers begin again: %q", around.data)
	}
}

// What is more than a stream keeps is lost, and not kept in part.
func TestStreamIsBounded(t *testing.T) {
	s := &stream{}
	chunk := make([]byte, 1<<16)
	for range 2 * mostBytes / len(chunk) {
		s.put(s.next, chunk)
	}
	if !s.lost || len(s.data) > mostBytes {
		t.Errorf("%d bytes are kept, lost: %v", len(s.data), s.lost)
	}
	s = &stream{next: 1}
	for i := range uint32(2 * mostEarly) {
		s.put(10+2*i, []byte("x"))
	}
	if !s.lost || len(s.early) > mostEarly {
		t.Errorf("%d packets are kept that came early, lost: %v", len(s.early), s.lost)
	}
}
