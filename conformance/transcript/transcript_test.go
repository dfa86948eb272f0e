package transcript_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"paycheck/conformance/transcript"
)

func TestVisible(t *testing.T) {
	tests := []struct{ data, want string }{
		{"", ""},
		{"100 OK\r\n", `100 OK\r\n`},
		{"a\tb", `a\tb`},
		{`a\b`, `a\\b`},
		{`a\0`, `a\\0`}, // not a NUL
		{"\x00", `\0`},
		{"Bye\x00\x00", `Bye\0*2`},
		{"Bye" + strings.Repeat("\x00", 1021), `Bye\0*1021`},
		{"\x00a\x00\x00\x00b\x00", `\0a\0*3b\0`},
		{"\x00\x007\x00*27", `\0*2\x37\0\x2a27`},
		{"\x01\x1f\x20\x7e\x7f\x80\xff", `\x01\x1f ~\x7f\x80\xff`},
		{"é", `\xc3\xa9`}, // bytes, not letters: two of them went
		{"\x1b[31m", `\x1b[31m`},
	}
	for _, test := range tests {
		if got := transcript.Visible([]byte(test.data)); got != test.want {
			t.Errorf("%q is shown as %s, not %s", test.data, got, test.want)
		}
	}
}

// Whatever a program sends is shown in printable ASCII, and no two texts alike.
func FuzzVisible(f *testing.F) {
	for _, seed := range []string{"", "100 OK\r\n", "\x00\x00*2", "\x00\x000", `\0`, "\\x00", "é\x1b"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		shown := transcript.Visible(data)
		for i := range len(shown) {
			if shown[i] < 0x20 || shown[i] > 0x7e {
				t.Fatalf("%q has the byte %x", shown, shown[i])
			}
		}
		if got := hidden(t, shown); !bytes.Equal(got, data) {
			t.Fatalf("%q is shown as %s, which reads as %q", data, shown, got)
		}
	})
}

// hidden reads the text form back.
func hidden(t *testing.T, shown string) []byte {
	t.Helper()
	run := regexp.MustCompile(`^\\0(?:\*([0-9]+))?`)
	var data []byte
	for shown != "" {
		if shown[0] != '\\' {
			data, shown = append(data, shown[0]), shown[1:]
			continue
		}
		if m := run.FindStringSubmatch(shown); m != nil {
			n := 1
			if m[1] != "" {
				n, _ = strconv.Atoi(m[1])
			}
			data, shown = append(data, make([]byte, n)...), shown[len(m[0]):]
			continue
		}
		size := 2
		if shown[1] == 'x' {
			size = 4
		}
		text, err := strconv.Unquote(`"` + shown[:size] + `"`)
		if err != nil {
			t.Fatalf("%s: %v", shown[:size], err)
		}
		data, shown = append(data, text...), shown[size:]
	}
	return data
}

func TestText(t *testing.T) {
	tests := []struct {
		event transcript.Event
		want  string
	}{
		{transcript.Event{Who: "alice", Kind: transcript.Sent, Bytes: []byte("List\x00")}, `alice > List\0`},
		{transcript.Event{Who: "alice", Kind: transcript.Received, Bytes: []byte("Bye\r\n")}, `alice < Bye\r\n`},
		{transcript.Event{Who: "alice", Kind: transcript.Ended}, `alice < (closed)`},
		{transcript.Event{Who: "alice", Kind: transcript.Reset}, `alice < (closed) by a reset`},
		{transcript.Event{Who: "alice", Kind: transcript.Act, Text: "alice closes"}, `alice closes`},
		{transcript.Event{Who: "server", Kind: transcript.Note, Text: "the server is gone"}, `# the server is gone`},
	}
	var whole transcript.Transcript
	var want strings.Builder
	for _, test := range tests {
		if got := test.event.String(); got != test.want {
			t.Errorf("%+v is %s, not %s", test.event, got, test.want)
		}
		whole = append(whole, test.event)
		want.WriteString(test.want + "\n")
	}
	if whole.String() != want.String() {
		t.Errorf("the conversation is\n%s, not\n%s", whole, want.String())
	}
}

func TestRecorder(t *testing.T) {
	r := transcript.NewRecorder()
	if got := r.Transcript(); len(got) != 0 {
		t.Errorf("a new one has %v", got)
	}
	r.Add(transcript.Event{Who: "alice", Kind: transcript.Sent, Bytes: []byte("a")})
	early := r.Transcript()
	r.Add(transcript.Event{Who: "bob", Kind: transcript.Sent, Bytes: []byte("b")})
	r.Add(transcript.Event{Who: "alice", Kind: transcript.Received, Bytes: []byte("c")})
	r.MarkWrong("alice")
	r.MarkWrong("nobody")
	got := r.Transcript()
	if len(early) != 1 || len(got) != 3 {
		t.Fatalf("%d events, then %d", len(early), len(got))
	}
	for i, e := range got {
		if e.Wrong != (i == 2) {
			t.Errorf("%v is marked %v", e, e.Wrong)
		}
		if e.At < 0 || i > 0 && e.At < got[i-1].At {
			t.Errorf("%v came before what came before it", e)
		}
	}
	got[0].Wrong = true
	if r.Transcript()[0].Wrong {
		t.Error("a change of what was given out changes the record")
	}
}

// A program that floods fills neither an event nor the conversation.
func TestRecorderIsBounded(t *testing.T) {
	r := transcript.NewRecorder()
	big := make([]byte, transcript.MaxBytes+1)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for range 2000 {
				r.Add(transcript.Event{Who: fmt.Sprint(i), Kind: transcript.Received, Bytes: big})
			}
		})
	}
	all.Wait()
	got := r.Transcript()
	if len(got) >= 8000 || len(got) == 0 {
		t.Errorf("%d events are kept", len(got))
	}
	for _, e := range got {
		if len(e.Bytes) != transcript.MaxBytes || cap(e.Bytes) != transcript.MaxBytes {
			t.Fatalf("an event keeps %d bytes of %d", len(e.Bytes), cap(e.Bytes))
		}
	}
}

func TestJSON(t *testing.T) {
	want := transcript.Transcript{
		{At: 5, Who: "alice", Kind: transcript.Received, Bytes: []byte("\x00\xff"), Wrong: true},
		{At: 7, Who: "server", Kind: transcript.Note, Text: "x"},
	}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got transcript.Transcript
	if err := json.Unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s is read as %+v, %v", data, got, err)
	}
}
