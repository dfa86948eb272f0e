package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"paycheck/conformance"
)

// A Stream keeps a report on disk while a run goes on. The file itself is opened,
// and emptied, at once, so that a path that does not work is known before the
// run and an old report is never taken for this one. Beside it, at the path with
// ".part" after it, grows a file of JSON lines: the head of the document, marked
// incomplete, then one entry a line. [Stream.Close] writes the document and takes the
// ".part" away; a run that is killed leaves it, and it holds all results so far.
type Stream struct {
	file *os.File
	part *os.File // nil if file is a device or a pipe
	err  error    // the first error of a line
}

// Open opens the file at path, and its ".part" if it is a regular file.
func Open(path string) (*Stream, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	s := &Stream{file: file}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() {
		s.part, err = os.Create(path + ".part")
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// Head writes the first line.
func (s *Stream) Head(d Document) { s.line(d) }

// Add writes the line of one result.
func (s *Stream) Add(r conformance.Result) { s.line(NewEntry(r)) }

func (s *Stream) line(v any) {
	if s.part == nil || s.err != nil {
		return
	}
	s.err = json.NewEncoder(s.part).Encode(v)
}

// Close writes the document in place of the lines. The error is the first of the
// whole life of the stream; the lines stay where the document could not be written.
func (s *Stream) Close(d Document) error {
	text, err := d.JSON()
	if err == nil {
		_, err = s.file.Write(text)
	}
	if err = errors.Join(err, s.file.Close()); err != nil {
		return fmt.Errorf("writing the report: %w", errors.Join(err, s.Abandon()))
	}
	if s.part == nil {
		return nil
	}
	return errors.Join(s.err, s.part.Close(), os.Remove(s.part.Name()))
}

// Abandon closes the files and leaves the lines, if there are any.
func (s *Stream) Abandon() error {
	_ = s.file.Close() // it is empty, or its error was seen
	if s.part == nil {
		return s.err
	}
	return errors.Join(s.err, s.part.Close())
}
