package conformance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"paycheck/conformance/dialect"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/spec"
)

// A suite is one run's view of the program: what its checks share.
type suite struct {
	cfg     Config
	checks  []*Check
	kernel  *target.Kernel
	ports   *target.Ports
	root    string            // the directories of the processes are made here
	space   *target.Namespace // what they run in; nil: they are not the suite's own
	env     play.Env
	guessed bool // the recipe was found out
	dialect dialect.Dialect
	notes   []string // what a person should know of the run
	unheard string   // why nothing can be asked of the program; empty: it can
	halved  string   // why messages do not reach the program whole; empty: they do
	client  *clients // nil: the program is a server
	sha256  string
	started time.Time
}

// open selects the checks, makes sure that the program can be judged at all, and
// learns how it speaks. The error is [ErrUsage] or [ErrNotJudged].
func open(ctx context.Context, cfg Config) (*suite, error) {
	s := &suite{cfg: cfg, started: time.Now()}
	all, err := checksOf(cfg.Role)
	if err != nil {
		return nil, err
	}
	if s.checks, err = cfg.Select(all); err != nil {
		return nil, err
	}
	if s.kernel, err = target.OpenKernel(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotJudged, err)
	}
	if err = s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *suite) prepare(ctx context.Context) error {
	random := newRandom(s.cfg.Seed)
	s.env = play.Env{Profile: play.Profile{Edition: s.cfg.Edition}, Scale: s.cfg.Scale, Prefix: random.prefix, Port: random.port}
	var err error
	if s.cfg.Connect != "" {
		err = s.visit()
	} else {
		err = s.launch()
	}
	if err != nil {
		return err
	}
	switch {
	case s.cfg.Mute:
		return s.ready(ctx)
	case s.cfg.Role == spec.Client:
		return s.meet(ctx)
	}
	if err := s.findRecipe(ctx); err != nil {
		return err
	}
	if s.cfg.Secure {
		if err := s.encrypt(ctx); err != nil {
			return err
		}
	}
	if s.halved == "" {
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
	if s.cfg.Secure && s.halved == "" {
		if err := s.sealed(ctx); err != nil {
			return err
		}
	}
	if s.cfg.Found != nil && s.cfg.Connect == "" {
		return s.cfg.Found(s.cfg.Recipe)
	}
	return nil
}

// launch makes the host that starts processes.
func (s *suite) launch() error {
	recipe := &s.cfg.Recipe
	if err := recipe.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	path, err := filepath.Abs(recipe.Path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s: no such program", ErrUsage, recipe.Path)
	case info.IsDir():
		return fmt.Errorf("%w: %s is a directory; name the program in it", ErrUsage, recipe.Path)
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("%w: %s can't be executed; try chmod +x %s", ErrUsage, recipe.Path, recipe.Path)
	}
	if s.sha256, err = hashOf(path); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if s.root, err = os.MkdirTemp(scratch(), "paycheck-"); err != nil {
		return fmt.Errorf("%w: %w", ErrNotJudged, err)
	}
	started := *recipe
	started.Path = path
	if err := started.Present(); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	s.space, err = target.Contain(s.kernel, s.root, target.DefaultLimits(s.cfg.Scale), append(started.Command(0, 0), started.Env...))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotJudged, err)
	}
	s.notes = append(s.notes, s.space.Notes()...)
	s.ports = target.NewPorts(s.cfg.Seed)
	s.env.Host = newLauncher(started, s.kernel, s.ports, s.cfg.Scale, s.root)
	return nil
}

// visit makes the host of a server that already runs.
func (s *suite) visit() error {
	program, err := target.Attach(s.kernel, s.cfg.Connect)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotJudged, err)
	}
	s.env.Host = &visitor{program: program, turn: make(chan struct{}, 1)}
	return nil
}

// scratch is where the programs' directories go: in memory if the system has such a
// place, so that a server's database does not wait for a disk.
func scratch() string {
	const memory = "/dev/shm"
	if os.Getenv("TMPDIR") != "" {
		return ""
	}
	if info, err := os.Stat(memory); err == nil && info.IsDir() {
		return memory
	}
	return ""
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// close ends what the suite has made.
func (s *suite) close() error {
	var err error
	if s.space != nil {
		err = s.space.Close()
	}
	if s.root != "" {
		err = errors.Join(err, target.Remove(s.root))
	}
	if s.ports != nil {
		err = errors.Join(err, s.ports.Close())
	}
	return errors.Join(err, s.kernel.Close())
}

// firstOfAll is the requirement that a program fails which answers nothing, or nothing
// that has to do with what it is asked.
const firstOfAll = "REG-1"

// judge runs one check.
func (s *suite) judge(ctx context.Context, c *Check) Result {
	if c.client != nil {
		return s.judgeClient(ctx, c)
	}
	begun := time.Now()
	env := s.env
	env.Requirement = c.Requirement.ID
	if why := s.unfit(c); why != "" {
		return Result{Check: c, Result: play.Result{Outcome: play.NotApplicable, Why: why}}
	}
	if s.unheard != "" && c.Requirement.ID != firstOfAll && c.Requirement.Section != "OPS" {
		return Result{Check: c, Result: play.Result{
			Outcome: play.Blocked, By: firstOfAll, Why: s.unheard,
		}}
	}
	if s.halved != "" && !handshakeAlone(c.Requirement.ID) {
		return Result{Check: c, Result: play.Result{Outcome: play.Broken, Why: s.halved}}
	}
	if l, ours := env.Host.(*launcher); ours && (c.Requirement.ID == "SEC-4" || c.Requirement.ID == "SEC-16") {
		env.Host = keyless{l} // how a key is made
	}
	if c.Requirement.Has(spec.Stream) {
		env.Profile.Dialect.Ending = s.dialect.LineEnd
	}
	r, err := play.Run(ctx, &env, guarded(c.run))
	if err != nil {
		r.Outcome, r.Why = play.Broken, "the run was interrupted"
	}
	if r.Outcome == play.Tolerated && c.Requirement.Tolerated == "" {
		// The form is another requirement's business.
		r = play.Result{Outcome: play.Held, Transcript: r.Transcript}
	}
	if own := s.builtIn(); r.Outcome == play.Held && c.Requirement.ID == givenLimit && own > 0 {
		r.Outcome, r.Why = play.Tolerated, fmt.Sprintf("the limit, %d, is built in and not given at start", own)
	}
	return Result{Check: c, Result: r, Elapsed: time.Since(begun)}
}

// givenLimit is the requirement that a limit is told at the start; a built-in one is a
// tolerated form of it.
const givenLimit = "LIM-1"

// builtIn is the limit that the program has of its own; 0 if it is told one, or has none.
func (s *suite) builtIn() int {
	if l, ok := s.env.Host.(*launcher); ok && !l.recipe.TakesLimit() {
		return l.recipe.Limit
	}
	return 0
}

// unfit says why a check has nothing to judge in this program or edition.
func (s *suite) unfit(c *Check) string {
	r, e := c.Requirement, s.cfg.Edition
	switch {
	case r.Phase == encryption && !s.cfg.Secure:
		return "only encrypted programs are judged by it, with --secure"
	case r.Has(spec.KeyLine) && !e.KeyLine:
		return "the list of edition " + e.Name + " has no key line"
	case r.Has(spec.Deposit) && !e.Deposit:
		return "a registration of edition " + e.Name + " has no deposit"
	case r.Has(spec.Bare) && e.RequestEnd != "":
		return "a request of edition " + e.Name + " has an ending"
	case r.Has(spec.Stream) && s.dialect.LineEnd.Name == "":
		return "the program takes no line end off a request, so one read is one request"
	case s.dialect.Served > 0 && c.clients > s.dialect.Served:
		return fmt.Sprintf("the program serves %d clients at a time, and this takes %d", s.dialect.Served, c.clients)
	}
	return ""
}

// report fills in what there is to say of the run as a whole.
func (s *suite) report(results []Result, complete bool) Run {
	run := Run{
		Program: s.cfg.Recipe.Path, SHA256: s.sha256, Recipe: s.cfg.Recipe.String(), Dialect: s.dialect.String(),
		Edition: s.cfg.Edition.Name, Seed: s.cfg.Seed, Scale: s.cfg.Scale, Started: s.started,
		Elapsed: time.Since(s.started), Incomplete: !complete, Notes: s.notes, Results: results,
	}
	if s.client != nil {
		run.Recipe, run.Dialect = s.client.recipe(), s.client.String()
	}
	if s.cfg.Connect != "" {
		run.Program, run.Recipe = s.cfg.Connect, "already running"
	}
	return run
}
