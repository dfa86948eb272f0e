package mutant

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// An entry is one program of a data file. There it reads
//
//	[name]
//	A sentence that says what is odd.
//	key: value
//	file: reference/wire/render.go
//	-old text, which occurs exactly once in that file
//	+new text
//
// Lines with - that follow each other are one text, and so are lines with +. A line
// that begins with # is a comment.
type entry struct {
	name   string
	text   string
	fields []field
	edits  []edit
	at     string // file:line
}

type field struct{ key, value, at string }

// An edit changes one place of one source file.
type edit struct{ file, old, new, at string }

// values gives what the entry has under a key.
func (e entry) values(key string) (values []field) {
	for _, f := range e.fields {
		if f.key == key {
			values = append(values, f)
		}
	}
	return values
}

// value is the one value of a key, or "".
func (e entry) value(key string) string {
	for _, f := range e.values(key) {
		return f.value
	}
	return ""
}

// readEntries reads a data file. Only the named keys may occur in it.
func readEntries(path string, keys ...string) ([]entry, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := reader{keys: keys}
	for i, line := range strings.Split(string(data), "\n") {
		at := fmt.Sprintf("%s:%d", filepath.Base(path), i+1)
		if err := r.line(line, at); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	return r.entries, nil
}

// A reader is how far the reading of a data file has come.
type reader struct {
	keys    []string
	entries []entry
	file    string // that the next edit is for
	adding  bool   // the last line was one with +
	editing bool   // the last line was one with - or +
}

func (r *reader) line(line, at string) error {
	editing, adding := r.editing, r.adding
	r.editing, r.adding = false, false
	name, ends := strings.CutSuffix(line, "]")
	name, begins := strings.CutPrefix(name, "[")
	switch {
	case line == "" || line[0] == '#':
		return nil
	case begins && ends:
		for _, e := range r.entries {
			if e.name == name {
				return fmt.Errorf("%s is there already", name)
			}
		}
		r.entries = append(r.entries, entry{name: name, at: at})
		r.file = ""
		return nil
	case len(r.entries) == 0:
		return fmt.Errorf("no [name] before %q", line)
	}
	e := &r.entries[len(r.entries)-1]
	switch {
	case line[0] == '-' || line[0] == '+':
		r.editing, r.adding = true, line[0] == '+'
		return r.edit(e, line, at, editing, adding)
	case e.text == "":
		e.text = line
		return nil
	}
	key, value, ok := strings.Cut(line, ": ")
	if !ok {
		return fmt.Errorf("neither a key with its value, nor an edit: %q", line)
	}
	if key == "file" {
		r.file = value
		return nil
	}
	for _, k := range r.keys {
		if k == key {
			e.fields = append(e.fields, field{key, value, at})
			return nil
		}
	}
	return fmt.Errorf("no key %q here; there are %s", key, strings.Join(r.keys, ", "))
}

// edit takes one line of an edit: the first, or one that goes on.
func (r *reader) edit(e *entry, line, at string, editing, adding bool) error {
	text := line[1:]
	switch {
	case r.file == "":
		return fmt.Errorf("an edit without a file")
	case line[0] == '-' && editing && !adding:
		e.edits[len(e.edits)-1].old += "\n" + text
	case line[0] == '-':
		e.edits = append(e.edits, edit{file: r.file, old: text, at: at})
	case !editing:
		return fmt.Errorf("new text without an old one")
	case adding:
		e.edits[len(e.edits)-1].new += "\n" + text
	default:
		e.edits[len(e.edits)-1].new = text
	}
	return nil
}

// apply gives the changed text of each file that the entry edits, by its path in
// the module at root.
func (e entry) apply(root string) (map[string]string, error) {
	changed := map[string]string{}
	for _, d := range e.edits {
		text, ok := changed[d.file]
		if !ok {
			data, err := os.ReadFile(filepath.Join(root, d.file))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.at, err)
			}
			text = string(data)
		}
		if n := strings.Count(text, d.old); n != 1 {
			return nil, fmt.Errorf("%s: [%s] %s has the old text %d times, not once: %q", d.at, e.name, d.file, n, d.old)
		}
		if d.old == d.new {
			return nil, fmt.Errorf("%s: [%s] old and new are the same", d.at, e.name)
		}
		changed[d.file] = strings.Replace(text, d.old, d.new, 1)
	}
	return changed, nil
}
