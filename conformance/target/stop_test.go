package target_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"paycheck/conformance/target"
)

// group lists the processes of a process group that have not ended.
func group(t *testing.T, id int) (left []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		// The name may have spaces; behind it are the state, the parent, the group.
		behind := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if behind[0] != "Z" && behind[0] != "X" && behind[2] == fmt.Sprint(id) {
			left = append(left, filepath.Base(filepath.Dir(file)))
		}
	}
	return left
}

// emptied waits until a process group has nobody left. A kill takes its moment.
func emptied(t *testing.T, id int) {
	t.Helper()
	for end := time.Now().Add(bound); len(group(t, id)) > 0; {
		if time.Now().After(end) {
			t.Fatalf("the processes %v are left", group(t, id))
		}
		time.Sleep(time.Millisecond)
	}
}

func ended(t *testing.T, p *target.Program) target.Death {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(bound):
		t.Fatalf("it still runs; %s", p.Doing())
	}
	death, ok := p.Death()
	if !ok {
		t.Error("it has ended, and no death is known")
	}
	return death
}

// What a program started goes with it, whichever way it goes.
func TestNothingIsLeft(t *testing.T) {
	ways := map[string]func(*target.Program) error{
		"Stop":               func(p *target.Program) error { p.Stop(); return nil },
		"a signal":           func(p *target.Program) error { return p.Signal("SIGTERM") },
		"a death of its own": func(p *target.Program) error { return syscall.Kill(p.PID(), syscall.SIGSEGV) },
	}
	for name, way := range ways {
		for _, habit := range []string{"answers", "family", "spins"} {
			t.Run(name+" of "+habit, func(t *testing.T) {
				p := start(t, habit)
				want := 1
				if habit == "family" {
					want = 2
				}
				if got := group(t, p.PID()); len(got) != want {
					t.Fatalf("it runs as the processes %v", got)
				}
				if _, dead := p.Death(); dead {
					t.Fatal("it is dead already")
				}
				if err := way(p); err != nil {
					t.Fatal(err)
				}
				ended(t, p)
				emptied(t, p.PID())
				p.Stop() // once more is no harm
			})
		}
	}
}

func TestDeath(t *testing.T) {
	tests := []struct {
		habit, signal string
		want          target.Death
		words         string
	}{
		{"answers", "SIGINT", target.Death{Signal: "SIGINT"}, "it died of SIGINT"},
		{"answers", "SIGKILL", target.Death{Signal: "SIGKILL"}, "it died of SIGKILL"},
		{"abort", "", target.Death{Signal: "SIGABRT"}, "it died of SIGABRT"},
		{"exit", "", target.Death{Exit: 3}, "it exited with status 3"},
	}
	for _, test := range tests {
		p := start(t, test.habit)
		c := connect(t, p)
		if test.signal != "" {
			if err := p.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
		} else {
			c.send(t, "request")
		}
		if s := c.settle(t, p, false); s.Reason != target.Died || s.Final || s.Proved {
			t.Errorf("%s: the wait ends so: %+v", test.habit, s)
		}
		death := ended(t, p)
		if death != test.want || death.String() != test.words {
			t.Errorf("%s, %s: %+v, %s", test.habit, test.signal, death, death)
		}
		// Its number may be another program's by now.
		if err := p.Signal("SIGINT"); !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("a signal to the dead: %v", err)
		}
	}
	p := start(t, "answers")
	if err := p.Signal("SIGNIFICANT"); err == nil || !strings.Contains(err.Error(), "no signal SIGNIFICANT") {
		t.Errorf("error %v", err)
	}
	if _, dead := p.Death(); dead {
		t.Error("it died of nothing")
	}
}

// A program that prints without end neither blocks nor fills the suite's memory.
func TestTail(t *testing.T) {
	p := start(t, "print")
	c := connect(t, p)
	for range 10 { // 4 MB
		c.send(t, "request")
		c.settle(t, p, false)
	}
	if c.Received() != 70 {
		t.Errorf("%d bytes have come", c.Received())
	}
	p.Stop()
	tail := p.Tail()
	if len(tail) != 5 || tail[4] != fmt.Sprintf("%0100d", 3999) || tail[0] != fmt.Sprintf("%0100d", 3995) {
		t.Errorf("its last words are %q", tail)
	}
}
