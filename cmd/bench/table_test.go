package main

import (
	"fmt"
	"strings"
	"testing"
)

// sample is the output of go test for every figure, with ratios from 6 on, the median
// of which is 8.
func sample() string {
	var b strings.Builder
	b.WriteString("goos: linux\npkg: paycheck/reference/server\n")
	for _, f := range figures {
		for i := range runs {
			fmt.Fprintf(&b, "%s-2  \t   12345\t   67.8 ns/op\t 3000 %s\t %d %s\n", f.bench, f.unit, 6+i, ratioUnit)
		}
	}
	return b.String() + "PASS\nok  \tpaycheck/reference/server\t1.2s\n"
}

func TestMeasured(t *testing.T) {
	rows, err := measured(sample())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if r.figure != figures[i] || r.rate != 3000 || r.ratio != 8 || r.base != 375 {
			t.Errorf("row %d: got %+v", i, r)
		}
	}
	if text := table(rows); strings.Contains(text, "below") {
		t.Errorf("nothing is below, and the table says so:\n%s", text)
	}
	rows[1].ratio = rows[1].wanted - 0.01
	if text := table(rows); strings.Count(text, "below") != 1 {
		t.Errorf("one is below, and the table is\n%s", text)
	}
}

func TestMeasuredRefuses(t *testing.T) {
	for name, output := range map[string]string{
		"nothing":       "PASS\n",
		"a run short":   strings.Replace(sample(), figures[2].bench+"-2", "BenchmarkOther", 1),
		"no baseline":   strings.Replace(sample(), ratioUnit, "x-other", 1),
		"no number":     strings.Replace(sample(), "67.8", "fast", 1),
		"8 taken as 80": strings.ReplaceAll(sample(), "clients=8-", "clients=80-"),
	} {
		if rows, err := measured(output); err == nil {
			t.Errorf("%s: got %+v and no error", name, rows)
		}
	}
}
