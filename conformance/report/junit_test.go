package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"paycheck/conformance"
)

// A node is an element of any XML file.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Nodes   []node     `xml:",any"`
	Text    string     `xml:",chardata"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// shape is what an element may hold, as the schema junit-10.xsd of the Jenkins xUnit plugin has it.
type shape struct{ required, optional, children []string }

var shapes = map[string]shape{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "disabled", "errors"}, []string{"testsuite"}},
	"testsuite": {
		[]string{"name", "tests", "failures", "errors"},
		[]string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "version"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"},
	},
	"properties": {nil, nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, nil, nil},
	"testcase":   {[]string{"name", "classname"}, []string{"time", "group"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"failure":    {nil, []string{"type", "message"}, nil},
	"error":      {nil, []string{"type", "message"}, nil},
	"skipped":    {nil, []string{"type", "message"}, nil},
	"system-out": {},
}

func (n node) check(t *testing.T, path string) {
	t.Helper()
	name := n.XMLName.Local
	s, ok := shapes[name]
	if !ok {
		t.Errorf("%s: no element %s", path, name)
	}
	for _, want := range s.required {
		if n.attr(want) == "" {
			t.Errorf("%s: %s without %s", path, name, want)
		}
	}
	for _, a := range n.Attrs {
		if !slices.Contains(append(s.required, s.optional...), a.Name.Local) {
			t.Errorf("%s: %s has no attribute %s", path, name, a.Name.Local)
		}
		if a.Name.Local == "time" && !regexp.MustCompile(`^\d+\.\d{3}$`).MatchString(a.Value) {
			t.Errorf("%s: time %q", path, a.Value)
		}
	}
	for _, child := range n.Nodes {
		if !slices.Contains(s.children, child.XMLName.Local) {
			t.Errorf("%s: %s holds no %s", path, name, child.XMLName.Local)
		}
		child.check(t, path+"/"+child.XMLName.Local)
	}
}

func parsed(t *testing.T, run conformance.Run) node {
	t.Helper()
	text, err := JUnit(run, conformance.GateMust)
	if err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(text)) // strict: a control character is an error
	var root node
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	if rest := text[d.InputOffset():]; string(rest) != "\n" {
		t.Errorf("%q follows the root", rest)
	}
	if bytes.ContainsRune(text, '\uFFFD') {
		t.Error("a character was lost on the way")
	}
	return root
}

func TestJUnitIsValid(t *testing.T) {
	for name, run := range samples() {
		root := parsed(t, run)
		root.check(t, name)
		sums := map[string]int{}
		for _, suite := range root.Nodes {
			count := map[string]int{}
			for _, c := range suite.Nodes {
				if c.XMLName.Local != "testcase" {
					continue
				}
				count["tests"]++
				endings := 0
				for _, end := range c.Nodes {
					if plural, ok := map[string]string{"failure": "failures", "error": "errors", "skipped": "skipped"}[end.XMLName.Local]; ok {
						count[plural]++
						endings++
					}
				}
				if endings > 1 {
					t.Errorf("%s: %s ends in %d ways", name, c.attr("name"), endings)
				}
			}
			for _, counted := range []string{"tests", "failures", "errors", "skipped"} {
				if got := suite.attr(counted); got != strconv.Itoa(count[counted]) {
					t.Errorf("%s: %s says %s=%s, and has %d", name, suite.attr("name"), counted, got, count[counted])
				}
				sums[counted] += count[counted]
			}
		}
		for _, counted := range []string{"tests", "failures", "errors"} {
			if got := root.attr(counted); got != strconv.Itoa(sums[counted]) {
				t.Errorf("%s: testsuites says %s=%s, and has %d", name, counted, got, sums[counted])
			}
		}
		if sums["tests"] == 0 {
			t.Errorf("%s: no case at all would look as if all were well", name)
		}
	}
}

// Each verdict becomes what it is, and never something milder.
func TestJUnitTellsVerdictsApart(t *testing.T) {
	got := map[string]string{}
	for _, sample := range []string{"caret", "blocked"} {
		for _, suite := range parsed(t, samples()[sample]).Nodes {
			for _, c := range suite.Nodes {
				if c.XMLName.Local == "testcase" {
					end := "nothing"
					if len(c.Nodes) > 0 {
						end = c.Nodes[0].XMLName.Local + " " + c.Nodes[0].attr("type")
					}
					name, _, _ := strings.Cut(c.attr("name"), " ")
					got[fmt.Sprintf("%s %s", sample, name)] = end
				}
			}
		}
	}
	for name, want := range map[string]string{
		"caret REG-1/1":   "nothing",
		"caret REG-2/1":   "failure fail",
		"caret FRM-5/1":   "system-out ", // accepted
		"caret LIM-7/1":   "system-out ", // a warning
		"caret FRM-4/1":   "skipped skipped",
		"blocked LST-2/1": "error blocked",
		"blocked OPS-1/1": "error not judged",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
}

func TestJUnitIsAsRead(t *testing.T) {
	text, err := JUnit(samples()["blocked"], conformance.GateMust)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "blocked.xml", string(text))
}
