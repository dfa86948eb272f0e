// Command client is the reference client, at a terminal or in a script.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"paycheck/reference/client"
	"paycheck/reference/secure"
	"paycheck/spec/edition"
)

// The exit statuses.
const (
	exitOK    = 0 // the user, or the end of input, ended it
	exitLost  = 1 // the server could not be reached, or was lost; or there is no key
	exitUsage = 2 // wrong usage
)

const usage = `Usage: client [--edition %s] [--secure] <server ip> <server port>

At a terminal it shows a menu. Otherwise it reads one command a line:

  register <name>            (edition 2020: register <name> <deposit>)
  login <name> <port>        port 0: a free one
  list
  pay <payee> <amount>
  wait <seconds>             at most so long, for a payment or notice that no
                             earlier wait has seen
  exit                       and so does the end of input

  --secure      speak TLS only, with the server and with other clients, and seal
                payments
  --cert FILE   the certificate (default client.crt), PEM
  --key FILE    its private key (default client.key), PEM, RSA of 2048 to 4096 bits
  --known FILE  the keys of the servers met before (default client.known)

With --secure, key and certificate are made where they are missing. A server whose
key has changed is refused.

Exit status: 0 normal end, 1 server not reached or lost, 2 wrong usage.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	config, files, err := parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(stdout, usage, strings.Join(edition.Names(), "|"))
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "client: %v (client --help tells more)\n", err)
		return exitUsage
	}
	if files != nil {
		if config.Identity, _, err = secure.Load(*files); err != nil {
			fmt.Fprintf(stderr, "client: %v\n", err)
			return exitLost
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once

	console, err := client.Connect(ctx, config, stdin, stdout, isTerminal(stdin))
	if err != nil {
		fmt.Fprintf(stderr, "client: %v\n", err)
		return exitLost
	}
	if err := console.Run(ctx); err != nil {
		return exitLost
	}
	return exitOK
}

// parse reads the command line. The files are those of the client's key; nil: in the
// clear.
func parse(args []string) (client.Config, *secure.Files, error) {
	flags := pflag.NewFlagSet("client", pflag.ContinueOnError)
	flags.SetOutput(io.Discard) // run says what is wrong
	flags.Usage = func() {}
	name := flags.String("edition", edition.Default().Name, "")
	encrypt := flags.Bool("secure", false, "")
	var files secure.Files
	flags.StringVar(&files.Cert, "cert", "client.crt", "")
	flags.StringVar(&files.Key, "key", "client.key", "")
	known := flags.String("known", "client.known", "")
	if err := flags.Parse(args); err != nil {
		return client.Config{}, nil, err
	}
	e, err := edition.Named(*name)
	if err != nil {
		return client.Config{}, nil, err
	}
	if flags.NArg() != 2 {
		return client.Config{}, nil, fmt.Errorf("want a server ip and a server port, got %d arguments", flags.NArg())
	}
	host, port := flags.Arg(0), flags.Arg(1)
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > edition.MaxPort {
		return client.Config{}, nil, fmt.Errorf("%q is no port, which is 1 to %d", port, edition.MaxPort)
	}
	config := client.Config{Address: net.JoinHostPort(host, port), Edition: e}
	if !*encrypt {
		for _, flag := range []string{"cert", "key", "known"} {
			if flags.Changed(flag) {
				return client.Config{}, nil, fmt.Errorf("--%s is for --secure", flag)
			}
		}
		return config, nil, nil
	}
	config.Known = secure.Known(*known)
	return config, &files, nil
}

// isTerminal says whether a person may be typing.
func isTerminal(in io.Reader) bool {
	file, ok := in.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
