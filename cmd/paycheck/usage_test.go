package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"paycheck/conformance"
)

// Wrong usage is exit code 2, one line on standard error that says what to do, and
// nothing on standard output.
func TestWrongUsage(t *testing.T) {
	dir := t.TempDir()
	good, plain := filepath.Join(dir, "good"), filepath.Join(dir, "plain")
	for path, mode := range map[string]os.FileMode{good: 0o755, plain: 0o644} {
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	none := filepath.Join(dir, "none")
	for _, c := range []struct {
		args []string
		want string // part of the line
	}{
		{[]string{"spce"}, `unknown command "spce", perhaps spec; see paycheck --help`},
		{[]string{"--foo"}, "unknown flag: --foo; see paycheck --help"},

		{[]string{"server"}, "which program? give its path; see paycheck server --help"},
		{[]string{"server", good, "--foo"}, "unknown flag: --foo; see paycheck server --help"},
		{[]string{"server", none}, "no such file: " + none},
		{[]string{"server", plain}, plain + " is not executable; try chmod +x"},
		{[]string{"server", dir}, dir + " is a directory, not a program"},
		{[]string{"server", good, plain}, "one program at a time"},
		{[]string{"server", good, "--only", "REG-99"}, `"REG-99"`},
		{[]string{"server", "--list", "--only", "REG-99"}, `"REG-99"`},
		{[]string{"server", good, "--only", "REG-3"}, `"REG-3"`}, // it has no check
		{[]string{"server", good, "--gate", "all"}, `no gate "all"; there are basic, must, strict`},
		{[]string{"server", good, "--edition", "1999"}, `no edition "1999"; there are 2021, 2020`},
		{[]string{"server", good, "--timeout-scale", "0"}, "--timeout-scale 0: a number from 1"},
		{[]string{"server", good, "--timeout-scale", "NaN"}, "--timeout-scale NaN"},
		{[]string{"server", good, "--limit=-1"}, "--limit -1"},
		{[]string{"server", good, "--seed", "x"}, "--seed"},
		{[]string{"server", good, "--color", "blue"}, "there are auto, always, never"},
		{[]string{"server", good, "--args", "8888"}, "no {port}"},
		{[]string{"server", good, "--args", "{port} 'open"}, "left open"},
		{[]string{"server", good, "--args", "{port} | tee log"}, "put quotes around"},
		{[]string{"server", good, "--stdin", "8888"}, "have a {port}"},
		{[]string{"server", good, "--env", "A"}, `"A" is not NAME=value`},
		{[]string{"server", good, "--port", "70000"}, "70000 is no port"},
		{[]string{"server", good, "--recipe", none}, none + ": no such file"},
		{[]string{"server", good, "--dialect", "CR"}, `no request ending "CR"; there are NUL, CRLF, LF, nothing, NUL1024`},
		{[]string{"server", good, "--wrap", "no-such-command-here"}, "no-such-command-here"},
		{[]string{"server", "--connect", "127.0.0.1"}, "give it as HOST:PORT"},
		{[]string{"server", "--connect", ":8888"}, "give it as HOST:PORT"},
		{[]string{"server", "--connect", "127.0.0.1:99999"}, "the port from 1 to 65535"},
		{[]string{"server", good, "--connect", "127.0.0.1:8888"}, "no path, such as"},
		{[]string{"server", "--connect", "127.0.0.1:8888", "--stdin", "y"}, "no use for --stdin"},
		{[]string{"server", good, "--json", none + "/r.json"}, "--json: open " + none + "/r.json"},
		{[]string{"server", good, "--junit", none + "/r.xml"}, "--junit: open " + none + "/r.xml"},
		{[]string{"server", good, "--json", "r", "--junit", "r"}, "one file, r"},

		{[]string{"spec", "REG-22"}, `no requirement "REG-22"; the nearest are REG-2, REG-1, REG-3; see paycheck spec`},
		{[]string{"spec", "REG-1", "REG-2"}, "one ID at a time"},
		{[]string{"spec", "--text", "--coverage"}, "ask for one"},
		{[]string{"spec", "--color", "blue"}, "there are auto, always, never"},
		{[]string{"explain"}, "which requirement? give its ID"},
		{[]string{"explain", "reg1"}, `no requirement "reg1"; the nearest are REG-1, REG-2, REG-3; see paycheck spec`},
	} {
		var out, errs bytes.Buffer
		code := madeUp(&out, &errs).run(context.Background(), c.args)
		line := errs.String()
		switch {
		case code != conformance.ExitUsage:
			t.Errorf("%q: exit code %d, want 2", c.args, code)
		case out.Len() > 0:
			t.Errorf("%q: standard output has %q", c.args, out.String())
		case !strings.HasPrefix(line, "paycheck: ") || strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n"):
			t.Errorf("%q: %q is not one line of paycheck", c.args, line)
		case !strings.Contains(line, c.want):
			t.Errorf("%q: %q does not say %q", c.args, line, c.want)
		}
	}
}
