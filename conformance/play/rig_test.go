package play_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec/edition"
	"paycheck/spec/scenario"
)

var (
	program string // testdata/fake, built
	kernel  *target.Kernel
	ports   *target.Ports
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "play-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// A program of its own, and without the race detector, which takes long to start.
	program = filepath.Join(dir, "fake")
	build := exec.Command("go", "build", "-o", program, "./testdata/fake")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building testdata/fake: %v\n%s", err, out)
		return 1
	}
	if kernel, err = target.OpenKernel(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer kernel.Close()
	ports = target.NewPorts(uint64(os.Getpid()) + 7_000)
	return m.Run()
}

// A host starts a fake, as the suite starts a program.
type host struct {
	t       *testing.T
	recipe  target.Recipe
	foreign bool  // the programs are not the suite's own
	fill    int   // places that are filled by idle clients
	err     error // of every start
	limit   int   // that was asked for last
	started []*target.Program
}

func newHost(t *testing.T, f fake) *host {
	t.Helper()
	return &host{t: t, recipe: target.Recipe{Path: program, Args: []string{"{port}"}, Env: []string{f.variable()}}}
}

func (h *host) Start(ctx context.Context, limit int) (*target.Program, int, error) {
	if h.limit = limit; h.err != nil {
		return nil, 0, h.err
	}
	// Between the choice of a port and its use another suite on this machine may take it.
	var p *target.Program
	var err error
	for range 3 {
		var port int
		if port, err = ports.Free(); err != nil {
			return nil, 0, err
		}
		p, err = h.recipe.Start(ctx, kernel, 1, h.t.TempDir(), port, limit)
		if err == nil {
			h.started = append(h.started, p)
		}
		if err == nil || !strings.Contains(err.Error(), "address already in use") {
			break
		}
	}
	return p, h.fill, err
}

func (h *host) Restart(ctx context.Context, old *target.Program, limit int) (*target.Program, error) {
	old.Stop()
	p, err := h.recipe.Start(ctx, kernel, 1, old.Dir, old.Port, limit)
	if err == nil {
		h.started = append(h.started, p)
	}
	return p, err
}

func (h *host) Release(p *target.Program) { p.Stop() }

func (h *host) Owns() bool { return !h.foreign }

// envOf gives names the prefix q, so that a fake can be told of qalice, and ports
// from 5001 on, in the order in which clients appear.
func envOf(h play.Host) *play.Env {
	port := 5000
	return &play.Env{
		Host: h, Profile: play.Profile{Edition: edition.Default(), Dialect: dialect.Dialect{Ending: dialect.NUL}}, Scale: 1,
		Prefix: func() string { return "q" },
		Port:   func() int { port++; return port },
	}
}

// played plays steps against a fake.
func played(t *testing.T, f fake, steps string) play.Result {
	t.Helper()
	return playedIn(t, envOf(newHost(t, f)), steps)
}

// bound is how long a scenario may take here.
const bound = time.Minute

func playedIn(t *testing.T, env *play.Env, steps string) play.Result {
	t.Helper()
	s, err := scenario.Parse("# A test.\n" + steps)
	if err != nil {
		t.Fatalf("%v in\n%s", err, steps)
	}
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	r, err := play.Scenario(ctx, env, s)
	if err != nil {
		t.Fatalf("%v in\n%s", err, steps)
	}
	return r
}
