package mutant

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"paycheck/conformance"
	"paycheck/conformance/report"
	"paycheck/spec"
)

// A couple is a program that is wrong in one way and meets the other one of the
// reference: the judge must say which of the two breaks what.
type couple struct {
	name string // of its entry
	red  string // what fails or warns, or is accepted with "accepted" behind it
	few  bool   // judged without -full
}

// pairServers are entries of mutants.txt, and pairClients of client_mutants.txt, whose
// faults show when two people pay each other.
var (
	pairServers = []couple{
		{name: "lf-for-crlf", red: "FRM-5 accepted"},
		{name: "no-line-end", red: "FRM-5"},
		{name: "last-entry-without-end", red: "FRM-5"},
		{name: "padded-with-nul", red: "FRM-6"},
		{name: "empty-line-after-list", red: "FRM-6"},
		{name: "greets-in-three-lines", red: "FRM-7"},
		{name: "ok-with-a-welcome", red: "REG-1"},
		{name: "starts-with-9000", red: "REG-4"},
		{name: "login-is-ok", red: "LOG-1"},
		{name: "list-works-once", red: "LST-1"},
		{name: "balance-of-the-login", red: "PAY-1"}, // nobody can tell it from a payment that is not booked
		{name: "no-key-line", red: "LST-3"},
		{name: "counts-all-accounts", red: "LST-4"},
		{name: "count-stays-after-exit", red: "LST-4"},
		{name: "no-self", red: "LST-6"},
		{name: "address-is-fixed", red: "LST-7"},
		{name: "port-of-the-connection", red: "LST-7"},
		{name: "listed-from-registration", red: "LST-8"},
		{name: "no-bye", red: "EXT-1"},
		{name: "goodbye", red: "EXT-1"},
		{name: "no-credit", red: "PAY-1", few: true},
		{name: "payer-and-payee-mixed-up", red: "PAY-1"},
		{name: "passes-payments-on", red: "PAY-2"},
		{name: "tells-nobody", red: "PAY-3"},
	}
	pairClients = []couple{
		{name: "space-for-hash", red: "CLI-3"},
		{name: "nul-at-the-end", red: "CLI-3 accepted, CLI-4 accepted, CLI-6 accepted, CLI-12 accepted, CLI-14 accepted, CLI-18 accepted"},
		{name: "port-in-hex", red: "CLI-4"},
		{name: "does-not-listen", red: "CLI-5"},
		{name: "list-in-capitals", red: "CLI-6 accepted"},
		{name: "list-in-small-letters", red: "CLI-6"},
		{name: "address-ignored", red: "CLI-12", few: true},
		{name: "server-told-too", red: "CLI-13"},
		{name: "passed-on-twice", red: "CLI-14"},
		{name: "passed-on-changed", red: "CLI-14"},
		{name: "paid-once", red: "CLI-15"},
		{name: "leaves-without-a-word", red: "CLI-18"},
		{name: "paid-unseen", red: "CLI-25"},
	}
)

// pairVeiled are entries of secure_client_mutants.txt, of which an encrypted pair that is
// only watched shows what can be read, and nothing else.
var pairVeiled = []couple{
	{name: "passes-on-in-the-clear", red: "SEC-20"},
	{name: "peers-in-the-clear", red: "SEC-21"},
	{name: "sealed-in-the-clear", red: "SEC-21"},
	{name: "inner-layer-missing"},
}

// TestPairs lets each of them meet the other program of the reference.
func TestPairs(t *testing.T) {
	leftToProofs(t)
	servers, err := readEntries("mutants.txt", keys["mutants"]...)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ofServers, err := toolsFor(t.Context(), dir, server)
	if err != nil {
		t.Fatal(err)
	}
	ofClients, err := toolsFor(t.Context(), dir, client)
	if err != nil {
		t.Fatal(err)
	}
	judge := func(c couple, seed int, tools tools, entries []entry, more ...string) {
		if !c.few && !*full {
			return
		}
		t.Run(c.name, func(t *testing.T) {
			i := slices.IndexFunc(entries, func(e entry) bool { return e.name == c.name })
			if i < 0 {
				t.Fatalf("there is no entry [%s]", c.name)
			}
			program, err := tools.build(t.Context(), entries[i], t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			of := map[string]string{server: filepath.Join(dir, server), client: filepath.Join(dir, client)}
			of[tools.program] = program
			tools.program = "pair"
			d, err := tools.judge(t.Context(), t.TempDir(), seed, "--server="+of[server], append(more, "--client", of[client])...)
			if err != nil {
				t.Fatal(err)
			}
			if red := reds(d); red != c.red {
				t.Errorf("red is %q, and has to be %q\n%v", red, c.red, rulings(d))
			}
		})
	}
	for i, c := range pairServers {
		judge(c, apart*i, ofServers, servers)
	}
	for i, c := range pairClients {
		judge(c, apart*(i+len(pairServers)), ofClients, clientEntries(t))
	}
	veiled, err := readEntries("secure_client_mutants.txt", "breaks", "also")
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range pairVeiled {
		if os.Geteuid() != 0 {
			t.Log("the links between clients are not watched here")
			break
		}
		judge(c, apart*(i+len(pairServers)+len(pairClients)), ofClients, veiled, "--secure")
	}
}

// reds gives what fails, warns or is accepted, in the order of the text.
func reds(d report.Document) string {
	text, err := spec.Load()
	if err != nil {
		return err.Error()
	}
	all := rulings(d)
	var words []string
	for _, r := range slices.Concat(text.All(spec.Server), text.All(spec.Client)) {
		switch all[r.ID].verdict {
		case conformance.Fail, conformance.Warn:
			words = append(words, r.ID)
		case conformance.Accepted:
			words = append(words, r.ID+" accepted")
		}
	}
	return strings.Join(words, ", ")
}
