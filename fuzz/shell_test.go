package fuzz

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"paycheck/spec/scenario"
)

// What the script sends is what the fuzzer sent, byte for byte.
func TestShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan []byte, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // a bound
		var all bytes.Buffer
		_, _ = all.ReadFrom(conn) // until the script closes
		got <- all.Bytes()
	}()
	odd := "%s'\\ \x01\xff$(x)`\"\r\n"
	acts := Acts{
		scenario.Send{Who: "a", Message: scenario.Message{Kind: scenario.List}},
		scenario.Raw{Who: "a", Segments: []scenario.Template{{{Text: odd}}}},
		scenario.Link{Who: "a", Verb: scenario.Closes},
	}
	s := madeUp()
	file := filepath.Join(t.TempDir(), "replay.sh")
	text := s.shell(&Finding{Trouble: Trouble{ID: "FRM-8", Why: "a reason"}, Script: Script{Acts: acts}})
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(bash, file, strconv.Itoa(l.Addr().(*net.TCPAddr).Port)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, text)
	}
	if sent, want := <-got, "List\x00"+odd; string(sent) != want {
		t.Errorf("it sent %q, want %q\n%s", sent, want, text)
	}
}

// What bash can't do, the script says.
func TestShellLeavesToReplay(t *testing.T) {
	acts := Acts{scenario.Send{Who: "a", Message: scenario.Message{Kind: scenario.List}}, scenario.Link{Who: "a", Verb: scenario.Resets}}
	text := madeUp().shell(&Finding{Trouble: Trouble{ID: "VAN-2", Why: "a reason"}, Script: Script{Acts: acts}})
	if !strings.Contains(text, "can not reset a connection; use: paycheck replay PROGRAM ${0%.sh}.txt") || strings.Contains(text, "/dev/tcp") {
		t.Error(text)
	}
}
