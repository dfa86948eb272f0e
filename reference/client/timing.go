package client

import "time"

// The times of the client. None of them ends a wait for a server's answer: a
// server may have no free place for as long as it likes.
const (
	// WaitingAfter is how long an answer may take before the user is told that the
	// client waits.
	WaitingAfter = time.Second

	// GreetingWindow is how long after connecting a line that is no reply of the
	// protocol is taken for a greeting, or for word that there is no free place.
	GreetingWindow = time.Second

	// ReplyPause ends a reply that has begun: so long without more bytes, and it is
	// taken as it is. It is for servers that leave out the last line end, or count
	// more users than they list.
	ReplyPause = 2 * time.Second

	// ForwardPause keeps the next request away from a forwarded payment. Nothing
	// answers the payee, so nothing tells when the server has read the payment; and
	// most servers take whatever one read returns for one request.
	ForwardPause = 100 * time.Millisecond

	// ByeWait bounds the wait for Bye.
	ByeWait = 2 * time.Second

	// DialWait bounds the wait for a connection, to the server and to a peer.
	DialWait = 10 * time.Second

	// PeerIdle is how long a peer may be connected and silent.
	PeerIdle = 30 * time.Second

	// PeerLinger is how long the payer leaves the connection open after it has paid.
	// Closing while something unread has come would reset it, and could take the
	// payment along.
	PeerLinger = 500 * time.Millisecond

	// AcceptPause follows a failed accept, such as one for want of descriptors.
	AcceptPause = 50 * time.Millisecond
)
