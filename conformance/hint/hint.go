// Package hint knows what is usually behind a failure. Its texts are data, in
// hints.toml, and in more than one language.
package hint

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

//go:embed hints.toml
var source string

// English is the language of every other text.
const English Language = "en"

// A Language is a tag of BCP 47, as hints.toml has it.
type Language string

// ErrLanguage says that there are no hints in a language.
var ErrLanguage = errors.New("no hints in that language")

// Evidence is what is known of a failure.
type Evidence struct {
	Requirement string   // its ID
	Got         []byte   // what came
	Why         string   // what the check says
	Signal      string   // what the program died of; empty: it did not
	Stderr      []string // the last lines that it printed
}

// A hint fits a failure if all fits that it gives.
type hint struct {
	name              string
	requirements      []string
	signal            string
	got, stderr, says *regexp.Regexp
	texts             map[Language]string
}

// read reads the data. Whatever is not one of the keys of an entry is the tag of a
// language.
func read(text string) (hints []hint, err error) {
	var file struct{ Hint []map[string]any }
	if err := toml.Unmarshal([]byte(text), &file); err != nil {
		return nil, fmt.Errorf("hint: %w", err)
	}
	for i, fields := range file.Hint {
		h := hint{texts: map[Language]string{}}
		for key, value := range fields {
			list, isList := value.([]any)
			word, isWord := value.(string)
			switch {
			case key == "requirement" && isList:
				for _, id := range list {
					h.requirements = append(h.requirements, fmt.Sprint(id))
				}
				continue
			case !isWord:
				return nil, fmt.Errorf("hint: entry %d: %s is no text", i+1, key)
			}
			switch key {
			case "name":
				h.name = word
			case "signal":
				h.signal = word
			case "got":
				h.got, err = regexp.Compile(word)
			case "stderr":
				h.stderr, err = regexp.Compile(word)
			case "why":
				h.says, err = regexp.Compile(word)
			default:
				h.texts[Language(key)] = strings.TrimSpace(word)
			}
			if err != nil {
				return nil, fmt.Errorf("hint: entry %d: %s: %w", i+1, key, err)
			}
		}
		hints = append(hints, h)
	}
	return hints, nil
}

// all are the hints of hints.toml, which a test holds to be readable.
var all = sync.OnceValue(func() []hint {
	hints, err := read(source)
	if err != nil {
		panic(err)
	}
	return hints
})

// Languages lists those that there are hints in, English first.
func Languages() []Language {
	known := map[Language]bool{}
	for _, h := range all() {
		for l := range h.texts {
			known[l] = l != English
		}
	}
	maps.DeleteFunc(known, func(_ Language, other bool) bool { return !other })
	return append([]Language{English}, slices.Sorted(maps.Keys(known))...)
}

// Named finds a language by its tag, however it is written. The error is
// [ErrLanguage].
func Named(tag string) (Language, error) {
	for _, l := range Languages() {
		if strings.EqualFold(strings.ReplaceAll(tag, "_", "-"), string(l)) {
			return l, nil
		}
	}
	return "", fmt.Errorf("%w: %q; there are %v", ErrLanguage, tag, Languages())
}

// Locale is the language of a locale such as zh_TW.UTF-8 (locale(7)); English where
// there are no hints in that one.
func Locale(name string) Language {
	tag, _, _ := strings.Cut(name, ".")
	tag, _, _ = strings.Cut(tag, "@")
	if l, err := Named(tag); err == nil {
		return l
	}
	return English
}

// For gives the hint that fits, in a language; empty if none does.
func For(e Evidence, l Language) string {
	for _, h := range all() {
		if h.fits(e) {
			if text, ok := h.texts[l]; ok {
				return text
			}
			return h.texts[English]
		}
	}
	return ""
}

func (h hint) fits(e Evidence) bool {
	return (len(h.requirements) == 0 || slices.Contains(h.requirements, e.Requirement)) &&
		(h.signal == "" || h.signal == e.Signal) &&
		(h.got == nil || h.got.Match(e.Got)) &&
		(h.says == nil || h.says.MatchString(e.Why)) &&
		(h.stderr == nil || h.stderr.MatchString(strings.Join(e.Stderr, "\n")))
}
