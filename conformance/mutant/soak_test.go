package mutant

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"paycheck/conformance"
)

var (
	soak    = flag.Int("soak", 0, "judge the soaked programs `N` times each with busy processors, and each trial a tenth as often, alone and so")
	soakLog = flag.String("soak-log", root+"/bin/soak.jsonl", "keep what was judged in `FILE`, and go on from there")
)

// soaked are the programs that are judged most often, beside the reference pair: one
// that pads its replies, one in a single thread, one with a process for each client.
var soaked = []string{"padded_32", "select_loop", "fork_mmap"}

// A soaking is one program that is judged again and again.
type soaking struct {
	name   string
	make   func(ctx context.Context, dir string) (string, error)
	args   []string
	tools  *tools
	rounds int
	loads  []bool // whether the processors are busy meanwhile
}

// A drop is one run of a soaking: a line of the log.
type drop struct {
	Name, Program, Judge string // the two are hashes: another program or judge begins afresh
	Round                int
	Busy                 bool
	Verdicts             map[string]conformance.Verdict // by requirement
}

// TestSoak prints every verdict that is not what it was the first time. It takes
// hours, can be ended at any time, and then goes on where it was.
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("only with -soak N")
	}
	servers, err := buildTools(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	clients, err := toolsFor(t.Context(), t.TempDir(), client)
	if err != nil {
		t.Fatal(err)
	}
	before, err := drops(*soakLog)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(*soakLog, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	all, err := soakings(&servers, &clients)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range all {
		t.Run(s.name, func(t *testing.T) {
			runs, changed := s.run(t, i, before, log)
			t.Logf("%s: %d runs, %d verdicts changed", s.name, runs, changed)
		})
	}
}

// soakings are the reference pair and the soaked programs, and then every trial.
func soakings(servers, clients *tools) (all []soaking, err error) {
	trials, err := trials()
	if err != nil {
		return nil, err
	}
	busy, both := []bool{true}, []bool{false, true}
	for _, t := range []*tools{servers, clients} {
		made := func(context.Context, string) (string, error) {
			return filepath.Join(filepath.Dir(t.paycheck), t.program), nil
		}
		all = append(all, soaking{name: "reference/" + t.program, make: made, tools: t, rounds: *soak, loads: busy})
	}
	var rest []soaking
	for _, trial := range trials {
		args, err := trial.arguments()
		if err != nil {
			return nil, err
		}
		made := func(ctx context.Context, dir string) (string, error) { return trial.made(ctx, *servers, dir) }
		s := soaking{name: trial.kind + "/" + trial.name, make: made, args: args, tools: servers, rounds: max(1, *soak/10), loads: both}
		if trial.kind == programs && slices.Contains(soaked, trial.name) {
			s.rounds, s.loads = *soak, busy
			all = append(all, s)
		} else {
			rest = append(rest, s)
		}
	}
	return append(all, rest...), nil
}

// run judges one program as often as is still lacking. Its seeds are its own.
func (s soaking) run(t *testing.T, place int, before []drop, log *os.File) (runs, changed int) {
	dir := t.TempDir()
	program, err := s.make(t.Context(), dir)
	if errors.Is(err, errAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d := drop{Name: s.name}
	for path, hash := range map[string]*string{program: &d.Program, s.tools.paycheck: &d.Judge} {
		h, err := sum(path)
		if err != nil {
			t.Fatal(err)
		}
		*hash = hex.EncodeToString(h[:8])
	}
	var first map[string]conformance.Verdict
	for round := range s.rounds {
		for _, busy := range s.loads {
			d.Round, d.Busy = round, busy
			var seen map[string]ruling
			at := slices.IndexFunc(before, d.same)
			if at >= 0 {
				d.Verdicts = before[at].Verdicts
			} else {
				d.Verdicts, seen, err = s.judge(t, dir, program, apart*(place+round), busy)
				if err != nil {
					t.Fatal(err)
				}
				line, err := json.Marshal(d)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := log.Write(append([]byte{'\n'}, line...)); err != nil { // first: the last line may be cut
					t.Fatal(err)
				}
				t.Logf("%s, round %d of %d, busy %v", s.name, round+1, s.rounds, busy)
			}
			runs++
			if first == nil {
				first = d.Verdicts
			}
			for _, id := range slices.Sorted(maps.Keys(first)) {
				if d.Verdicts[id] != first[id] {
					changed++
					t.Errorf("%s, round %d, busy %v: %s was %q and is %q: %v", s.name, round+1, busy, id, first[id], d.Verdicts[id], seen[id])
				}
			}
		}
	}
	return runs, changed
}

func (s soaking) judge(t *testing.T, dir, program string, seed int, busy bool) (map[string]conformance.Verdict, map[string]ruling, error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if busy {
		for range runtime.NumCPU() {
			go func() {
				for ctx.Err() == nil { // nothing else: it is to be in the way
				}
			}()
		}
	}
	document, err := s.tools.judge(t.Context(), dir, seed, program, s.args...)
	seen, verdicts := rulings(document), map[string]conformance.Verdict{}
	for id, r := range seen {
		verdicts[id] = r.verdict
	}
	return verdicts, seen, err
}

// same reports whether another run is the same one.
func (d drop) same(o drop) bool {
	return d.Name == o.Name && d.Program == o.Program && d.Judge == o.Judge && d.Round == o.Round && d.Busy == o.Busy
}

// drops reads the log. A line that was cut when a run was ended is not counted.
func drops(path string) (all []drop, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		var d drop
		if json.Unmarshal(lines.Bytes(), &d) == nil {
			all = append(all, d)
		}
	}
	if err == nil {
		err = lines.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("the log of the soak: %w", err)
	}
	return all, nil
}
