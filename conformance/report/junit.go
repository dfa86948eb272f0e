package report

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"paycheck/conformance"
	"paycheck/conformance/report/page"
	"paycheck/spec"
)

// The elements of a JUnit report, as far as Jenkins and GitLab read them.
type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Time     seconds  `xml:"time,attr"`
		Suites   []*suite `xml:"testsuite"`
	}
	suite struct {
		Name       string     `xml:"name,attr"`
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Time       seconds    `xml:"time,attr"`
		Timestamp  string     `xml:"timestamp,attr"`
		Properties []property `xml:"properties>property"`
		Cases      []testcase `xml:"testcase"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testcase struct {
		Name      string  `xml:"name,attr"`
		Classname string  `xml:"classname,attr"`
		Time      seconds `xml:"time,attr"`
		Failure   *ending `xml:"failure"`
		Error     *ending `xml:"error"`
		Skipped   *ending `xml:"skipped"`
		Out       string  `xml:"system-out,omitempty"`
	}
	ending struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	seconds time.Duration
)

// MarshalText gives seconds with three decimals, as the viewers expect.
func (s seconds) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", time.Duration(s).Seconds()), nil
}

// JUnit gives the run as JUnit XML: a suite for each section, a case for each
// check. What fails is a failure; what could not be judged, a blocked check
// included, is an error; a warning and an accepted form pass, and say so in system-out.
func JUnit(run conformance.Run, gate conformance.Gate) ([]byte, error) {
	all := suites{Name: "paycheck", Time: seconds(run.Elapsed)}
	bySection := map[string]*suite{}
	for _, r := range run.Results {
		prefix := r.Check.Requirement.Section
		s := bySection[prefix]
		if s == nil {
			s = newSuite(prefix+" "+heading(spec.Requirement{Section: prefix}), run, gate)
			bySection[prefix] = s
			all.Suites = append(all.Suites, s)
		}
		s.add(r)
	}
	if len(run.Results) == 0 { // a file without a case would look as if all were well
		all.Suites = []*suite{nothingJudged(run, gate)}
	}
	for _, s := range all.Suites {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("junit: %w", err)
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

func newSuite(name string, run conformance.Run, gate conformance.Gate) *suite {
	return &suite{
		Name: name, Properties: properties(run, gate),
		Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"),
	}
}

// nothingJudged gives a suite with one error that says why there is no result.
func nothingJudged(run conformance.Run, gate conformance.Gate) *suite {
	s := newSuite("paycheck", run, gate)
	s.Tests, s.Errors = 1, 1
	s.Cases = []testcase{{
		Name: "paycheck could judge the program", Classname: "paycheck",
		Error: &ending{
			Message: Verdict(run, gate), Type: string(conformance.NotJudged),
			Text: page.Brief(strings.Join(run.Notes, "\n")),
		},
	}}
	return s
}

func (s *suite) add(r conformance.Result) {
	c := testcase{
		Name:      r.Check.Name() + " " + page.Clean(r.Check.Title),
		Classname: "paycheck." + r.Check.Requirement.Section,
		Time:      seconds(r.Elapsed),
	}
	end := &ending{Message: message(r), Type: string(r.Verdict()), Text: evidence(r)}
	switch r.Verdict() {
	case conformance.Fail:
		c.Failure = end
		s.Failures++
	case conformance.NotJudged:
		c.Error = end
		s.Errors++
	case conformance.BlockedBy:
		end.Message = "blocked by " + page.Clean(r.By)
		c.Error = end
		s.Errors++
	case conformance.Skipped:
		c.Skipped = end
		s.Skipped++
	case conformance.Warn, conformance.Accepted:
		c.Out = string(r.Verdict()) + ": " + message(r) + "\n" + evidence(r)
	}
	s.Tests++
	s.Time += c.Time
	s.Cases = append(s.Cases, c)
}

// message is what a viewer shows beside the name: one line.
func message(r conformance.Result) string {
	if text := gist(r); text != "" {
		return strings.ReplaceAll(text, "\n", " ")
	}
	return why(r)
}

// evidence gives what a person needs of one result, as text without paint.
func evidence(r conformance.Result) string {
	p := &page.Page{}
	if r.Check.Requirement.Sentence != "" {
		p.Para("", page.Clean(r.Check.Requirement.Sentence))
	}
	excerpt(p, r)
	finding(p, r)
	pitfalls(p, r.Check.Requirement.Pitfalls)
	return strings.TrimSuffix("\n"+p.String(), "\n") + "\n"
}

func properties(run conformance.Run, gate conformance.Gate) []property {
	all := []property{
		{"program", page.Clean(run.Program)},
		{"sha256", run.SHA256},
		{"recipe", page.Clean(run.Recipe)},
		{"dialect", page.Brief(run.Dialect)},
		{"edition", page.Clean(run.Edition)},
		{"seed", fmt.Sprint(run.Seed)},
		{"scale", fmt.Sprint(run.Scale)},
		{"gate", string(gate)},
		{"incomplete", fmt.Sprint(run.Incomplete)},
		{"verdict", Verdict(run, gate)},
	}
	for _, note := range run.Notes {
		all = append(all, property{"note", page.Brief(note)})
	}
	return slices.DeleteFunc(all, func(p property) bool { return p.Value == "" })
}
