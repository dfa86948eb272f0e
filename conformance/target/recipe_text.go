package target

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// RecipeFile is what a recipe is called that lies beside its program.
const RecipeFile = "paycheck.toml"

// recipeText is a recipe as it is written down, in TOML.
type recipeText struct {
	Args        []string          `toml:"args"`
	Wrap        []string          `toml:"wrap"`
	Stdin       []string          `toml:"stdin"`
	StdinClosed bool              `toml:"stdin-closed"`
	Env         map[string]string `toml:"env"`
	Files       []string          `toml:"files"`
	Port        int               `toml:"port"`
	Limit       int               `toml:"limit"`
	Driver      any               `toml:"driver"` // how a client is operated: not for here
}

const recipeKeys = "args, stdin, stdin-closed, env, files, port, limit, wrap"

// takes says what value a key has.
var takes = map[string]string{
	"args": aList, "stdin": aList, "files": aList, "wrap": aList,
	"env": `pairs, such as { NAME = "value" }`, "port": aNumber, "limit": aNumber, "stdin-closed": "true or false",
}

const (
	aList   = `a list of strings, such as ["{port}", "{limit}"]`
	aNumber = "a number, without quotes"
)

// ReadRecipe reads a recipe from a file; its Path is left open. The error names the
// file and the line: a key that is not known is one.
func ReadRecipe(path string) (Recipe, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Recipe{}, err
	}
	var t recipeText
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&t); err != nil {
		return Recipe{}, fmt.Errorf("%s:%w", path, lineOf(err))
	}
	r := Recipe{
		Args: t.Args, Wrap: t.Wrap, Stdin: t.Stdin, StdinClosed: t.StdinClosed, Files: t.Files, Port: t.Port, Limit: t.Limit,
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		r.Env = append(r.Env, name+"="+t.Env[name])
	}
	if err := r.Validate(); err != nil {
		return Recipe{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// lineOf puts the line before what is wrong in it.
func lineOf(err error) error {
	unknown := (*toml.StrictMissingError)(nil)
	wrong := (*toml.DecodeError)(nil)
	switch {
	case errors.As(err, &unknown):
		first := unknown.Errors[0]
		line, _ := first.Position()
		return fmt.Errorf("%d: there is no key %q; there are %s", line, strings.Join(first.Key(), "."), recipeKeys)
	case errors.As(err, &wrong):
		line, _ := wrong.Position()
		if key := wrong.Key(); len(key) > 0 && takes[key[0]] != "" && strings.Contains(wrong.Error(), "cannot decode") {
			return fmt.Errorf("%d: %s takes %s", line, key[0], takes[key[0]])
		}
		return fmt.Errorf("%d: %s", line, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return err
}

// Text writes the recipe down, with what each key means.
func (r Recipe) Text() string {
	var b strings.Builder
	b.WriteString(`# How paycheck starts this program. The file is read when it lies beside the program,
# or with --recipe; what a flag says goes before it. {port} and {limit} are filled in.
`)
	key := func(comment, name, value string) {
		fmt.Fprintf(&b, "\n# %s\n%s = %s\n", comment, name, value)
	}
	if len(r.Args) > 0 {
		key("The arguments.", "args", quotedList(r.Args))
	}
	if len(r.Stdin) > 0 {
		key("Lines that are typed, each when the program waits for input.", "stdin", quotedList(r.Stdin))
	}
	if r.StdinClosed {
		key("After that, its input ends.", "stdin-closed", "true")
	}
	if len(r.Env) > 0 {
		parts := make([]string, len(r.Env))
		for i, v := range r.Env {
			name, value, _ := strings.Cut(v, "=")
			parts[i] = quotedText(name) + " = " + quotedText(value)
		}
		key("Variables of its environment.", "env", "{ "+strings.Join(parts, ", ")+" }")
	}
	if len(r.Files) > 0 {
		key(`What is copied, for each process afresh, into the directory that it starts in; "." is
# all that lies beside the program.`, "files", quotedList(r.Files))
	}
	if r.Port != 0 {
		key("The port that is built in. Only one process can run at a time.", "port", strconv.Itoa(r.Port))
	}
	if r.Limit != 0 {
		key("How many clients it serves at a time, without being told.", "limit", strconv.Itoa(r.Limit))
	}
	if len(r.Wrap) > 0 {
		key("A command in front.", "wrap", quotedList(r.Wrap))
	}
	return b.String()
}

func quotedList(texts []string) string {
	parts := make([]string, len(texts))
	for i, t := range texts {
		parts[i] = quotedText(t)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// quotedText writes a basic string of TOML.
func quotedText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteRune('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
