//go:build linux

package target_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/conformance/wire"
)

// terminal builds testdata/terminal.c, once.
var terminal = sync.OnceValues(func() (string, error) {
	path := filepath.Join(filepath.Dir(server), "terminal")
	out, err := exec.Command("cc", "-Wall", "-O1", "-pthread", "-o", path, "testdata/terminal.c").CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return path, nil
})

// A paper takes what is printed.
type paper struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *paper) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(data)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// sit starts the program with a habit at a terminal.
func sit(t *testing.T, kernel *target.Kernel, dir string, words ...string) (*target.Terminal, *paper) {
	t.Helper()
	path, err := terminal()
	if err != nil {
		t.Fatalf("building testdata/terminal.c: %v\n%s", err, path)
	}
	out := &paper{}
	p, err := target.Recipe{Path: path, Args: words}.StartTerminal(kernel, dir, out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, out
}

// idle demands what the program does.
func idle(t *testing.T, p *target.Terminal, scale float64, want target.Doing) target.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	s, err := p.Idle(ctx, scale)
	if err != nil || s.Doing != want {
		t.Fatalf("it %s, not %s (%v): %s", s.Doing, want, err, p.Doing())
	}
	return s
}

func press(t *testing.T, p *target.Terminal, keys string) {
	t.Helper()
	if err := p.Type(keys); err != nil {
		t.Fatal(err)
	}
}

// However a program waits for a line, it is seen, and all that it has printed before has
// come by then.
func TestTerminalLines(t *testing.T) {
	for _, habit := range []string{"", "select", "poll", "epoll", "looks around", "its own door", "a thread beside", "prints first"} {
		t.Run(habit, func(t *testing.T) {
			p, out := sit(t, kernel, t.TempDir(), habit)
			idle(t, p, 1, target.WantsLine)
			if !strings.HasSuffix(out.String(), "> ") {
				t.Fatalf("it wants a line, and has printed %q", out)
			}
			want := out.String()
			for _, word := range []string{"one", "two", "three"} {
				press(t, p, word+"\r")
				idle(t, p, 1, target.WantsLine)
				want += "read " + word + "\r\n> "
				if out.String() != want {
					t.Fatalf("it has printed %q", strings.TrimPrefix(out.String(), want[:2]))
				}
			}
			press(t, p, "\x04")
			<-p.Done()
			if death, _ := p.Death(); death.Exit != 3 || !strings.HasSuffix(out.String(), "end of input\r\n") {
				t.Errorf("%v, and it has printed %q", death, p.Tail())
			}
			idle(t, p, 1, target.HasEnded)
			if err := p.Type("more\r"); err == nil {
				t.Error("what has ended can be typed to")
			}
		})
	}
}

func TestTerminalStates(t *testing.T) {
	t.Run("it computes", func(t *testing.T) {
		p, _ := sit(t, kernel, t.TempDir(), "spins")
		idle(t, p, 0.01, target.Computes)
	})
	t.Run("it sleeps, and reads nothing", func(t *testing.T) {
		p, _ := sit(t, kernel, t.TempDir(), "sleeps")
		idle(t, p, 0.1, target.Sleeps)
		press(t, p, "anybody there\r")
		if s := idle(t, p, 0.1, target.Sleeps); !s.Unread {
			t.Error("the line counts as read")
		}
	})
	t.Run("it waits for a peer", func(t *testing.T) {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		p, _ := sit(t, kernel, t.TempDir(), "hears", strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		link := wire.Accepted(conn.(*net.TCPConn), "server", "", transcript.NewRecorder(), make(chan struct{}, 1))
		defer link.Discard()
		idle(t, p, 1, target.WaitsPeer)
		if reads, err := p.Reads(link); err != nil || !reads {
			t.Errorf("it does not read from its peer (%v)", err)
		}
		if err := link.Send([]byte("!")); err != nil {
			t.Fatal(err)
		}
		for begun := time.Now(); doing(t, p) != target.WantsLine; {
			if time.Since(begun) > bound {
				t.Fatal("it does not go on")
			}
		}
		if reads, err := p.Reads(link); err != nil || reads {
			t.Errorf("it still reads from its peer (%v)", err)
		}
	})
}

func doing(t *testing.T, p *target.Terminal) target.Doing {
	t.Helper()
	s, err := p.Idle(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return s.Doing
}

// Ctrl-C ends a program, or does not; one that prints for ever is ended for that, when
// it is contained.
func TestTerminalEnds(t *testing.T) {
	root, err := os.MkdirTemp("/dev/shm", "paycheck-test-")
	if err != nil {
		t.Skipf("no place in memory: %v", err)
	}
	defer func() {
		if err := target.Remove(root); err != nil {
			t.Error(err)
		}
	}()
	own, err := target.OpenKernel()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	path, err := terminal()
	if err != nil {
		t.Fatal(path, err)
	}
	limits := target.DefaultLimits(1)
	limits.Output = 1 << 20
	space, err := target.Contain(own, root, limits, []string{path})
	if err != nil {
		t.Fatal(err)
	}
	defer space.Close()
	t.Log(space.Notes())
	dir := func(t *testing.T) string {
		t.Helper()
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			t.Fatal(err)
		}
		return dir
	}
	t.Run("by the key", func(t *testing.T) {
		p, _ := sit(t, own, dir(t), "its own door")
		idle(t, p, 1, target.WantsLine)
		press(t, p, "\x03")
		<-p.Done()
		if death, _ := p.Death(); death.Signal != "SIGINT" {
			t.Error(death)
		}
	})
	t.Run("by the signal", func(t *testing.T) {
		p, _ := sit(t, own, dir(t))
		idle(t, p, 1, target.WantsLine)
		if err := p.Signal("SIGINT"); err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		if death, _ := p.Death(); death.Signal != "SIGINT" {
			t.Error(death)
		}
	})
	t.Run("not at all", func(t *testing.T) {
		p, out := sit(t, own, dir(t), "ignores Ctrl-C")
		idle(t, p, 1, target.WantsLine)
		press(t, p, "\x03")
		press(t, p, "go on\r")
		idle(t, p, 1, target.WantsLine)
		if !strings.Contains(out.String(), "read go on") {
			t.Errorf("it has printed %q", out)
		}
	})
	t.Run("for what it prints", func(t *testing.T) {
		p, _ := sit(t, own, dir(t), "prints for ever")
		idle(t, p, 1, target.WantsLine)
		press(t, p, "\x04")
		<-p.Done()
		if death, _ := p.Death(); !strings.Contains(death.Exceeded, "printed more than") {
			t.Error(death)
		}
	})
}
