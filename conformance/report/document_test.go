package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paycheck/conformance"
)

func decoded(t *testing.T, run conformance.Run) map[string]any {
	t.Helper()
	text, err := NewDocument(run, conformance.GateMust).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var d map[string]any
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDocumentsFollowTheSchema(t *testing.T) {
	s := loadSchema(t)
	for name, run := range samples() {
		for _, wrong := range s.check(s.root, decoded(t, run), "report") {
			t.Errorf("%s: %s", name, wrong)
		}
	}
	for _, wrong := range s.check(s.root, decoded(t, conformance.Run{}), "report") {
		t.Errorf("a run without anything: %s", wrong)
	}
}

func TestDocumentIsAsRead(t *testing.T) {
	d := NewDocument(samples()["blocked"], conformance.GateMust)
	d.Spec = "of the text" // it changes with every edit of the protocol
	text, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "blocked.json", string(text))
}

// What is read back is what was written: the raw bytes, and a seed of 64 bits.
func TestDocumentKeepsBytesAndSeed(t *testing.T) {
	run := samples()["hostile"]
	run.Seed = math.MaxUint64
	text, err := NewDocument(run, conformance.GateMust).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var back Document
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Seed != run.Seed {
		t.Errorf("seed %d, want %d", back.Seed, run.Seed)
	}
	if got := back.Results[0].Finding.Got.Base64; !bytes.Equal(got, run.Results[0].Finding.Got) {
		t.Errorf("got came back as %q", got)
	}
	if plain := newBytes([]byte("100 OK\r\n")); plain.Base64 != nil || plain.Text != `100 OK\r\n` {
		t.Errorf("a plain reply became %+v", plain)
	}
}

func TestStreamBecomesTheDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	if err := os.WriteFile(path, []byte("an old report"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	run := samples()["caret"]
	s.Head(Head(conformance.Run{Program: run.Program, Started: time.Now()}, conformance.GateMust))
	for _, r := range run.Results[:3] {
		s.Add(r)
	}

	// This is what a run that is killed here leaves.
	if left, err := os.ReadFile(path); err != nil || len(left) > 0 {
		t.Errorf("the old report is still there: %q, %v", left, err)
	}
	head, entries := lines(t, path+".part")
	if !head.Incomplete || head.Exit != conformance.ExitNotJudged || head.Program != run.Program {
		t.Errorf("the first line is %+v", head)
	}
	if len(entries) != 3 || entries[1].Check != "REG-1/1" || entries[2].Verdict != "fail" {
		t.Errorf("the other lines are %+v", entries)
	}

	if err := s.Close(NewDocument(run, conformance.GateMust)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".part"); !os.IsNotExist(err) {
		t.Errorf("the lines are still there: %v", err)
	}
	var back Document
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &back); err != nil || back.Incomplete || len(back.Results) != len(run.Results) {
		t.Errorf("read back: %v, %d results", err, len(back.Results))
	}
}

func lines(t *testing.T, path string) (head Document, entries []Entry) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	scan := bufio.NewScanner(file)
	for n := 0; scan.Scan(); n++ {
		var into any = &head
		if n > 0 {
			entries = append(entries, Entry{})
			into = &entries[n-1]
		}
		d := json.NewDecoder(strings.NewReader(scan.Text()))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
	}
	return head, entries
}

func TestStreamToADeviceHasNoLines(t *testing.T) {
	s, err := Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if s.part != nil {
		t.Errorf("lines go to %s", s.part.Name())
	}
	s.Add(taken())
	if err := s.Close(NewDocument(samples()["caret"], conformance.GateMust)); err != nil {
		t.Error(err)
	}
}

func TestStreamSaysWhatFails(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none", "r.json")); err == nil {
		t.Error("a directory that is not there is no error")
	}
	path := filepath.Join(t.TempDir(), "r.json")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s.Add(taken())
	_ = s.file.Close() // as if the disk were gone
	if err := s.Close(Document{}); err == nil {
		t.Error("a document that was not written is no error")
	}
	if _, err := os.Stat(path + ".part"); err != nil {
		t.Errorf("the lines are lost as well: %v", err)
	}
}
