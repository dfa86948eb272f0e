package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"paycheck/conformance"
	"paycheck/conformance/report"
)

// files are the reports that a run writes besides what it shows. Each is opened
// before the run, so that a bad path is known at once.
type files struct {
	json  *report.Stream
	junit io.WriteCloser
}

// open opens the files that are named; empty: none.
func open(json, junit string) (*files, error) {
	f := &files{}
	var err error
	if json != "" {
		if f.json, err = report.Open(json); err != nil {
			return nil, fmt.Errorf("--json: %w", err)
		}
	}
	if junit != "" {
		file, err := os.Create(junit)
		if err != nil {
			return nil, fmt.Errorf("--junit: %w", err)
		}
		f.junit = file
	}
	return f, nil
}

func (f *files) head(d report.Document) {
	if f.json != nil {
		f.json.Head(d)
	}
}

func (f *files) add(r conformance.Result) {
	if f.json != nil {
		f.json.Add(r)
	}
}

// close writes what the files hold at the end.
func (f *files) close(run conformance.Run, gate conformance.Gate) error {
	return f.write(run, gate, report.NewDocument(run, gate))
}

// fail writes why there is no run.
func (f *files) fail(planned conformance.Run, gate conformance.Gate, cause error) error {
	planned.Incomplete = true
	planned.Notes = append(planned.Notes, cause.Error())
	d := report.NewDocument(planned, gate)
	d.Verdict = cause.Error()
	return f.write(planned, gate, d)
}

func (f *files) write(run conformance.Run, gate conformance.Gate, d report.Document) error {
	var errs []error
	if f.json != nil {
		errs = append(errs, f.json.Close(d))
	}
	if f.junit != nil {
		text, err := report.JUnit(run, gate)
		if err == nil {
			_, err = f.junit.Write(text)
		}
		errs = append(errs, err, f.junit.Close())
	}
	return errors.Join(errs...)
}

// joined adds an error to another, on one line.
func joined(err, also error) error {
	switch {
	case also == nil:
		return err
	case err == nil:
		return also
	}
	return fmt.Errorf("%w; %w", err, also)
}
