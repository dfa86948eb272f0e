// Command server is the reference server of the micropayment system.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"paycheck/reference/ledger"
	"paycheck/reference/secure"
	"paycheck/reference/server"
)

// database is where the accounts are, in the working directory (the manual).
const database = "server.db"

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program: it serves until SIGINT or SIGTERM, and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	// A client that is gone, or an output that nobody reads any more, is an error
	// of one write and ends nothing.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it the hard way

	o, err := parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "server: %v (see server --help)\n", err)
		return exitUsage
	}
	if err := serve(ctx, o, stdout); err != nil {
		fmt.Fprintf(stderr, "server: %v\n", err)
		return exitFailed
	}
	return exitOK
}

// serve opens the database, listens once that is ready, and serves until ctx is done.
func serve(ctx context.Context, o options, stdout io.Writer) (err error) {
	var identity *secure.Identity
	made := false
	if o.secure {
		if identity, made, err = secure.Load(o.files); err != nil {
			return err
		}
	}
	accounts, err := ledger.Open(database)
	if err != nil {
		return err
	}
	keep := o.keep
	defer func() {
		end := accounts.Remove
		if keep {
			end = accounts.Close
		}
		err = errors.Join(err, end())
	}()
	// All addresses of the machine. Go sets SO_REUSEADDR, so a port that was just in
	// use can be used again.
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", o.port))
	if err != nil {
		keep = keep || accounts.Len() > 0 // nothing was served: what was there stays
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("port %d is already in use", o.port)
		}
		return fmt.Errorf("cannot listen on port %d: %w", o.port, err)
	}

	console := server.NewConsole(stdout, o.level)
	defer console.Close()
	limit := min(o.limit, server.MostClients())
	if o.limit > limit && o.limit != unlimited {
		console.Say(server.Events, "A limit of %d is more than this machine supports", o.limit)
	}
	console.Say(server.Events, "Limit: %d clients at a time", limit)
	console.Say(server.Events, "Database %s is ready", database)
	console.Say(server.Events, "Table client is ready: %d accounts", accounts.Len())
	if o.secure {
		how := map[bool]string{true: "made", false: "found"}[made]
		console.Say(server.Events, "Key %s: %s", how, o.files.Key)
		console.Say(server.Events, "Key fingerprint: %s", secure.Fingerprint(identity.Public()))
	}
	console.Say(server.Events, "Listening on port %d (edition %s)", listener.Addr().(*net.TCPAddr).Port, o.edition.Name)

	err = server.New(server.Config{
		Edition:  o.edition,
		Ledger:   accounts,
		Console:  console,
		Limit:    limit,
		Identity: identity,
	}).Serve(ctx, listener)
	console.Say(server.Events, "Ending: %s is %s", database, map[bool]string{true: "kept", false: "deleted"}[keep])
	return err
}
