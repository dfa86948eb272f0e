// Package edition holds what each course year changes in the protocol, as data,
// and the words and limits that every year shares.
//
// It is a leaf: the suite and the reference both import it, so that they share
// facts and never behaviour. The texts are those of section "Editions" and of
// the tables of replies in spec/protocol.md.
package edition

import (
	"fmt"
	"slices"
	"strings"
)

// The replies, without their line end (protocol.md, section "Replies").
const (
	OK           = "100 OK"                 // a registration that succeeded
	Fail         = "210 FAIL"               // a name that is taken
	AuthFail     = "220 AUTH_FAIL"          // a login of a name that nobody registered
	Malformed    = "230 Input format error" // a request that is none of the five
	LoginFirst   = "Please login first"     // a request that needs a login
	Bye          = "Bye"                    // the answer to Exit
	TransferOK   = "Transfer OK!"           // to the payer: the payment counts
	TransferFail = "Transfer Fail!"         // to the payer: it does not
)

// The verbs. They are read before anything else, so REGISTER is no name.
const (
	Register = "REGISTER"
	List     = "List"
	Exit     = "Exit"
)

// The limits that a sender keeps (protocol.md, section "Names, ports, amounts").
const (
	MaxName   = 16            // letters and digits in a name, at least 1
	MaxPort   = 65535         // a port is 1 to MaxPort, in decimal
	MaxAmount = 2_147_483_647 // whole units in one payment or deposit, at least 1
)

// ReplyEnd ends every line of every reply.
const ReplyEnd = "\r\n"

// An Edition is one course year's variant of the protocol.
type Edition struct {
	Name           string // what --edition takes
	RequestEnd     string // what a sender puts after a request; empty: nothing
	Deposit        bool   // REGISTER#<name>#<deposit> in place of REGISTER#<name>
	InitialBalance int64  // of a new account, where no deposit is given
	KeyLine        bool   // the list has the server's public key as its second line
}

// All lists the editions, the default first.
var All = []Edition{
	{Name: "2021", InitialBalance: 10_000, KeyLine: true},
	{Name: "2020", InitialBalance: 10_000, RequestEnd: "\r\n", Deposit: true},
}

// Default is the edition that is meant where none is named.
func Default() Edition { return All[0] }

// Named returns the edition of that name, or an error that lists those there are.
func Named(name string) (Edition, error) {
	i := slices.IndexFunc(All, func(e Edition) bool { return e.Name == name })
	if i < 0 {
		return Edition{}, fmt.Errorf("no edition %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return All[i], nil
}

// Names lists the names of the editions, the default first.
func Names() []string {
	names := make([]string, len(All))
	for i, e := range All {
		names[i] = e.Name
	}
	return names
}
