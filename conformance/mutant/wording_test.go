package mutant

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"paycheck/conformance"
)

var update = flag.Bool("update", false, "write what a student reads into wording/")

// mistakes are the twelve that are commonest, each with a program that makes it and a
// check that sees it. Where a ? follows, the conversation differs from run to run.
var mistakes = []struct{ name, kind, program, check string }{
	{"recv-is-no-message", mutants, "one-line-a-read", "FRM-4"},
	{"lf-for-crlf", mutants, "lf-for-crlf", "FRM-5/1"},
	{"sizeof-for-strlen", programs, "padded_32", "FRM-6/1"},
	{"buffer-not-cleared", programs, "pool_fixed3", "FRM-2"},
	{"sigpipe", programs, "sigpipe", "VAN-3?"},
	{"so-reuseaddr", programs, "no_reuse", "OPS-4/1"},
	{"place-not-released", programs, "hung_limit", "VAN-5"},
	{"user-not-logged-out", programs, "ghosts", "VAN-4/1"},
	{"balance-without-lock", programs, "lost_update", "CON-4?"},
	{"glued", programs, "glued_notice", "FRM-6/1"},
	{"list-without-self", programs, "no_self", "LST-6/1"},
	{"wrong-port", programs, "peer_port", "LST-7/1"},
}

// What a student reads for each of them is what a person has read and found good: the
// sentence, the bytes, the likely cause, and how to see it by hand.
func TestWording(t *testing.T) {
	all, err := trials()
	if err != nil {
		t.Fatal(err)
	}
	tools, err := buildTools(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for _, trial := range all {
				if trial.kind != m.kind || trial.name != m.program {
					continue
				}
				dir := t.TempDir()
				program, err := trial.made(t.Context(), tools, dir)
				if errors.Is(err, errAbsent) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				check, isRace := strings.CutSuffix(m.check, "?")
				text := masked(tools.read(t, dir, program, i*apart, check), dir)
				if isRace {
					text = conversation.ReplaceAllString(text, "\n      (a conversation)\n\n  likely")
				}
				same(t, m.name, text)
				return
			}
			t.Errorf("there is no %s", m.program)
		})
	}
}

// read runs one check and gives the report as it is read.
func (t tools) read(test *testing.T, dir, program string, seed int, check string) string {
	ctx, cancel := context.WithTimeout(test.Context(), judgeBound)
	defer cancel()
	args := []string{"server", filepath.Base(program), "--gate", "strict", "--lang", "en", "--only", check, "--seed", strconv.Itoa(seed)}
	c := exec.CommandContext(ctx, t.paycheck, args...)
	c.Dir = dir
	out, err := c.Output()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != conformance.ExitViolates {
		test.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// masks are what differs from run to run, and says nothing of the mistake.
var masks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?s)^.*?\n-{80}\n`), ""},                         // the head
	{regexp.MustCompile(`(?s)\n-{80}\n[^\n]*requirements? in .*$`), "\n"}, // the last lines
	{regexp.MustCompile(`\n  meanwhile .*(\n {13}.*)*`), "\n  meanwhile  (what the kernel shows)"},
	{regexp.MustCompile(`(#|@|port )\d{4,5}\b`), "${1}PORT"},
	{regexp.MustCompile(`\b[a-z]{3}(alice|bob|carol|dave)\b`), "xyz$1"},
}

// conversation is what lies between the title of a check and the likely cause.
var conversation = regexp.MustCompile(`(?s)\n  [A-Z]{3}-\d+/\d+ .*?\n  likely`)

func masked(text, dir string) string {
	text = strings.ReplaceAll(text, dir+"/", "")
	for _, m := range masks {
		text = m.what.ReplaceAllString(text, m.with)
	}
	return text
}

// same compares text with its file.
func same(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("wording", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s differs; read it, then go test -update\n%s", path, text)
	}
}
