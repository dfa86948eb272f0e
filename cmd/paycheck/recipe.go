package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"paycheck/conformance/target"
)

// recipeFlags are the flags that say how the program is started, where they are not
// bound to the recipe itself.
type recipeFlags struct {
	args, wrap string
	files      []string
	from       string // a file to read
	save       bool
}

// nothing is the word for what is not wanted.
const nothing = "none"

func (o *serverFlags) bindRecipe(f *pflag.FlagSet) {
	r := &o.config.Recipe
	f.StringVar(&o.recipe.args, "args", "", "the program's `ARGUMENTS`, quoted as for a shell,\nsuch as '{port} {limit}'; without these, --stdin\nand --port the common ways are tried")
	f.StringArrayVar(&r.Stdin, "stdin", nil, "type `LINE` when the program waits for input,\nsuch as '{port}' or y; given again for the next")
	f.BoolVar(&r.StdinClosed, "stdin-closed", false, "end the program's input after that")
	f.IntVar(&r.Port, "port", 0, "`N` is the port that is built in: one process\nruns at a time")
	f.IntVar(&r.Limit, "limit", 0, "`N` clients are the limit that is built in;\nwithout it the limit is measured")
	f.StringArrayVar(&r.Env, "env", nil, "set a variable; {port} is filled in as above;\n`NAME=VALUE`, can be given again")
	f.StringSliceVar(&o.recipe.files, "files", nil, "copy `FILES`, seen from the program, into the\ndirectory of each process; . for all beside it\n(what is done if that is little), none for none")
	f.StringVar(&o.recipe.wrap, "wrap", "", "put `COMMAND` in front, such as 'valgrind -q'")
	f.StringVar(&o.recipe.from, "recipe", "", "read how the program is started from `FILE`, or\nfrom "+target.RecipeFile+" if that lies beside the\nprogram; none for neither")
	f.BoolVar(&o.recipe.save, "save-recipe", false, "write what was found out of that to\n"+target.RecipeFile+" beside the program")
}

// readRecipe completes the recipe of the program at path: by the flags, then by the
// file.
func (o *serverFlags) readRecipe(path string) (err error) {
	r := &o.config.Recipe
	r.Path = path
	if r.Args, err = words("args", o.recipe.args); err != nil {
		return err
	}
	if r.Wrap, err = words("wrap", o.recipe.wrap); err != nil {
		return err
	}
	if o.given("files") {
		r.Files = []string{}
		if len(o.recipe.files) != 1 || o.recipe.files[0] != nothing {
			r.Files = o.recipe.files
		}
	}
	file := o.recipe.from
	if file == "" {
		file = filepath.Join(filepath.Dir(path), target.RecipeFile)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			file = nothing
		}
	}
	if file != nothing {
		from, err := target.ReadRecipe(file)
		if err != nil {
			return err
		}
		o.complete(from)
	}
	if err := r.Validate(); err != nil {
		return err
	}
	return o.readSave(path)
}

// complete takes from a file what no flag says.
func (o *serverFlags) complete(from target.Recipe) {
	r := &o.config.Recipe
	for flag, take := range map[string]func(){
		"args":         func() { r.Args = from.Args },
		"wrap":         func() { r.Wrap = from.Wrap },
		"stdin":        func() { r.Stdin = from.Stdin },
		"stdin-closed": func() { r.StdinClosed = from.StdinClosed },
		"env":          func() { r.Env = from.Env },
		"files":        func() { r.Files = from.Files },
		"port":         func() { r.Port = from.Port },
		"limit":        func() { r.Limit = from.Limit },
	} {
		if !o.given(flag) {
			take()
		}
	}
}

// readSave prepares to write the recipe down beside the program, and never over one
// that is there: it may hold what a person has written.
func (o *serverFlags) readSave(path string) error {
	if !o.recipe.save {
		return nil
	}
	file := filepath.Join(filepath.Dir(path), target.RecipeFile)
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("--save-recipe: %s is there already; remove it first", file)
	}
	o.config.Found = func(r target.Recipe) error {
		out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("%w--save-recipe: %w", usage{}, err)
		}
		_, err = out.WriteString(r.Text())
		return errors.Join(err, out.Close())
	}
	return nil
}

// given reports whether a flag is on the command line.
func (o *serverFlags) given(name string) bool { return o.set != nil && o.set.Changed(name) }
