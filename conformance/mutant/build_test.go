package mutant

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// root is the directory of the module, seen from this package.
const root = "../.."

// goBuild builds one command of the module. -s and -w leave out what only a
// debugger needs, which is half of the linking.
func goBuild(ctx context.Context, out, pkg string, env []string, flags ...string) error {
	args := append([]string{"build", "-buildvcs=false", "-ldflags=-s -w", "-o", out}, flags...)
	c := exec.CommandContext(ctx, "go", append(args, pkg)...)
	c.Dir = root
	c.Env = append(os.Environ(), env...)
	return output(c)
}

// output runs a command and puts what it printed into the error.
func output(c *exec.Cmd) error {
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, out)
	}
	return nil
}

// The tools are built once for all trials.
type tools struct {
	paycheck  string
	program   string            // server or client
	reference [sha256.Size]byte // what that of the reference is without a change
}

// The programs of the reference, and what paycheck calls them.
const (
	server = "server"
	client = "client"
)

func buildTools(ctx context.Context, dir string) (tools, error) { return toolsFor(ctx, dir, server) }

// toolsFor builds what judges changes of one of the programs.
func toolsFor(ctx context.Context, dir, program string) (tools, error) {
	t := tools{paycheck: filepath.Join(dir, "paycheck"), program: program}
	if err := goBuild(ctx, t.paycheck, "./cmd/paycheck", []string{"CGO_ENABLED=0"}); err != nil {
		return t, err
	}
	reference := filepath.Join(dir, program)
	if err := goBuild(ctx, reference, "./cmd/"+program, nil); err != nil {
		return t, err
	}
	var err error
	t.reference, err = sum(reference)
	return t, err
}

func sum(path string) ([sha256.Size]byte, error) {
	data, err := os.ReadFile(path)
	return sha256.Sum256(data), err
}

// build makes the reference's program with the edits of an entry. That an overlay
// fits no file is no error of go build, so the result is held against the program
// without edits.
func (t tools) build(ctx context.Context, e entry, dir string) (string, error) {
	changed, err := e.apply(root)
	if err != nil {
		return "", err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range changed {
		from, err := filepath.Abs(filepath.Join(root, file))
		if err != nil {
			return "", err
		}
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "-"))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return "", err
		}
		overlay.Replace[from] = to
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, data, 0o600); err != nil {
		return "", err
	}
	program := filepath.Join(dir, e.name)
	if err := goBuild(ctx, program, "./cmd/"+t.program, nil, "-overlay", list); err != nil {
		return "", err
	}
	if s, err := sum(program); err != nil {
		return "", err
	} else if s == t.reference {
		return "", fmt.Errorf("[%s] the edits change nothing in the program", e.name)
	}
	return program, nil
}

// errAbsent says that this machine has no compiler or library for a program.
var errAbsent = errors.New("can't be built here")

// compile builds a program in C or C++ from its one source file.
func compile(ctx context.Context, source, dir string) (string, error) {
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	compiler := []string{"cc", "-O1", "-pthread"}
	if filepath.Ext(source) == ".cpp" {
		compiler = []string{"c++", "-std=c++17", "-O1", "-pthread"}
	}
	if _, err := exec.LookPath(compiler[0]); err != nil {
		return "", fmt.Errorf("%w: there is no %s", errAbsent, compiler[0])
	}
	program := filepath.Join(dir, strings.TrimSuffix(filepath.Base(source), filepath.Ext(source)))
	args := append(compiler[1:], "-o", program, source)
	if strings.Contains(string(text), "<sqlite3.h>") {
		if err := hasSQLite(ctx, dir); err != nil {
			return "", err
		}
		args = append(args, "-lsqlite3")
	}
	return program, output(exec.CommandContext(ctx, compiler[0], args...))
}

// hasSQLite tries whether SQLite's header and library are there.
func hasSQLite(ctx context.Context, dir string) error {
	source := filepath.Join(dir, "try.c")
	const text = "#include <sqlite3.h>\nint main(void) { return sqlite3_libversion_number() == 0; }\n"
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		return err
	}
	if output(exec.CommandContext(ctx, "cc", "-o", source+".out", source, "-lsqlite3")) != nil {
		return fmt.Errorf("%w: there is no SQLite library for C", errAbsent)
	}
	return nil
}
