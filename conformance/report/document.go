package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/play"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
	"paycheck/spec"
)

// Schema is the version of the JSON report. A field that is added leaves it as it
// is; a field that goes or changes its meaning raises it.
const Schema = 1

// A Document is a run as JSON, "schema": 1, described for other programs in
// schema.json. It holds all that the run knows, so that a report can be read
// without the program, and without this one.
//
// While a run goes on there is no document yet but a file of JSON lines, see
// [Stream]: first a Document without results, then one [Entry] a line.
type Document struct {
	Schema     int       `json:"schema"`
	Spec       string    `json:"spec_sha256"`      // of protocol.md, in hex
	Program    string    `json:"program"`          // path or address
	SHA256     string    `json:"sha256,omitempty"` // of the executable, in hex
	Recipe     string    `json:"recipe,omitempty"` // how it was started
	Dialect    string    `json:"dialect,omitempty"`
	Edition    string    `json:"edition"`
	Seed       uint64    `json:"seed"` // larger than 2^53 if it was asked for so: read it as a whole number
	Scale      float64   `json:"scale"`
	Gate       string    `json:"gate"`
	Exit       int       `json:"exit"`       // 0 conforms, 1 does not, 3 could not judge
	Verdict    string    `json:"verdict"`    // the same in words
	Started    time.Time `json:"started"`    // RFC 3339
	Elapsed    float64   `json:"elapsed_ms"` // of the whole run
	Incomplete bool      `json:"incomplete"` // it was interrupted: not every check was judged
	Notes      []string  `json:"notes"`
	Results    []Entry   `json:"results"`
}

// An Entry is the result of one check.
type Entry struct {
	Requirement string      `json:"requirement"` // REG-2
	Check       string      `json:"check"`       // REG-2/1
	Title       string      `json:"title"`
	Level       string      `json:"level"`
	Mark        string      `json:"mark"`
	Phase       int         `json:"phase"`
	Line        int         `json:"line,omitempty"` // of its scenario in protocol.md
	Outcome     string      `json:"outcome"`        // what was seen
	Verdict     string      `json:"verdict"`        // what it means
	BlockedBy   string      `json:"blocked_by,omitempty"`
	Why         string      `json:"why,omitempty"`
	Elapsed     float64     `json:"elapsed_ms"`
	Finding     *Finding    `json:"finding,omitempty"`
	Transcript  []EventLine `json:"transcript"`
}

// A Finding is what a verdict rests on.
type Finding struct {
	Line   int           `json:"line,omitempty"` // of the step in protocol.md
	Step   string        `json:"step,omitempty"`
	Want   string        `json:"want,omitempty"`
	Got    *Bytes        `json:"got,omitempty"`
	At     int           `json:"at"` // offset in got of the first wrong byte; -1: none
	Doing  string        `json:"doing,omitempty"`
	Death  *target.Death `json:"death,omitempty"`
	Stderr []string      `json:"stderr,omitempty"`
	Screen []string      `json:"screen,omitempty"` // of a client: the last lines of its terminal
}

// An EventLine is one thing that happened in a conversation.
type EventLine struct {
	At    float64 `json:"at_ms"` // since the conversation began
	Who   string  `json:"who"`
	Kind  string  `json:"kind"`
	Bytes *Bytes  `json:"bytes,omitempty"`
	Text  string  `json:"text,omitempty"`
	Wrong bool    `json:"wrong,omitempty"`
}

// Bytes are what went over the wire, control bytes as escapes. Base64 is there as
// well where they are more than printable ASCII, CR and LF.
type Bytes struct {
	Text   string `json:"text"`
	Base64 []byte `json:"base64,omitempty"`
}

// NewDocument gives the document of a run that ended.
func NewDocument(run conformance.Run, gate conformance.Gate) Document {
	d := Head(run, gate)
	d.Exit, d.Verdict, d.Incomplete = run.Exit(gate), Verdict(run, gate), run.Incomplete
	for _, r := range run.Results {
		d.Results = append(d.Results, NewEntry(r))
	}
	return d
}

// Head gives the document of a run of which there is no result yet.
func Head(run conformance.Run, gate conformance.Gate) Document {
	sum := sha256.Sum256(spec.Text())
	return Document{
		Schema: Schema, Spec: hex.EncodeToString(sum[:]),
		Program: run.Program, SHA256: run.SHA256, Recipe: run.Recipe, Dialect: run.Dialect,
		Edition: run.Edition, Seed: run.Seed, Scale: run.Scale, Gate: string(gate),
		Exit: conformance.ExitNotJudged, Verdict: "could not judge: the run did not end",
		Started: run.Started, Elapsed: milliseconds(run.Elapsed), Incomplete: true,
		Notes: append([]string{}, run.Notes...), Results: []Entry{},
	}
}

// NewEntry gives the entry of one result.
func NewEntry(r conformance.Result) Entry {
	q := r.Check.Requirement
	return Entry{
		Requirement: q.ID, Check: r.Check.Name(), Title: r.Check.Title,
		Level: string(q.Level), Mark: string(q.Mark), Phase: q.Phase, Line: r.Check.Line,
		Outcome: string(r.Outcome), Verdict: string(r.Verdict()), BlockedBy: r.By, Why: r.Why,
		Elapsed: milliseconds(r.Elapsed), Finding: newFinding(r.Finding), Transcript: newLines(r.Transcript),
	}
}

// JSON gives the document as indented text.
func (d Document) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}

func newFinding(f *play.Finding) *Finding {
	if f == nil {
		return nil
	}
	return &Finding{
		Line: f.Line, Step: f.Step, Want: f.Want, Got: newBytes(f.Got), At: f.At,
		Doing: f.Doing, Death: f.Death, Stderr: f.Stderr, Screen: f.Screen,
	}
}

func newLines(t transcript.Transcript) []EventLine {
	lines := []EventLine{}
	for _, e := range t {
		lines = append(lines, EventLine{
			At: milliseconds(e.At), Who: e.Who, Kind: string(e.Kind),
			Bytes: newBytes(e.Bytes), Text: e.Text, Wrong: e.Wrong,
		})
	}
	return lines
}

func newBytes(data []byte) *Bytes {
	if len(data) == 0 {
		return nil
	}
	b := &Bytes{Text: transcript.Visible(data)}
	for _, c := range data {
		if (c < 0x20 || c > 0x7e) && c != '\r' && c != '\n' {
			b.Base64 = data
			break
		}
	}
	return b
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
