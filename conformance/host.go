package conformance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"paycheck/conformance/play"
	"paycheck/conformance/target"
)

// plentiful is the limit that a program is given where a check says nothing of one:
// more than any check needs, few enough for every machine.
const plentiful = 16

// A launcher starts processes of the program, each in a directory of its own.
type launcher struct {
	recipe target.Recipe
	kernel *target.Kernel
	ports  *target.Ports
	scale  float64
	root   string // where the directories are made
	made   atomic.Int64
	keys   []keyFile // that every process begins with
	// limitless says why there is no limit of the program's own, where there is none.
	limitless string
	// one has room for the process of a program that is always on the same port, which
	// runs alone. With a network namespace for each process it would not have to.
	one chan struct{}
}

func newLauncher(r target.Recipe, kernel *target.Kernel, ports *target.Ports, scale float64, root string) *launcher {
	return &launcher{
		recipe: r, kernel: kernel, ports: ports, scale: scale, root: root, one: make(chan struct{}, 1),
		limitless: "the program is not told a limit; if one is built in, state it with --limit",
	}
}

// Start gives a fresh process in a fresh directory. A program with a limit of its
// own has more places than are wanted: the rest has to be filled.
func (l *launcher) Start(ctx context.Context, limit int) (p *target.Program, fill int, err error) {
	return l.begin(ctx, limit, l.endow)
}

// begin is Start with what is put into the directory before.
func (l *launcher) begin(ctx context.Context, limit int, endow func(dir string) error) (p *target.Program, fill int, err error) {
	if limit > 0 && !l.recipe.TakesLimit() {
		switch own := l.recipe.Limit; {
		case own == 0:
			return nil, 0, play.Inapplicable("%s", l.limitless)
		case own < limit:
			return nil, 0, play.Inapplicable("the program has a limit of %d of its own, and this needs one of %d", own, limit)
		default:
			fill = own - limit
		}
	}
	p, err = l.start(ctx, limit, endow)
	return p, fill, err
}

// collisions is how often another port is tried when somebody else has got the one that
// was free a moment ago.
const collisions = 3

func (l *launcher) start(ctx context.Context, limit int, endow func(dir string) error) (*target.Program, error) {
	if limit == 0 {
		limit = plentiful
	}
	for tries := 1; ; tries++ {
		dir, err := l.furnished(l.recipe)
		if err == nil {
			err = endow(dir)
		}
		if err != nil {
			return nil, err
		}
		port, err := l.take(ctx)
		if err != nil {
			return nil, err
		}
		p, err := l.recipe.Start(ctx, l.kernel, l.scale, dir, port, limit)
		if err == nil {
			return p, nil
		}
		l.give()
		if taken, unknown := l.kernel.Listening(port); unknown != nil || !taken || l.recipe.Port != 0 || tries == collisions {
			return nil, err
		}
	}
}

// furnished makes a fresh directory with the files that a process needs.
func (l *launcher) furnished(r target.Recipe) (string, error) {
	dir := filepath.Join(l.root, strconv.FormatInt(l.made.Add(1), 10))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("conformance: a directory for the program: %w", err)
	}
	return dir, r.Furnish(dir)
}

// take gives a port for one process, and give says that the process has ended. Who
// needs the one port of a program waits until it is free.
func (l *launcher) take(ctx context.Context) (int, error) {
	if l.recipe.Port == 0 {
		return l.ports.Free()
	}
	select {
	case l.one <- struct{}{}:
		return l.recipe.Port, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func (l *launcher) give() {
	if l.recipe.Port != 0 {
		<-l.one
	}
}

// Restart starts the program again where the old process was, which is ended first.
// The port stays taken: if the start fails, it is the old process that is released.
func (l *launcher) Restart(ctx context.Context, old *target.Program, limit int) (*target.Program, error) {
	old.Stop()
	if limit == 0 {
		limit = plentiful
	}
	return l.recipe.Start(ctx, l.kernel, l.scale, old.Dir, old.Port, limit)
}

// Release ends a process and removes its directory.
func (l *launcher) Release(p *target.Program) {
	p.Stop()
	_ = target.Remove(p.Dir) // the whole root is removed at the end, and that error counts
	l.give()
}

// Owns is true: these processes are the suite's own.
func (l *launcher) Owns() bool { return true }

// A visitor talks to a server that already runs, which it neither starts nor ends.
type visitor struct {
	program *target.Program
	turn    chan struct{} // one conversation at a time: they share the process
}

func (v *visitor) Start(ctx context.Context, limit int) (*target.Program, int, error) {
	if limit > 0 {
		return nil, 0, play.Inapplicable("the server was not started by paycheck, so its limit can't be set")
	}
	select {
	case v.turn <- struct{}{}:
		if _, dead := v.program.Death(); dead {
			<-v.turn
			return nil, 0, play.Unjudged("the server has ended; start it again to judge the rest")
		}
		return v.program, 0, nil
	case <-ctx.Done():
		return nil, 0, context.Cause(ctx)
	}
}

func (v *visitor) Restart(context.Context, *target.Program, int) (*target.Program, error) {
	return nil, play.Inapplicable("the server was not started by paycheck, so it is not started again")
}

func (v *visitor) Release(*target.Program) { <-v.turn }

func (v *visitor) Owns() bool { return false }
