package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"paycheck/conformance"
	"paycheck/conformance/counter"
	"paycheck/conformance/report"
	"paycheck/conformance/report/page"
	"paycheck/conformance/transcript"
	"paycheck/spec/edition"
)

const observeLong = `paycheck observe is a server, and people to pay, for a client that you use by
hand: in a window, in a debugger, on another machine. It shows what comes,
which requirements hold by that, and what to try next. Ctrl-C ends it and
gives the report.

It tries nothing that is impolite: paycheck client does.`

const observeExample = `  paycheck observe                            on 127.0.0.1, port 8888
  paycheck observe --port 9000
  paycheck observe --listen 0.0.0.0           for other machines, too
  paycheck observe --greeting 'welcome'       for a client that waits for a line
  paycheck observe --json report.json`

// observePort is where clients are told to connect unless a flag says otherwise.
const observePort = 8888

// observeFlags are the flags of `paycheck observe`.
type observeFlags struct {
	observation conformance.Observation
	gate        conformance.Gate

	edition, gateName string
	color             painting
	json, junit       string
	verbose           bool
}

func (o *observeFlags) bind(f *pflag.FlagSet) {
	f.SortFlags = false
	f.IntVar(&o.observation.Port, "port", observePort, "listen on port `N`; 0 takes a free one")
	f.StringVar(&o.observation.Host, "listen", "127.0.0.1", "listen at `ADDRESS`; 0.0.0.0 lets everybody\nconnect who can reach you")
	f.StringVar(&o.observation.Greeting, "greeting", "", "say `LINE` to who connects: some clients wait for it")
	f.StringVar(&o.edition, "edition", edition.Default().Name, "the course's `YEAR`: 2021 or 2020")
	f.StringVar(&o.gateName, "gate", string(conformance.GateMust), "exit code 1 rests on `WHAT`: basic,\nmust or strict")
	f.Float64Var(&o.observation.Scale, "timeout-scale", 1, "wait `N` times as long")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show every requirement at the end")
	f.StringVar(&o.json, "json", "", "write the report to `FILE` as JSON")
	f.StringVar(&o.junit, "junit", "", "write the report to `FILE` as JUnit XML")
	bindColor(f, &o.color)
}

func (o *observeFlags) read(args []string) (err error) {
	if o.observation.Edition, err = edition.Named(o.edition); err != nil {
		return fmt.Errorf("--edition: %w", err)
	}
	if o.gate, err = conformance.ParseGate(o.gateName); err != nil {
		return fmt.Errorf("--gate: %w", err)
	}
	switch {
	case len(args) > 0:
		return fmt.Errorf("it waits for a client and starts none: no path, such as %q; paycheck client starts one", args[0])
	case o.observation.Port < 0 || o.observation.Port > edition.MaxPort:
		return fmt.Errorf("--port %d: a port is 0 to %d", o.observation.Port, edition.MaxPort)
	case net.ParseIP(o.observation.Host).To4() == nil:
		return fmt.Errorf("--listen %q: an address such as 127.0.0.1 or 0.0.0.0", o.observation.Host)
	case !(o.observation.Scale >= 1 && o.observation.Scale <= 1000):
		return fmt.Errorf("--timeout-scale %g: a number from 1 to 1000", o.observation.Scale)
	case o.json != "" && o.json == o.junit:
		return errors.New("--json and --junit name one file")
	}
	return nil
}

func (a *app) observeCommand() *cobra.Command {
	o := &observeFlags{}
	c := &cobra.Command{
		Use:     "observe",
		Short:   "Watch a client that you use by hand",
		Long:    observeLong + "\n\n" + exitCodes,
		Example: observeExample,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.read(args); err != nil {
				return usageError(c, err)
			}
			return a.observe(c.Context(), o)
		},
	}
	o.bind(c.Flags())
	return c
}

// observe watches until the context ends, and then reports.
func (a *app) observe(ctx context.Context, o *observeFlags) error {
	files, err := open(o.json, o.junit)
	if err != nil {
		return fmt.Errorf("%w%w", usage{}, err)
	}
	w := &watching{app: a, color: o.color}
	o.observation.Opened, o.observation.Each = w.opened, w.each
	run, err := conformance.Observe(ctx, o.observation)
	if err != nil {
		return joined(err, files.fail(conformance.Run{Edition: o.edition}, o.gate, err))
	}
	columns, _ := terminalColumns(a.out)
	view := report.View{Columns: columns, Colour: a.colour(o.color), Verbose: o.verbose, Gate: o.gate}
	_, shown := fmt.Fprint(a.out, "\n", report.Text(run, view))
	a.code = run.Exit(o.gate)
	return joined(shown, files.close(run, o.gate))
}

// watching shows what happens while it does.
type watching struct {
	app   *app
	color painting
	next  string // as it was shown last
}

func (w *watching) print(p *page.Page) {
	_, _ = fmt.Fprint(w.app.out, p) // the report comes after, and says if nothing can be shown
}

func (w *watching) opened(address string) {
	p := w.app.page(w.color)
	host, port, _ := net.SplitHostPort(address)
	if host == "0.0.0.0" {
		host = "the address of this machine"
	}
	p.Para("", fmt.Sprintf("paycheck is the server. Tell your client to connect to %s, port %s. "+
		"There are bob, whom you can pay, and carol, who pays you. Ctrl-C ends it.", host, port))
	p.Blank()
	w.suggest(p, "start your client, with this address and port, and register a name")
	w.print(p)
}

// kinds are the events that are shown, and what stands before their bytes.
var kinds = map[counter.Kind]string{
	counter.Connected: "the client connects",
	counter.Asked:     "client to server",
	counter.Told:      "server to client",
	counter.Left:      "the client has left",
	counter.Visited:   "the client connects to",
	counter.Paid:      "client to",
	counter.Unreached: "can't reach the client:",
	counter.Pays:      "to the client, by",
}

func (w *watching) each(g conformance.Glimpse) {
	p := w.app.page(w.color)
	e := g.Event
	if text, ok := kinds[e.Kind]; ok {
		bytes := e.Raw
		if e.Kind == counter.Told {
			bytes = []byte(strings.ReplaceAll(e.Reply, "\n", " | ")) // lines of a list
		}
		line := text
		if e.Peer != "" {
			line += " " + e.Peer
		}
		if len(bytes) > 0 {
			line += ": " + transcript.Visible(bytes)
		}
		p.Para("    ", p.Paint(page.Dim, page.Clean(line)))
	}
	for _, r := range g.Results {
		w.result(p, r)
	}
	w.suggest(p, g.Next)
	w.print(p)
}

var marks = map[conformance.Verdict]struct {
	text string
	ink  page.Ink
}{
	conformance.Pass: {"ok  ", page.Green}, conformance.Accepted: {"ok  ", page.Green},
	conformance.Fail: {"FAIL", page.Alarm}, conformance.Warn: {"warn", page.Yellow},
}

// result ticks one requirement off, or says what is wrong.
func (w *watching) result(p *page.Page, r conformance.Result) {
	mark := marks[r.Verdict()]
	text := r.Check.Title
	if r.Verdict() != conformance.Pass && r.Why != "" {
		text += " (" + r.Why + ")"
	}
	p.Para(fmt.Sprintf("  %s %-7s ", p.Paint(mark.ink, mark.text), r.Check.Requirement.ID), page.Clean(text))
}

// suggest says what to try next, when that is something new.
func (w *watching) suggest(p *page.Page, next string) {
	if next == w.next {
		return
	}
	w.next = next
	if next == "" {
		next = "you have seen it all; Ctrl-C ends it"
	}
	p.Para("  "+p.Paint(page.Bold, "next:")+" ", next)
}
