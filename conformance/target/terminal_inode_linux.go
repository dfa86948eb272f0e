package target

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// inode is the number that the socket whose own address is local has in /proc; 0: there
// is none, or nobody has accepted it.
func (k *Kernel) inode(local, remote netip.AddrPort) (uint64, error) {
	message, err := k.ask(local, remote)
	if errors.Is(err, errNoSocket) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return uint64(binary.NativeEndian.Uint32(message[68:])), nil
}
