package report

import (
	"strings"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/conformance/target"
	"paycheck/conformance/transcript"
)

// gotRows is how many lines of what came a finding shows.
const gotRows = 8

// stderrRows is how many of the program's last lines a finding shows.
const stderrRows = 8

// finding writes what was wanted, what came with a mark under the first wrong
// byte, and what is known of the program at that moment.
func finding(p *page.Page, r conformance.Result) {
	if r.Why != "" && !isRetold(r) {
		field(p, "what", inWords(r.Why))
	}
	f := r.Finding
	if f == nil {
		return
	}
	if f.Want != "" {
		field(p, "wanted", inWords(f.Want))
	}
	if f.Want != "" && len(f.Screen) == 0 || len(f.Got) > 0 {
		got(p, f.Got, f.At)
	}
	if f.Doing != "" {
		field(p, "meanwhile", page.Brief(f.Doing))
	}
	if f.Death != nil {
		death(p, *f.Death)
	}
	stderr(p, f.Stderr)
	screen(p, f.Screen)
}

// screen shows the last lines of a client's terminal.
func screen(p *page.Page, lines []string) {
	label := "its screen"
	for _, line := range lines {
		labelled(p, label, p.Paint(page.Dim, "| ")+page.Cut(page.Clean(line), p.Room(indent)-2))
		label = ""
	}
}

func got(p *page.Page, data []byte, at int) {
	if len(data) == 0 {
		field(p, "got", "nothing")
		return
	}
	label := "got"
	for _, row := range page.Rows(data, at, p.Room(indent), gotRows) {
		labelled(p, label, row.Text)
		label = ""
		if column, ok := row.Caret(data, at); ok && at >= 0 {
			mark := "^ the first wrong byte"
			if at == len(data) {
				mark = "^ ends here"
			}
			labelled(p, "", strings.Repeat(" ", column)+p.Paint(page.Red, mark))
		}
	}
	if len(data) >= transcript.MaxBytes {
		labelled(p, "", "(and whatever came after these bytes)")
	}
}

// isRetold reports whether a result's sentence says no more than that what was
// wanted did not come.
func isRetold(r conformance.Result) bool {
	return r.Finding != nil && r.Finding.Want != "" && strings.HasSuffix(r.Why, r.Finding.Want)
}

// gotColumns is how much of the bytes that came a line shows.
const gotColumns = 40

// gist says what was seen, in one line; empty: nothing was said of it.
func gist(r conformance.Result) string {
	f := r.Finding
	if r.Why != "" && !isRetold(r) || f == nil || f.Want == "" {
		return inWords(r.Why)
	}
	came := "nothing"
	if len(f.Got) > 0 {
		came = page.Cut(transcript.Visible(f.Got), gotColumns)
	}
	return "wanted " + inWords(f.Want) + ", got " + came
}

// forms puts words in place of the notation's marks for what is wanted.
var forms = strings.NewReplacer(
	"(no list)", "an answer that is no list", "(list)", "a list", "(any)", "an answer",
	"(nothing)", "no answer", "(closed)", "the end of the connection", " / ", " or ",
)

// inWords is [page.Brief] of what a check wanted or says.
func inWords(text string) string { return forms.Replace(page.Brief(text)) }

// labelled writes a label and a line that keeps its own spaces.
func labelled(p *page.Page, label, line string) {
	p.Line("  " + p.Paint(page.Dim, label) + strings.Repeat(" ", indent-2-len(label)) + line)
}

// meanings says what the signals mean that end programs by accident.
var meanings = map[string]string{
	"SIGPIPE": "it wrote to a connection that the other side had closed, and had not asked to be told of that in another way",
	"SIGSEGV": "it used memory that is not its own",
	"SIGBUS":  "it used memory that is not its own",
	"SIGABRT": "it gave up by itself: an exception that nobody caught, a failed assert, or memory that was freed twice",
	"SIGFPE":  "it divided by zero",
	"SIGILL":  "it ran into bytes that are no instruction",
	"SIGKILL": "something else ended it, perhaps for the memory that it took",
	"SIGXCPU": "it used more processor time than it was given",
}

func death(p *page.Page, d target.Death) {
	text := page.Clean(d.String())
	if meaning, ok := meanings[d.Signal]; ok {
		text += ": " + meaning
	}
	field(p, "the end", text)
	if d.LastSent != "" {
		field(p, "last sent", page.Brief(d.LastSent))
	}
}

func stderr(p *page.Page, lines []string) {
	if len(lines) > stderrRows {
		lines = lines[len(lines)-stderrRows:]
	}
	label := "it printed"
	for _, line := range lines {
		labelled(p, label, p.Paint(page.Dim, "| ")+page.Clean(line))
		label = ""
	}
}
