package wire

import "testing"

func TestLine(t *testing.T) {
	if got := string(Line("100 OK")); got != "100 OK\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestListing(t *testing.T) {
	online := []Entry{{"alice", "127.0.0.1", 5001}, {"bob", "10.0.0.7", 65535}}
	tests := []struct {
		listing Listing
		want    string
	}{
		{
			Listing{Balance: 10000, Key: "key", Online: online},
			"10000\r\nkey\r\n2\r\nalice#127.0.0.1#5001\r\nbob#10.0.0.7#65535\r\n",
		},
		{
			Listing{Balance: 1, Online: online[:1]},
			"1\r\n1\r\nalice#127.0.0.1#5001\r\n",
		},
		{Listing{}, "0\r\n0\r\n"},
	}
	for _, test := range tests {
		if got := string(test.listing.Encode()); got != test.want {
			t.Errorf("%+v\n got %q\nwant %q", test.listing, got, test.want)
		}
	}
}
