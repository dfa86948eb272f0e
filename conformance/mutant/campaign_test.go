package mutant

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var campaign = flag.Duration("campaign", 0, "fuzz the reference for `TIME`, then each odd mutant for as long at most, and write the table")

// table is where the campaign writes what it has found, between its two marks.
const (
	table = root + "/fuzz/README.md"
	begin = "<!-- campaign -->\n"
	end   = "<!-- end of campaign -->\n"
)

// TestCampaign fuzzes the reference, in which there is nothing to find, and each
// mutant of odd.txt until something is found. It takes many minutes.
func TestCampaign(t *testing.T) {
	if *campaign == 0 {
		t.Skip("only with -campaign TIME")
	}
	tools, err := buildTools(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := readEntries(odd+".txt", keys[odd]...)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	server := filepath.Join(filepath.Dir(tools.paycheck), "server")
	s, err := tools.fuzz(t.Context(), t.TempDir(), server)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Findings {
		t.Errorf("the reference: %s %s", f.Requirement, f.Why)
	}
	rows = append(rows, fmt.Sprintf("| the reference | - | nothing in %.0f s, %d conversations | | | |\n", s.Elapsed.Seconds(), s.Conversations))
	for _, e := range entries {
		dir := t.TempDir()
		program, err := tools.build(t.Context(), e, dir)
		if err != nil {
			t.Fatal(err)
		}
		if s, err = tools.fuzz(t.Context(), dir, program, "--first"); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, s.row(e))
		t.Log(rows[len(rows)-1])
	}
	if err := rewrite(table, strings.Join(rows, "")); err != nil {
		t.Error(err)
	}
}

// A summary is what paycheck fuzz writes as JSON, as far as the table needs it.
type summary struct {
	Elapsed       time.Duration
	Conversations int
	Findings      []struct {
		Requirement, Why     string
		First                time.Duration
		Steps, Failed, Tried int
	}
}

// row is what became of one mutant.
func (s summary) row(e entry) string {
	breaks := e.value("breaks")
	if len(s.Findings) == 0 {
		return fmt.Sprintf("| %s | %s | not in %.0f s | | | %d |\n", e.name, breaks, s.Elapsed.Seconds(), s.Conversations)
	}
	f := s.Findings[0]
	return fmt.Sprintf("| %s | %s | %.1f s | %s | %d | %d of %d |\n", e.name, breaks, f.First.Seconds(), f.Requirement, f.Steps, f.Failed, f.Tried)
}

// fuzz runs paycheck fuzz, always with the same seed.
func (t tools) fuzz(ctx context.Context, dir, program string, args ...string) (s summary, err error) {
	file := filepath.Join(dir, "fuzz.json")
	c := exec.CommandContext(ctx, t.paycheck, slices.Concat([]string{
		"fuzz", "server", program, "--for", campaign.String(), "--seed", "1", "--into", dir, "--json", file,
	}, args)...)
	out, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return s, fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// rewrite puts text between the marks of a file.
func rewrite(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s: the marks of the campaign are not there", path)
	}
	head := "| program | breaks | found after | as | steps | fails |\n|---|---|---|---|---|---|\n"
	return os.WriteFile(path, []byte(before+begin+head+text+end+after), 0o644)
}
