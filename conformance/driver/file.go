package driver

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"paycheck/conformance/target"
)

// driverText is a driver as it is written down: the part [driver] of a recipe's file
// (see [target.RecipeFile]).
type driverText struct {
	Name     string            `toml:"name"`
	Args     *string           `toml:"args"`
	Env      map[string]string `toml:"env"`
	Start    []stepText        `toml:"start"`
	Register []stepText        `toml:"register"`
	Login    []stepText        `toml:"login"`
	List     []stepText        `toml:"list"`
	Pay      []stepText        `toml:"pay"`
	Exit     []stepText        `toml:"exit"`
	Fatal    []Op              `toml:"fatal"`
}

type stepText struct {
	Wait     string `toml:"wait"`
	Type     string `toml:"type"`
	Optional bool   `toml:"optional"`
}

const (
	table = "driver"
	keys  = "name, args, env, start, register, login, list, pay, exit, fatal; and of a step: wait, type, optional"
)

// ErrNone says that a file has no part [driver].
var ErrNone = errors.New("no part [driver]")

// usualArgs is how most clients are started.
const usualArgs = "{host} {port}"

// Load reads the driver in a recipe's file. The error names the file and the line, or is
// [ErrNone]; what else is in the file is [target.ReadRecipe]'s to judge.
func Load(path string) (Driver, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Driver{}, err
	}
	var file struct {
		Driver *driverText `toml:"driver"`
	}
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&file); err != nil {
		if err = located(err); err != nil {
			return Driver{}, fmt.Errorf("%s:%w", path, err)
		}
	}
	if file.Driver == nil {
		return Driver{}, fmt.Errorf("%s: %w", path, ErrNone)
	}
	d := file.Driver.driver()
	if err := d.Validate(); err != nil {
		return Driver{}, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// located puts the line before what is wrong; nil if that is not in the driver's part.
func located(err error) error {
	unknown := (*toml.StrictMissingError)(nil)
	wrong := (*toml.DecodeError)(nil)
	switch {
	case errors.As(err, &unknown):
		for _, e := range unknown.Errors {
			if key := e.Key(); len(key) > 1 && key[0] == table {
				line, _ := e.Position()
				return fmt.Errorf("%d: there is no key %q; there are %s", line, strings.Join(key, "."), keys)
			}
		}
		return nil
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		return fmt.Errorf("%d: %s", line, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return fmt.Errorf(" %w", err)
}

func (t driverText) driver() Driver {
	d := Driver{Name: t.Name, Args: usualArgs, Begin: steps(t.Start), Ops: map[Op][]Step{}, Fatal: t.Fatal}
	if t.Args != nil {
		d.Args = *t.Args
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		d.Env = append(d.Env, name+"="+t.Env[name])
	}
	for op, list := range map[Op][]stepText{Register: t.Register, Login: t.Login, List: t.List, Pay: t.Pay, Exit: t.Exit} {
		if len(list) > 0 {
			d.Ops[op] = steps(list)
		}
	}
	return d
}

func steps(list []stepText) (steps []Step) {
	for _, s := range list {
		steps = append(steps, Step(s))
	}
	return steps
}

// Text writes the driver down, as the part [driver] of a recipe's file.
func (d Driver) Text() string {
	var b strings.Builder
	b.WriteString(`# How paycheck operates this client: what is typed, each line when the client wants one
# and what it has printed since the last matches "wait". Holes: ` + holes(Values{}.pairs()) + `
[driver]
`)
	if d.Name != "" {
		fmt.Fprintf(&b, "name = %s\n", quoted(d.Name))
	}
	fmt.Fprintf(&b, "args = %s\n", quoted(d.Args))
	if len(d.Env) > 0 {
		parts := make([]string, len(d.Env))
		for i, v := range d.Env {
			name, value, _ := strings.Cut(v, "=")
			parts[i] = quoted(name) + " = " + quoted(value)
		}
		fmt.Fprintf(&b, "env = { %s }\n", strings.Join(parts, ", "))
	}
	writeSteps(&b, "start", d.Begin)
	for _, op := range Ops() {
		writeSteps(&b, string(op), d.Ops[op])
	}
	if len(d.Fatal) > 0 {
		names := make([]string, len(d.Fatal))
		for i, op := range d.Fatal {
			names[i] = quoted(string(op))
		}
		fmt.Fprintf(&b, "fatal = [%s]\n", strings.Join(names, ", "))
	}
	return b.String()
}

func writeSteps(b *strings.Builder, key string, list []Step) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "%s = [\n", key)
	for _, s := range list {
		b.WriteString("  { ")
		if s.Wait != "" {
			fmt.Fprintf(b, "wait = %s, ", quoted(s.Wait))
		}
		fmt.Fprintf(b, "type = %s", quoted(s.Type))
		if s.Optional {
			b.WriteString(", optional = true")
		}
		b.WriteString(" },\n")
	}
	b.WriteString("]\n")
}

// quoted writes a string of TOML: a literal one if it can be, since patterns are full of
// backslashes.
func quoted(text string) string {
	line, err := toml.Marshal(map[string]string{"t": text})
	if err != nil { // a string can always be written
		panic(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(string(line), "t = "))
}

// Save writes a recipe and the driver into one file.
func Save(path string, r target.Recipe, d Driver) error {
	if err := d.Validate(); err != nil {
		return fmt.Errorf("driver: %w", err)
	}
	r.Args = nil                                                     // they are the driver's
	return os.WriteFile(path, []byte(r.Text()+"\n"+d.Text()), 0o644) //nolint:gosec // to be read by anybody
}
