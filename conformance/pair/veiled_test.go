package pair

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"paycheck/conformance"
	"paycheck/conformance/driver"
	"paycheck/conformance/play"
)

// compiled builds one of the programs in testdata, with words that define its variant.
func compiled(t *testing.T, name string, defines ...string) string {
	t.Helper()
	if _, err := exec.LookPath("c++"); err != nil {
		t.Skip("there is no C++ compiler")
	}
	path := filepath.Join(t.TempDir(), name)
	args := []string{"-std=c++17", "-O1", "-pthread", "-o", path, filepath.Join("testdata", name+".cpp")}
	if out, err := exec.CommandContext(t.Context(), "c++", append(args, defines...)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return path
}

// What can be read is found, on the link where it can, and what a scheme of its own hides
// is left alone.
func TestVeiled(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make proofs")
	}
	server, client := compiled(t, "masked_server"), compiled(t, "masked_client")
	for i, c := range []struct {
		name, server, client string
		violated             string
		peers                bool // needs the links between clients
	}{
		{"a scheme of their own", server, client, "", false},
		{"replies that can be read", compiled(t, "masked_server", "-DREADABLE"), compiled(t, "masked_client", "-DREADABLE"), "SEC-18", false},
		{"payments that can be read", server, compiled(t, "masked_client", "-DPLAIN_PEERS"), "SEC-21", true},
		{"no encryption", compiled(t, "masked_server", "-DPLAIN"), compiled(t, "masked_client", "-DPLAIN", "-DPLAIN_PEERS"), "SEC-1 SEC-18 SEC-20 SEC-21", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			watched := Watches()
			if c.peers && !watched {
				t.Skip("it takes the right to listen to the loopback device")
			}
			cfg := Config{Server: conformance.NewConfig(c.server), Client: conformance.NewConfig(c.client)}
			cfg.Server.Secure = true
			seed(&cfg, 10+i)
			run, err := Judge(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			var violated []string
			for _, r := range run.Results {
				switch id := r.Check.Requirement.ID; r.Outcome {
				case play.Violated:
					violated = append(violated, id)
					if r.Finding == nil || r.Finding.At < 0 || len(r.Transcript) == 0 {
						t.Errorf("%s shows nothing: %+v", id, r.Finding)
					}
				case play.Held:
				default:
					if id != "SEC-21" || watched {
						t.Errorf("%s is %s: %s", id, r.Verdict(), r.Why)
					}
				}
			}
			if got := strings.Join(violated, " "); got != c.violated {
				t.Errorf("%q is violated, and has to be %q", got, c.violated)
			}
		})
	}
}

// Of programs that do not understand each other nothing holds, whatever bytes have passed.
func TestNothingShown(t *testing.T) {
	t.Parallel()
	cfg := Config{Server: conformance.NewConfig(compiled(t, "masked_server")), Client: conformance.NewConfig(build(t, "client"))}
	cfg.Server.Secure, cfg.Client.Driver = true, &driver.Builtin()[0] // it need not be found out
	seed(&cfg, 1)
	run, err := Judge(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if code := run.Exit(conformance.GateMust); code == conformance.ExitConforms || len(run.Results) == 0 {
		t.Errorf("the exit code is %d, with %d results", code, len(run.Results))
	}
	for _, r := range run.Results {
		if r.Outcome == play.Held {
			t.Errorf("%s held: nobody knows what was said", r.Check.Name())
		}
	}
}

// The reference pair inside TLS.
func TestReferencePairVeiled(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make proofs")
	}
	t.Parallel()
	cfg := Config{Server: conformance.NewConfig(build(t, "server")), Client: conformance.NewConfig(build(t, "client"))}
	d := driver.Builtin()[0]
	d.Args = "--secure " + d.Args // it need not be found out
	cfg.Server.Secure, cfg.Client.Driver = true, &d
	seed(&cfg, 2)
	run, err := Judge(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	watched := Watches()
	for _, r := range run.Results {
		if r.Outcome != play.Held && (watched || r.Check.Requirement.ID != "SEC-21") {
			t.Errorf("%s is %s: %s", r.Check.Name(), r.Verdict(), r.Why)
		}
	}
	if len(run.Results) != 3 {
		t.Errorf("%d results", len(run.Results))
	}
}

// seed gives a test random choices of its own, so that those that run at one time do not
// meet on one port.
func seed(cfg *Config, n int) { cfg.Server.Seed, cfg.Client.Seed = uint64(1000*n), uint64(1000*n) }
