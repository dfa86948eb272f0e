package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Guesser finds out how a program is started, by trying the common ways, each on a
// fresh process. Every position gets a number of its own, and the port that the
// program then listens on tells which position counts. A wrong form ends in a few
// milliseconds, or is seen to wait.
type Guesser struct {
	Kernel *Kernel
	Scale  float64
	Dir    func(Recipe) (string, error) // a fresh directory with the recipe's files
	Port   func() (int, error)          // a port that nobody listens on
}

// forms are the arguments that servers commonly take, the likeliest first. What a
// program says of its usage is tried before those that are left.
var forms = [][]string{
	{portHole, limitHole},
	{portHole},
	{portHole, "-a"},
	{"127.0.0.1", portHole},
	{},
	{limitHole, portHole},
	{"-p", portHole},
	{"--port", portHole},
}

// GuessLimit is the number in the position of the limit: a lawful one, and no port
// that a person would choose.
const GuessLimit = 16

// Find completes a recipe that is not Stated. The error is a [*GuessError] when the
// program came up in no form.
func (g *Guesser) Find(ctx context.Context, r Recipe) (Recipe, error) {
	failed := &GuessError{}
	left := slices.Clone(forms)
	for len(left) > 0 {
		form := left[0]
		left = left[1:]
		found, err := g.try(ctx, r, form)
		if err == nil {
			return found, nil
		}
		start := (*StartError)(nil)
		if !errors.As(err, &start) || start.Err != nil {
			return r, err
		}
		failed.add(form, start)
		if start.slow || start.missing() != "" {
			break // another form would do no better, and no sooner
		}
		for _, form := range slices.Backward(formsIn(start.Tail)) {
			if !failed.tried(form) {
				left = slices.Insert(left, 0, form)
			}
		}
		left = slices.DeleteFunc(left, failed.tried)
	}
	return r, failed
}

// try starts the program with one form, and gives the recipe that comes of it.
func (g *Guesser) try(ctx context.Context, r Recipe, form []string) (Recipe, error) {
	r.Args = form
	given, err := g.Port()
	if err != nil {
		return r, err
	}
	typed, err := g.Port()
	if err != nil {
		return r, err
	}
	t := &reader{port: typed}
	at, err := g.start(ctx, r, given, []int{given, typed}, t)
	if err != nil {
		return r, err
	}
	r.Stdin = t.said
	var better []Recipe // simpler ones that may do as well
	with := func(args ...string) Recipe { better := r; better.Args = args; return better }
	switch at {
	case given:
		return r, nil
	case typed:
		better = []Recipe{with()}
	case GuessLimit: // the second word is the port
		better = []Recipe{with("127.0.0.1", portHole), with(limitHole, portHole)}
	default: // the port is built in
		r.Port = at
		better = []Recipe{with(), with(limitHole)}
	}
	for _, b := range append(better, r) {
		if err = g.confirm(ctx, b); err == nil {
			return b, nil
		}
	}
	return r, err
}

// start runs the program and gives the port that it comes up on.
func (g *Guesser) start(ctx context.Context, r Recipe, port int, ports []int, t typist) (int, error) {
	dir, err := g.Dir(r)
	if err != nil {
		return 0, err
	}
	p, err := r.launch(g.Kernel, dir, port, GuessLimit)
	if err != nil {
		return 0, err
	}
	defer p.Stop()
	return p.comeUp(ctx, r, g.Scale, ports, t)
}

// confirm starts the program as a recipe says.
func (g *Guesser) confirm(ctx context.Context, r Recipe) error {
	port := r.Port
	if port == 0 {
		var err error
		if port, err = g.Port(); err != nil {
			return err
		}
	}
	at, err := g.start(ctx, r, port, []int{port}, &sheet{filled(r.Stdin, port, GuessLimit)})
	if err == nil && at != port {
		err = &StartError{Recipe: r, Why: fmt.Sprintf("it listens on port %d at one start and on %d at the next", port, at)}
	}
	return err
}

// WithoutLimit gives the recipe without the position of the limit, if the program shows
// no sign of reading it: it comes up without, it comes up with a word there that is no
// number, and its usage names none.
func (g *Guesser) WithoutLimit(ctx context.Context, r Recipe) (Recipe, bool) {
	less, wrong := r, r
	switch {
	case slices.Equal(r.Args, []string{portHole, limitHole}):
		less.Args, wrong.Args = []string{portHole}, []string{portHole, "x"}
	case slices.Equal(r.Args, []string{limitHole, portHole}):
		less.Args, wrong.Args = []string{"127.0.0.1", portHole}, []string{"x", portHole}
	default:
		return r, false // as the program's own usage or prompts have it
	}
	if g.confirm(ctx, less) != nil || g.confirm(ctx, wrong) != nil {
		return r, false
	}
	for _, args := range [][]string{nil, {"--help"}} {
		asked := r
		asked.Args = args
		if says, err := g.says(ctx, asked); err != nil || SaysLimit(strings.Split(says, "\n")) {
			return r, false
		}
	}
	return less, true
}

// says starts the program and gives all that it has printed by the time that it has
// ended, or serves, or waits.
func (g *Guesser) says(ctx context.Context, r Recipe) (string, error) {
	dir, err := g.Dir(r)
	if err != nil {
		return "", err
	}
	p, err := r.launch(g.Kernel, dir, 0, GuessLimit)
	if err != nil {
		return "", err
	}
	defer p.Stop()
	_, _ = p.comeUp(ctx, r, g.Scale, nil, &sheet{}) // whatever comes of it
	return p.out.since([2]int{}), ctx.Err()
}

// A GuessError says that a program came up in none of the common forms.
type GuessError struct {
	forms  [][]string
	errors []*StartError
}

func (e *GuessError) add(form []string, err *StartError) {
	e.forms, e.errors = append(e.forms, form), append(e.errors, err)
}

func (e *GuessError) tried(form []string) bool {
	return slices.ContainsFunc(e.forms, func(f []string) bool { return slices.Equal(f, form) })
}

// telling is the error that tells most: of a form in which the program asked for
// something, or listened; of the first, if it crashed there (later ones have too few
// words for some); of one in which it said more than what its usage is; of the first.
func (e *GuessError) telling() *StartError {
	for _, tells := range []func(*StartError) bool{
		(*StartError).Asks,
		func(s *StartError) bool { return s.listened || s.crashed && s == e.errors[0] },
		func(s *StartError) bool {
			return len(s.Tail) > 0 && !slices.ContainsFunc(s.Tail, usageLine.MatchString)
		},
	} {
		if i := slices.IndexFunc(e.errors, tells); i >= 0 {
			return e.errors[i]
		}
	}
	return e.errors[0]
}

// Error says what came of the form that tells most, and what the forms were.
func (e *GuessError) Error() string {
	shown := e.telling()
	if shown.missing() != "" {
		return shown.Error()
	}
	var tried []string
	for _, form := range e.forms {
		words := strings.NewReplacer(portHole, "PORT", limitHole, "LIMIT").Replace(strings.Join(form, " "))
		if len(form) == 0 {
			words = "nothing"
		}
		tried = append(tried, words)
	}
	hint := "if it takes others, say so with --args"
	if shown.Asks() {
		hint = "say with --stdin what it is to be told"
	}
	return fmt.Sprintf("%v; tried with the arguments %s; %s", shown, strings.Join(tried, ", "), hint)
}

// Unwrap gives the error that is shown.
func (e *GuessError) Unwrap() error { return e.telling() }
