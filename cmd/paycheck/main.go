// Command paycheck judges programs that speak the micropayment protocol, and
// explains the protocol's requirements.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(interruptible(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// interruptible gives a context that the first Ctrl-C ends, so that what was judged
// is still reported. The second ends the program at once.
func interruptible() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// run carries out one command line and gives the exit code.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	return newApp(stdout, stderr).run(ctx, args)
}
