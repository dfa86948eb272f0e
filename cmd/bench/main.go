// Command bench measures the reference server, each figure beside its baseline in
// the same run, and prints one small table. It runs in the module's directory.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
)

// runs is how often each figure is measured; the table has the medians.
const runs = 5

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a ratio is below what is wanted, or nothing was measured
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run measures. The lines of go test go to stderr as they come, the table to stdout.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprintf(stderr, "bench: %q: no arguments are taken\n", args[0])
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	var output bytes.Buffer
	for _, b := range benchmarks {
		test := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", b.pattern, "-count", strconv.Itoa(runs), b.pkg)
		test.Stdout, test.Stderr = io.MultiWriter(&output, stderr), stderr
		test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
		if err := test.Run(); err != nil {
			fmt.Fprintf(stderr, "bench: go test %s: %v\n", b.pkg, err)
			return exitFailed
		}
	}
	rows, err := measured(output.String())
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return exitFailed
	}
	fmt.Fprint(stdout, table(rows))
	for _, r := range rows {
		if r.ratio < r.wanted {
			return exitFailed
		}
	}
	return exitOK
}
