package driver_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"paycheck/conformance/driver"
	"paycheck/conformance/target"
)

// What is saved is what is loaded, beside the recipe in the same file.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), target.RecipeFile)
	for _, d := range driver.Builtin() {
		d.Env = []string{"A=it's {port}"}
		d.Begin = []driver.Step{{Wait: `port\? "x"$`, Type: "{lport}"}, {Wait: "Press Enter", Optional: true}}
		recipe := target.Recipe{Files: []string{"."}, Wrap: []string{"nice"}}
		if err := driver.Save(path, recipe, d); err != nil {
			t.Fatal(err)
		}
		got, err := driver.Load(path)
		if err != nil || !reflect.DeepEqual(got, d) {
			t.Errorf("loaded %+v, not %+v (%v)", got, d, err)
		}
		if r, err := target.ReadRecipe(path); err != nil || !reflect.DeepEqual(r.Files, recipe.Files) || !reflect.DeepEqual(r.Wrap, recipe.Wrap) {
			t.Errorf("the recipe is %+v (%v)", r, err)
		}
	}
}

// What is wrong is said with its line.
func TestLoadRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"[driver]\nregster = []\n", `:2: there is no key "driver.regster"`},
		{"[driver]\nlist = [{ wait = \"x\", tpye = \"3\" }]\n", ":2: there is no key"},
		{"[driver]\nlist = [{ wait = \"(\", type = \"3\" }]\n", "list, step 1: error parsing regexp"},
		{"[driver]\nlist = [{ type = \"{nick}\" }]\n", "the hole {nick}"},
		{"[driver]\nlist = [{ type = \"3\", optional = true }]\n", "optional and waits for nothing"},
		{"[driver]\nargs = 3\n", ":2: "},
		{"[driver\n", ":1: "},
		{"[driver]\nfatal = [\"die\"]\n", `no operation "die"`},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), "d.toml")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := driver.Load(path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: the error is %v, not %q", test.text, err, test.want)
		}
	}
	path := filepath.Join(t.TempDir(), "d.toml")
	if err := os.WriteFile(path, []byte("args = [\"{port}\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := driver.Load(path); !errors.Is(err, driver.ErrNone) {
		t.Errorf("without a driver the error is %v", err)
	}
}
