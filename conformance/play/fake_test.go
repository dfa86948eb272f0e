package play_test

import "encoding/json"

// A fake is a server that is right but for what a test says: testdata/fake, a process
// of its own.
type fake struct {
	End      string              // of a line; empty: CR LF
	Pad      string              // behind each reply
	Greeting string              // on connect
	NoKey    bool                // the list has no key line
	Key      string              // in place of "public key"
	Count    string              // how the count is worded; empty: %d
	Balance  string              // how the balance is worded; empty: %d
	Deaf     bool                // to SIGINT
	Places   int                 // so many connections are taken; 0: all
	Notice   string              // to the payer of a payment; empty: Transfer OK!
	On       map[string][]string // request, "connect" or "end" -> what is done in place of the usual
}

// fakeVariable tells a process what fake it is to be, in JSON.
const fakeVariable = "PLAY_FAKE"

func (f fake) variable() string {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err) // it is all strings
	}
	return fakeVariable + "=" + string(data)
}
