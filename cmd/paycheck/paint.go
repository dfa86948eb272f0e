package main

import (
	"errors"
	"os"

	"paycheck/conformance/report/page"
)

// A painting says when to use colour: it is the value of --color.
type painting string

func (w *painting) String() string { return string(*w) }

// Type names the value in pflag's own errors.
func (w *painting) Type() string { return "string" }

// Set takes one of the three words.
func (w *painting) Set(word string) error {
	switch word {
	case "auto", "always", "never":
		*w = painting(word)
		return nil
	}
	return errors.New("there are auto, always, never")
}

// colour says whether to paint. In auto only a terminal is painted, and none for
// which NO_COLOR is set or TERM says that it cannot show it.
func (a *app) colour(when painting) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	_, isTerminal := terminalColumns(a.out)
	return isTerminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// page gives an empty page for standard output.
func (a *app) page(when painting) *page.Page {
	columns, _ := terminalColumns(a.out)
	return &page.Page{Columns: columns, Colour: a.colour(when)}
}
