package driver_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"paycheck/conformance/driver"
)

// clients are the programs in testdata/clients, and how the server has to speak to each.
var clients = []struct {
	name    string
	dialect dialect
}{
	{"numbers", dialect{}},
	{"letters", dialect{end: "\n"}},
	{"words", dialect{}},
	{"raw", dialect{}},
	{"clears", dialect{}},
	{"portfirst", dialect{}},
	{"confirms", dialect{}},
	{"byindex", dialect{keyless: true}},
	{"greeted", dialect{greeting: "Welcome", end: "\n"}},
	{"falls", dialect{notice: "Transfer OK!"}},
	{"selects", dialect{}},
	{"dials", dialect{}},
	{"slow", dialect{}},
}

// build compiles all clients, once.
var build = sync.OnceValue(func() error {
	sources, err := filepath.Glob("testdata/clients/*.c*")
	if err != nil {
		return err
	}
	for _, source := range sources {
		compiler, extension := "cc", filepath.Ext(source)
		if extension == ".cpp" {
			compiler = "c++"
		}
		program := filepath.Join(built, strings.TrimSuffix(filepath.Base(source), extension))
		out, err := exec.Command(compiler, "-Wall", "-Wno-unused-result", "-pthread", "-o", program, source).CombinedOutput()
		if err != nil {
			return fmt.Errorf("building %s: %w\n%s", source, err, out)
		}
	}
	return nil
})

func client(t *testing.T, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(built, name)
}

// Every client in testdata has a driver file and is in the table.
func TestClientsAreListed(t *testing.T) {
	drivers, err := filepath.Glob("testdata/clients/*.toml")
	if err != nil || len(drivers) != len(clients) {
		t.Errorf("%d drivers and %d clients (%v)", len(drivers), len(clients), err)
	}
	for _, c := range clients {
		if _, err := os.Stat(filepath.Join("testdata/clients", c.name+".toml")); err != nil {
			t.Error(err)
		}
	}
}

// Each client performs all five operations on the wire, by the driver in its file.
func TestClients(t *testing.T) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			d, err := driver.Load(filepath.Join("testdata/clients", c.name+".toml"))
			if err != nil {
				t.Fatal(err)
			}
			path, begun := client(t, c.name), time.Now()
			t.Parallel()
			w, ctx := newWorld(t, c.dialect, "alice", "bob", 137), within(t)
			s := start(ctx, t, d, path, w.values)
			drive(ctx, t, s, w, driver.Ops()...)
			select {
			case <-s.Done():
			case <-ctx.Done():
				if d.Ends(driver.Exit) {
					t.Errorf("it goes on after its exit:\n%s", s.Screen())
				}
			}
			t.Logf("%v", time.Since(begun))
		})
	}
}
