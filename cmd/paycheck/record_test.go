package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"paycheck/conformance"
	"paycheck/conformance/driver"
	"paycheck/spec/edition"
)

// A desk is a person's own terminal, of which a test reads what it shows.
type desk struct {
	t    *testing.T
	file *os.File
	came chan string
	text string
}

func newDesk(t *testing.T) (*desk, *os.File) {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	d := &desk{t: t, file: ours, came: make(chan string, 100)}
	go func() {
		defer close(d.came)
		for buf := make([]byte, 4096); ; {
			n, err := ours.Read(buf)
			if err != nil {
				return
			}
			d.came <- string(buf[:n])
		}
	}()
	return d, theirs
}

// sees waits for a text behind the last that was seen, and returns what came up to it.
func (d *desk) sees(text string) string {
	d.t.Helper()
	late := time.After(time.Minute)
	for {
		if before, after, ok := strings.Cut(d.text, text); ok {
			d.text = after
			return before
		}
		select {
		case more, ok := <-d.came:
			if !ok {
				d.t.Fatalf("%q did not come before the end; there came %q", text, d.text)
			}
			d.text += more
		case <-late:
			d.t.Fatalf("%q did not come; there came %q", text, d.text)
		}
	}
}

func (d *desk) types(line string) {
	d.t.Helper()
	if _, err := d.file.WriteString(line + "\r"); err != nil {
		d.t.Fatal(err)
	}
}

// records begins a recording, which ends before the terminal does.
func records(t *testing.T, a *app, o *recordFlags, e edition.Edition, terminal *os.File) <-chan error {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	done, over := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(over)
		done <- a.record(ctx, o, e, terminal)
	}()
	t.Cleanup(func() { cancel(); <-over })
	return done
}

// pace is how long a person takes before typing. What a line has caused belongs to the
// line typed last, so that a payment has to have come to its payee by then.
const pace = 500 * time.Millisecond

// A person uses a client once, and gets a driver for it.
func TestRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "numbers")
	out, err := exec.Command("cc", "-pthread", "-w", "-o", path, "../../conformance/driver/testdata/clients/numbers.c").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d, terminal := newDesk(t)
	a := newApp(terminal, terminal)
	o := &recordFlags{args: "{host} {port}", scale: 1, edition: edition.Default().Name}
	e, err := o.read([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	done := records(t, a, o, e, terminal)

	text := strings.Join(strings.Fields(d.sees("ends it earlier.")), " ")
	var port, amount int
	var payee string
	for format, to := range map[string]any{"with port": &port, "pay": &payee, "such as": &amount} {
		_, after, _ := strings.Cut(text, format+" ")
		if _, err := fmt.Sscan(strings.ReplaceAll(after, ",", " "), to); err != nil {
			t.Fatalf("%q says nothing behind %q: %v", text, format, err)
		}
	}
	for _, turn := range []struct{ wait, line string }{
		{"choice: ", "1"},
		{"Username: ", "dora"},
		{"choice: ", "2"},
		{"Username: ", "dora"},
		{"Port: ", fmt.Sprint(port)},
		{"choice: ", "3"},
		{"choice: ", "4"},
		{"Payee: ", payee},
		{"Amount: ", fmt.Sprint(amount)},
		{"choice: ", "5"},
	} {
		d.sees(turn.wait)
		time.Sleep(pace)
		d.types(turn.line)
	}
	d.sees("Now: paycheck client")
	if err := <-done; err != nil || a.code != conformance.ExitConforms {
		t.Errorf("it ends with %d, %v", a.code, err)
	}
	recorded, err := driver.Load(filepath.Join(filepath.Dir(path), "paycheck.toml"))
	if err != nil || len(recorded.Ops) != len(driver.Ops()) {
		t.Errorf("the driver is %+v, %v", recorded, err)
	}
	if _, err := o.read([]string{path}); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("to write over it is %v", err)
	}
}

// Who leaves early gets what there is, and hears what is missing.
func TestRecordLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quiet")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho hello\nread line\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	d, terminal := newDesk(t)
	a := newApp(terminal, terminal)
	o := &recordFlags{args: "", scale: 1, edition: edition.Default().Name}
	e, err := o.read([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	done := records(t, a, o, e, terminal)
	d.sees("hello")
	d.types("\x1d")
	d.sees("Nothing was seen for exit")
	if err := <-done; err != nil || a.code != conformance.ExitNotJudged {
		t.Errorf("it ends with %d, %v", a.code, err)
	}
	if _, err := os.Stat(o.out); err == nil {
		t.Error("a driver that can do nothing was written")
	}
}
