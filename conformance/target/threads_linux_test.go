package target

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseSyscall(t *testing.T) {
	tests := []struct {
		line string
		want thread
	}{
		{"running\n", thread{running: true}},
		{"-1 0x7ffc 0x7f5d\n", thread{running: true}}, // blocked outside of a call
		{"0 0x3 0x7ffc 0x10 0x0 0x0 0x0 0x7ffc 0x7f5d\n", thread{call: 0, args: [6]uint64{3, 0x7ffc, 16}}},
		{"270 0x400 0x1 0x2 0x3 0xffffffffffffffff 0x5 0x7ffc 0x7f5d\n", thread{call: 270, args: [6]uint64{0x400, 1, 2, 3, 1<<64 - 1, 5}}},
		{"", thread{}},
	}
	for _, test := range tests {
		if got := parseSyscall([]byte(test.line)); got != test.want {
			t.Errorf("%q: %+v, not %+v", test.line, got, test.want)
		}
	}
}

// An answer of the kernel that is cut short is an error, and never a panic.
func TestNetlinkIsReadWithCare(t *testing.T) {
	whole := make([]byte, unix.SizeofNlMsghdr+messageSize+64)
	whole[4] = sockDiagByFamily
	for n := range len(whole) {
		message, err := answer(whole[:n])
		if short := n < unix.SizeofNlMsghdr+messageSize; (err != nil) != short {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err == nil {
			attribute(message[messageSize:], diagInfo)
		}
	}
	for size := range 70 {
		data := make([]byte, 64)
		data[0], data[2] = byte(size), diagInfo
		if _, ok := attribute(data, diagInfo); ok != (size >= unix.SizeofNlAttr && size <= len(data)) {
			t.Errorf("an attribute of %d bytes in 64: %v", size, ok)
		}
	}
}
