package target

import "fmt"

// Delivery says in a few words what has become of what was sent on a connection:
// whether the program has taken the connection, and read the bytes. It is empty where
// nothing can be seen.
func (p *Program) Delivery(link Link) string {
	mine, its := link.Ends()
	socket, ok, err := p.kernel.Socket(its, mine)
	switch {
	case err != nil || !ok:
		return ""
	case !socket.Accepted:
		return "the connection waits to be accepted"
	case socket.Unread > 0:
		return fmt.Sprintf("%d of the %d bytes sent lie unread", socket.Unread, socket.Received)
	case socket.Received > 0:
		return fmt.Sprintf("all %d bytes sent have been read", socket.Received)
	}
	return "the connection is accepted"
}
