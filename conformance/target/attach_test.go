package target_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"paycheck/conformance/target"
)

func TestAttachErrors(t *testing.T) {
	for address, want := range map[string]string{
		"8888": "is no host:port", "": "is no host:port", "127.0.0.1": "is no host:port",
		"127.0.0.1:http": `"http" is no port`, "127.0.0.1:0": `"0" is no port`, "127.0.0.1:65536": `"65536" is no port`,
		"192.0.2.1:8888": "192.0.2.1 is not this machine", "example.org:8888": "example.org is not this machine",
		":8888": "is not this machine", "0.0.0.0:8888": "is not this machine", "127.0.0.1:1": "nobody listens on 127.0.0.1:1",
	} {
		if _, err := target.Attach(kernel, address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %s", address, err, want)
		}
	}
}

// A server that was found running is looked at as one that was started, and let live.
func TestAttach(t *testing.T) {
	own := start(t, "sleep-50")
	for _, host := range []string{"127.0.0.1", "localhost"} {
		p, err := target.Attach(kernel, fmt.Sprintf("%s:%d", host, own.Port))
		if err != nil {
			t.Fatal(err)
		}
		if p.PID() != own.PID() || p.Port != own.Port || p.Tail() != nil {
			t.Errorf("process %d, not %d; port %d; %q", p.PID(), own.PID(), p.Port, p.Tail())
		}
		c := connect(t, p)
		for range 5 {
			had := c.Received()
			c.send(t, "request")
			if s := c.settle(t, p, false); s.Reason != target.Quiet || !s.Proved || c.Received()-had != 7 {
				t.Errorf("%+v, with %d bytes", s, c.Received()-had)
			}
		}
		if err := p.Signal("SIGKILL"); err == nil {
			t.Error("it was sent a signal")
		}
		p.Stop()
		if _, dead := own.Death(); dead {
			t.Fatal("it was ended")
		}
		if host == "localhost" {
			own.Stop()
			if death := ended(t, p); death.String() != "it has ended" {
				t.Errorf("%s", death)
			}
		}
	}
}

// Where the process can't be looked at a wait is a window: it ends, and proves
// nothing. The suite can't look at itself, for it always runs.
func TestBlind(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	p, err := target.Attach(kernel, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if p.PID() != 0 || p.Doing() != "" {
		t.Errorf("process %d: %s", p.PID(), p.Doing())
	}
	c := connect(t, p)
	c.send(t, "request")
	const window = 300 * time.Millisecond
	begun := time.Now()
	s := c.settle(t, p, false)
	if s.Reason != target.Quiet || s.Proved || s.Final || time.Since(begun) < window {
		t.Errorf("%+v after %v", s, time.Since(begun))
	}
	if err := p.Signal("SIGKILL"); err == nil {
		t.Error("the suite was sent a signal")
	}
	p.Stop()
}
