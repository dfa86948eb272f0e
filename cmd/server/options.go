package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"paycheck/reference/secure"
	"paycheck/reference/server"
	"paycheck/spec/edition"
)

const usage = `usage: server [flags] <port> [limit]

Serves the Person2Person micropayment protocol on all addresses of this machine.

  port     the TCP port, 1 to 65535; 0 chooses a free one and prints it
  limit    how many clients are served at a time; more wait until others leave
           (default, and the most: what the limit of open files allows)

  -a, --all            print every message and connection too (the default)
  -s, --lists          print registrations, logins and exits, and the list at
                       each login and exit
  -d, --events         print registrations, logins and exits only
      --edition YEAR   the course year whose protocol is spoken: 2021 or 2020
                       (default 2021)
      --keep-db        keep server.db at the end; the accounts are there again
                       at the next start
      --secure         speak TLS only, and take sealed payments
      --cert FILE      the certificate (default server.crt), PEM
      --key FILE       its private key (default server.key), PEM, RSA of 2048
                       to 4096 bits
  -h, --help           print this

With --secure, key and certificate are made where they are missing; the key's
fingerprint is printed, for clients to compare.
Accounts are in server.db in the working directory, an SQLite database that can be
read meanwhile:  sqlite3 server.db 'SELECT * FROM client'
Ctrl-C or SIGTERM ends the server and deletes server.db.

  server 8888               serve on port 8888
  server 8888 2             two clients at a time
  server 8888 -d --keep-db  print little, keep the accounts
  server 0 --edition 2020   a free port, and the protocol of 2020
  server 8888 3 --secure    three clients at a time, all encrypted

The exit code is 0 after Ctrl-C or SIGTERM, 2 for wrong usage, 1 if it cannot serve.
`

// unlimited is the limit of who gives none: the most that there can be.
const unlimited = math.MaxInt

type options struct {
	port    int
	limit   int // unlimited: none was given
	level   server.Level
	edition edition.Edition
	keep    bool
	secure  bool
	files   secure.Files
}

// parse reads the command line. The error is pflag.ErrHelp if it asks for help.
func parse(args []string) (options, error) {
	o := options{limit: unlimited}
	flags := pflag.NewFlagSet("server", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	all := flags.BoolP("all", "a", false, "")
	lists := flags.BoolP("lists", "s", false, "")
	events := flags.BoolP("events", "d", false, "")
	year := flags.String("edition", edition.Default().Name, "")
	flags.BoolVar(&o.keep, "keep-db", false, "")
	flags.BoolVar(&o.secure, "secure", false, "")
	flags.StringVar(&o.files.Cert, "cert", "server.crt", "")
	flags.StringVar(&o.files.Key, "key", "server.key", "")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if !o.secure && (flags.Changed("cert") || flags.Changed("key")) {
		return o, errors.New("--cert and --key are for --secure")
	}
	var err error
	if o.edition, err = edition.Named(*year); err != nil {
		return o, err
	}
	switch { // the one that prints most counts
	case *all, !*lists && !*events:
		o.level = server.Everything
	case *lists:
		o.level = server.Lists
	default:
		o.level = server.Events
	}
	return o, o.positions(flags.Args())
}

// positions reads the port and the limit.
func (o *options) positions(args []string) (err error) {
	switch {
	case len(args) == 0:
		return errors.New("no port given")
	case len(args) > 2:
		return fmt.Errorf("too many arguments: %s", strings.Join(args[2:], " "))
	}
	if o.port, err = strconv.Atoi(args[0]); err != nil || o.port < 0 || o.port > edition.MaxPort {
		return fmt.Errorf("%q is no port: a number from 0 to %d", args[0], edition.MaxPort)
	}
	if len(args) == 2 {
		if o.limit, err = strconv.Atoi(args[1]); err != nil || o.limit < 1 {
			return fmt.Errorf("%q is no limit: a number from 1 on", args[1])
		}
	}
	return nil
}
