package vectors

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paycheck/spec/edition"
)

// anyEdition stands in a line for each of the editions.
const anyEdition = "any"

var errTolerated = errors.New("a request is of the grammar or it is not: no ~ here")

// each reads the lines of a file and hands on their vectors, one for each edition.
func each(file, text string, kinds []Kind, add func(v Vector, tolerated bool) error) error {
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := parse(i+1, line, kinds, add); err != nil {
			return fmt.Errorf("vectors: %s:%d: %w", file, i+1, err)
		}
	}
	return nil
}

func parse(number int, line string, kinds []Kind, add func(v Vector, tolerated bool) error) error {
	words, comment, err := split(line)
	if err != nil {
		return err
	}
	if len(words) < 3 {
		return fmt.Errorf("%q is not edition, kind, text", line)
	}
	kind, tolerated := strings.CutPrefix(words[1], "~")
	v := Vector{Line: number, Kind: Kind(kind), Text: words[2], Fields: words[3:], Comment: comment}
	if !slices.Contains(kinds, v.Kind) {
		return fmt.Errorf("no kind %q; there are %q", kind, kinds)
	}
	editions := edition.All
	if words[0] != anyEdition {
		e, err := edition.Named(words[0])
		if err != nil {
			return err
		}
		editions = []edition.Edition{e}
	}
	for _, v.Edition = range editions {
		if err := add(v, tolerated); err != nil {
			return err
		}
	}
	return nil
}

// split cuts a line into its words, unquoted, and the comment that ends it.
func split(line string) (words []string, comment string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if rest, ok := strings.CutPrefix(line, "#"); ok {
			return words, strings.TrimSpace(rest), nil
		}
		word, quoted := line, strings.HasPrefix(line, `"`)
		if quoted {
			if word, err = strconv.QuotedPrefix(line); err != nil {
				return nil, "", fmt.Errorf("%s: %w", line, err)
			}
		} else if end := strings.IndexByte(line, ' '); end >= 0 {
			word = line[:end]
		}
		line = line[len(word):]
		if quoted {
			if word, err = strconv.Unquote(word); err != nil {
				return nil, "", fmt.Errorf("%s: %w", line, err)
			}
		}
		words = append(words, word)
	}
	return words, "", nil
}
