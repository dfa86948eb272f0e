package target_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paycheck/conformance/target"
)

// What is written down is read back the same.
func TestRecipeText(t *testing.T) {
	for _, r := range []target.Recipe{
		{},
		{Args: []string{"{port}", "{limit}"}},
		{Args: []string{"{port}", `a "b" \c`, "\t\x01é"}, Wrap: []string{"valgrind", "-q"}, Files: []string{"."}},
		{Stdin: []string{"y", "{port}", ""}, StdinClosed: true, Env: []string{"A=", "MAX CLIENTS={limit}"}},
		{Port: 8888, Limit: 3, Stdin: []string{"y"}, Files: []string{"certs", "../ca.pem"}},
	} {
		path := filepath.Join(t.TempDir(), target.RecipeFile)
		if err := os.WriteFile(path, []byte(r.Text()), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := target.ReadRecipe(path)
		if err != nil {
			t.Errorf("%v: %v\n%s", r, err, r.Text())
			continue
		}
		if got.Text() != r.Text() || got.String() != r.String() {
			t.Errorf("%v came back as %v", r, got)
		}
	}
}

// What is wrong in a file is named with its line.
func TestReadRecipeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"# \nargz = [\"{port}\"]\n":                 ":2: there is no key \"argz\"; there are args, stdin,",
		"args = [\"{port}\"]\n[server]\nport = 1\n": ":2: there is no key \"server",
		"args = \"{port}\"\n":                       ":1:",
		"port = \"8888\"\n":                         ":1:",
		"args = [\"{port}\"\n":                      ":",
		"args = [\"8888\"]\n":                       "have no {port}",
		"stdin = [\"8888\"]\n":                      "have a {port}",
		"stdin = [\"{port}\\n2\"]\n":                "more than one line",
		"env = { \"\" = \"1\" }\n":                  "NAME=value",
		"port = 70000\n":                            "no port",
		"limit = -1\n":                              "no limit",
	} {
		path := filepath.Join(t.TempDir(), target.RecipeFile)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := target.ReadRecipe(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path+":") {
			t.Errorf("%q: %v, and not %q", text, err, want)
		}
	}
}

func TestRecipeString(t *testing.T) {
	for _, test := range []struct {
		recipe target.Recipe
		want   string
	}{
		{target.Recipe{Path: "./server"}, "./server"},
		{target.Recipe{Path: "./server", Args: []string{"{port}", "{limit}"}, Wrap: []string{"valgrind", "-q"}}, "valgrind -q ./server {port} {limit}"},
		{target.Recipe{Path: "./server", Env: []string{"PORT={port}"}, Files: []string{"."}}, "PORT={port} ./server; in a copy of its directory"},
		{
			target.Recipe{Path: "./server", Stdin: []string{"y", ""}, Port: 8888, StdinClosed: true, Files: []string{"a", "b"}},
			`./server; typed: "y", ""; input closed; always on port 8888; beside copies of a, b`,
		},
	} {
		if got := test.recipe.String(); got != test.want {
			t.Errorf("%s, not %s", got, test.want)
		}
	}
}

// tree makes files, each with its name as its text.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// found lists the files below a directory.
func found(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			names = append(names, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A process gets its own copies of what it needs, and may write to them.
func TestFurnish(t *testing.T) {
	base := tree(t, "app/server", "app/server.db", "app/certs/a.pem", "app/.git/config", "app/.conf", "other/x/y", "other/z")
	if err := os.Symlink("server.db", filepath.Join(base, "app/link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(base, "app/broken")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		files, want []string
	}{
		{nil, nil},
		{[]string{}, nil},
		{[]string{"."}, []string{".conf", "certs/a.pem", "link", "server.db"}},
		{[]string{"certs", "server.db"}, []string{"certs/a.pem", "server.db"}},
		{[]string{"certs/a.pem"}, []string{"certs/a.pem"}},
		{[]string{"../other"}, []string{"other/x/y", "other/z"}},
		{[]string{filepath.Join(base, "other/x")}, []string{"x/y"}},
		{[]string{"../other/z"}, []string{"z"}},
	} {
		r := target.Recipe{Path: filepath.Join(base, "app/server"), Files: test.files}
		dir := t.TempDir()
		if err := errorsOf(r.Present(), r.Furnish(dir)); err != nil {
			t.Errorf("%q: %v", test.files, err)
		}
		got := found(t, dir)
		if !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, not %q", test.files, got, test.want)
		}
		for _, name := range got {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("changed"), 0o600); err != nil {
				t.Errorf("%s can't be written: %v", name, err)
			}
		}
	}
	for _, name := range []string{"app/server.db", "app/certs/a.pem", "other/x/y"} {
		if text, err := os.ReadFile(filepath.Join(base, name)); err != nil || string(text) != name {
			t.Errorf("the original %s has changed: %q, %v", name, text, err)
		}
	}
	if err := (target.Recipe{Path: filepath.Join(base, "app/server"), Files: []string{"none"}}).Present(); err == nil {
		t.Error("a file that is not there is no error")
	}
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// What lies beside a program is copied unasked if it is little.
func TestBeside(t *testing.T) {
	alone := tree(t, "server", ".git/config", target.RecipeFile)
	some := tree(t, "server", "server.db")
	many := tree(t, "server")
	for i := range 101 {
		if err := os.WriteFile(filepath.Join(many, strings.Repeat("x", i+1)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	large := tree(t, "server", "film")
	if err := os.Chmod(filepath.Join(large, "film"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(large, "film"), 5<<20); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		dir    string
		want   []string
		little bool
	}{{alone, []string{}, true}, {some, []string{"."}, true}, {many, []string{}, false}, {large, []string{}, false}} {
		got, little := target.Beside(filepath.Join(test.dir, "server"))
		if got == nil || !slices.Equal(got, test.want) || little != test.little {
			t.Errorf("%q %v, not %q %v", got, little, test.want, test.little)
		}
	}
}
