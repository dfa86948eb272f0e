package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// benchmarks are what go test runs, package by package.
var benchmarks = []struct{ pkg, pattern string }{
	{"./reference/server", "^BenchmarkList$"},
	{"./reference/ledger", "^BenchmarkPay$/^callers=(8|64)$"},
}

// A figure is one line of the table.
type figure struct {
	name   string
	bench  string  // as go test names it, without the number of processors
	unit   string  // of the rate that it reports
	wanted float64 // the least ratio of the rate to its baseline
}

// ratioUnit is the unit of what every benchmark reports besides its rate: how many
// times that of the baseline it was, in the median of short rounds in turn.
const ratioUnit = "x-baseline"

// A server that answers fixed bytes is as fast as one in Go can be, so List may lose
// a fifth of that. The payments that wait together share one commit, so the more
// wait, the more is gained.
var figures = []figure{
	{"List, 8 connections", "BenchmarkList/clients=8", "lists/s", 0.8},
	{"List, 64 connections", "BenchmarkList/clients=64", "lists/s", 0.8},
	{"payments, 8 at once", "BenchmarkPay/callers=8", "payments/s", 1.8},
	{"payments, 64 at once", "BenchmarkPay/callers=64", "payments/s", 5},
}

// A row is a figure with its medians.
type row struct {
	figure
	rate, base, ratio float64 // rates are per second
}

// measured reads the output of go test.
func measured(output string) ([]row, error) {
	rows := make([]row, len(figures))
	for i, f := range figures {
		var rates, bases, ratios []float64
		for line := range strings.Lines(output) {
			rate, ratio, err := f.read(strings.Fields(line))
			if err != nil {
				return nil, err
			}
			if ratio > 0 {
				rates, bases, ratios = append(rates, rate), append(bases, rate/ratio), append(ratios, ratio)
			}
		}
		if len(ratios) != runs {
			return nil, fmt.Errorf("%s was measured %d times, not %d", f.bench, len(ratios), runs)
		}
		rows[i] = row{f, median(rates), median(bases), median(ratios)}
	}
	return rows, nil
}

// read gives what a line says of this figure; zeros if it is of something else. A
// line is a name with the number of processors, a count, then values with units.
func (f figure) read(words []string) (rate, ratio float64, err error) {
	if len(words) < 2 || words[0] != f.bench && !strings.HasPrefix(words[0], f.bench+"-") {
		return 0, 0, nil
	}
	for i := 2; i+1 < len(words); i += 2 {
		value, err := strconv.ParseFloat(words[i], 64)
		if err != nil {
			return 0, 0, fmt.Errorf("reading %q: %w", strings.Join(words, " "), err)
		}
		switch words[i+1] {
		case f.unit:
			rate = value
		case ratioUnit:
			ratio = value
		}
	}
	return rate, ratio, nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// table shows the rows, and says what they are.
func table(rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-22s%12s%12s%8s%8s\n", "", "a second", "baseline", "ratio", "wanted")
	for _, r := range rows {
		short := ""
		if r.ratio < r.wanted {
			short = "  below"
		}
		fmt.Fprintf(&b, "%-22s%12.0f%12.0f%8.2f%8.1f%s\n", r.name, r.rate, r.base, r.ratio, r.wanted, short)
	}
	fmt.Fprintf(&b, `
Medians of %d. List beside a Go server that answers as many fixed bytes; durable
payments beside SQLite with one commit each. Both take turns in short rounds: the
ratio is the median round's, and the baseline is the figure divided by it.
`, runs)
	return b.String()
}
